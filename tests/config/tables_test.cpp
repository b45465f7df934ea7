#include "tests/config/folder.hpp"

using namespace interlock::config;
using interlock::risk::Price;

namespace {

constexpr const char* header = "parent,account,symbol,side,size\n";

std::string parents(const std::string& lines) {
  const Folder folder;
  folder.write("parents.csv", lines);
  return lines_of(folder.load());
}

// What is wrong with a prices file, a line each.
std::string prices(const std::string& text) {
  const Folder folder;
  folder.write("prices.txt", text);
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  const auto references = load_prices(folder.at("prices.txt"), loaded.config->directory());
  if (references) return {};
  std::string lines;
  for (const auto& problem : references.error())
    lines += fmt::format("{}:{}: {}\n", problem.line, problem.column, problem.text);
  return lines;
}

}  // namespace

TEST_CASE("parents: a file with a header, and a parent a line") {
  const Folder folder;
  folder.write("parents.csv", std::string(header) +
                                  "\n# the desk's\nP-1,7731,ACME,1,1200\r\n"
                                  "P-2,7732,NVDA,5,0.5\n");
  const auto loaded = folder.load();
  CHECK(render(loaded.problems) == "");
  REQUIRE(loaded.config.has_value());
  REQUIRE(loaded.config->parents.size() == 2);
  const auto& second = loaded.config->parents[1];
  CHECK(second.parent == "P-2");
  CHECK(second.account == "7732");
  CHECK(second.symbol == "NVDA");
  CHECK(second.side == '5');
  CHECK(second.size == interlock::risk::Quantity::of_raw(500'000));
  CHECK(second.line == 5);
  CHECK(parents(header) == "");
}

TEST_CASE("parents: every mistake in one run, each with its line") {
  CHECK(parents(std::string(header) +
                "P-1,7739,ACME,1,1200\nP-2,7731,ACNE,1,1200\nP-3,7731,ACME,3,1200\n"
                "P-4,7731,ACME,1,0\nP-5,7731,ACME,1,-5\nP-6,7731,ACME,1\nP-7,7731,ACME,1,5,6\n"
                ",7731,ACME,1,5\nP-4,7731,ACME,1,5\nP-8,7731,ACME,1, 5\nP-9,7731,ACME,,5\n") ==
        "P-1,7739,ACME,1,1200: account '7739' is not in the policy\n"
        "P-2,7731,ACNE,1,1200: symbol 'ACNE' is not in the policy\n"
        "P-3,7731,ACME,3,1200: '3' is not a side\n"
        "P-4,7731,ACME,1,0: '0' is not a size above zero\n"
        "P-5,7731,ACME,1,-5: '-5' is not a size above zero\n"
        "P-6,7731,ACME,1: 4 values instead of 5\n"
        "P-7,7731,ACME,1,5,6: 6 values instead of 5\n"
        ",7731,ACME,1,5: the parent has no name\n"
        "P-4,7731,ACME,1,5: parent P-4 is declared twice\n"
        "P-8,7731,ACME,1,: ' 5' is not a size above zero\n"
        "P-9,7731,ACME,,5: '' is not a side\n");
  CHECK(parents("P-1,7731,ACME,1,1200\n") ==
        "P-1,7731,ACME,1,1200: the first line has to name the columns\n");
  const Folder folder;
  std::filesystem::remove(folder.at("parents.csv"));
  CHECK(lines_of(folder.load()) == ": cannot read the parents file\n");
  std::filesystem::create_directory(folder.at("parents.csv"));
  CHECK(lines_of(folder.load()) == ": cannot read the parents file\n");
}

TEST_CASE("prices: a time of their own, or that of the file") {
  const Folder folder;
  folder.write("prices.txt", "# close\nNVDA 182.5 2026-11-20T21:00:00Z\nACME  10\nOTHER 1\n");
  std::filesystem::last_write_time(
      folder.at("prices.txt"),
      std::chrono::file_clock::from_sys(std::chrono::sys_seconds{std::chrono::seconds{1'000}}));
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  const auto references = load_prices(folder.at("prices.txt"), loaded.config->directory());
  REQUIRE(references.has_value());
  REQUIRE(references->by_symbol.size() == 2);
  CHECK(references->by_symbol[0]->price == Price::of(10));
  CHECK(references->by_symbol[0]->as_of == interlock::risk::Time{1'000'000'000'000});
  CHECK(references->by_symbol[1]->price == Price::of_raw(18'250'000'000));
  CHECK(references->by_symbol[1]->as_of == interlock::risk::Time{1'795'208'400'000'000'000});
}

TEST_CASE("prices: a symbol without one has none, and nobody invents it") {
  const Folder folder;
  folder.write("prices.txt", "");
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  const auto references = load_prices(folder.at("prices.txt"), loaded.config->directory());
  REQUIRE(references.has_value());
  CHECK_FALSE(references->by_symbol.at(0).has_value());
}

TEST_CASE("prices: every mistake in one run, and then none of the file") {
  CHECK(prices("ACME 0\nNVDA -1\nACME 1e3\nACME 10 USD\nACME\nACME 10 2026-11-20T21:00:00\n"
               "ACME 10 2026-11-20T21:00:00Zx\nACME 10 2026-13-20T21:00:00Z\nACME 10\nACME 11\n"
               "ACME 10 2026-11-20T21:00:00Z x\nACME nan\n") ==
        "1:6: '0' is not a price above zero\n"
        "2:6: '-1' is not a price above zero\n"
        "3:6: '1e3' is not a price above zero\n"
        "4:9: 'USD' is not a time in UTC\n"
        "5:1: this is not a price\n"
        "6:9: '2026-11-20T21:00:00' is not a time in UTC\n"
        "7:9: '2026-11-20T21:00:00Zx' is not a time in UTC\n"
        "8:9: '2026-13-20T21:00:00Z' is not a time in UTC\n"
        "10:1: symbol ACME has a second price\n"
        "11:1: this is not a price\n"
        "12:6: 'nan' is not a price above zero\n");
  const Folder folder;
  CHECK_FALSE(load_prices(folder.at("nowhere.txt"), {}).has_value());
}

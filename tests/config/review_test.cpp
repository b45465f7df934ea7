#include "config/review.hpp"

#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

constexpr LocalDate today{2026, 11, 25};

std::string reviewed(const Loaded& loaded, LocalDate day = today) {
  REQUIRE(loaded.config.has_value());
  std::string lines;
  for (const auto& problem : review_policy(*loaded.config, day)) {
    CHECK(problem.severity == Problem::Severity::warning);
    lines += problem.text + '\n';
  }
  return lines;
}

}  // namespace

TEST_CASE("review: the sample gives no cause until its first day of review has passed") {
  const Folder folder;
  CHECK(reviewed(folder.load()) == "");
  CHECK(reviewed(folder.load(), {2027, 3, 31}) == "");
  CHECK(reviewed(folder.load(), {2027, 4, 1}) ==
        "chief risk officer had to review these limits on 2027-03-31\n");
}

TEST_CASE("review: one warning a table, and it stands where the day does") {
  const Folder folder;
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  const auto problems = review_policy(*loaded.config, {2027, 7, 1});
  CHECK(problems.size() == 8);  // as many tables set limits
  const std::string_view text = sample();
  CHECK(problems.at(0).line ==
        1 + std::ranges::count(text.substr(0, text.find("review = ")), '\n'));
  CHECK(problems.at(0).hint == "look at them again, and write the next day of review");
}

TEST_CASE("review: a limit of none that a rule demands is a warning, each of them once") {
  const Folder folder;
  CHECK(reviewed(folder.with("price_collar = \"3 %\"", "price_collar = \"none\"")) ==
        "price_collar has no limit for symbol ACME, and 15c3-5(c)(1)(ii), RTS 6 15(1)(a) demands "
        "one\n");
  CHECK(reviewed(folder.with("max_orders = \"1000 / 1 s\"", "max_orders = \"none\""))
            .starts_with("max_orders has no limit for firm, and 15c3-5(c)(1)(ii)"));
  CHECK(reviewed(folder.with("max_orders = \"200 / 1 s\"", "max_orders = \"none\""))
            .starts_with("max_orders has no limit for account 7731, account 7732, and "));
  // The accounts of different owners may trade with each other: no rule says otherwise.
  CHECK(std::string_view(sample()).find("self_match = \"none\"") != std::string_view::npos);
}

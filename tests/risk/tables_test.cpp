// Tables that grow with the day: in parts and in pages, and a window that is asked by one look.
#include <doctest/doctest.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <random>
#include <string>

#include "risk/in_parts.hpp"
#include "risk/pages.hpp"
#include "risk/text_hash.hpp"
#include "risk/window.hpp"

using namespace interlock::risk;

TEST_CASE("in parts: names spread over all parts, and each is found in its own") {
  InParts<boost::unordered_flat_map<std::string, int, TextHash, TextEqual>> table;
  CHECK(table.empty());
  constexpr int names = 64 * 1'000;
  for (int i = 0; i < names; ++i) {
    const std::string name = "R1-" + std::to_string(10'000'000 + i);
    table.of(name).emplace(name, i);
  }
  CHECK(table.size() == names);
  for (const auto& part : table) {
    CHECK(part.size() > 700);  // of 1,000; one that grew alone would make its users wait for all
    CHECK(part.size() < 1'300);
  }
  for (const int i : {0, 4'711, names - 1}) {
    const std::string name = "R1-" + std::to_string(10'000'000 + i);
    const auto found = table.of(name).find(name);
    REQUIRE(found != table.of(name).end());
    CHECK(found->second == i);
  }
  CHECK_FALSE(table.of(std::string("R2")).contains(std::string("R2")));
}

TEST_CASE("pages: what is in them stays where it is, and what was cut comes back fresh") {
  Pages<std::string, 4> pages;
  std::string* const first = &pages.push_back("0");
  for (int i = 1; i < 10; ++i) pages.push_back(std::to_string(i));
  CHECK(first == &pages[0]);
  CHECK(pages.size() == 10);
  CHECK(pages[9] == "9");
  pages.cut(6);
  CHECK(pages.size() == 6);
  CHECK(pages[5] == "5");
  CHECK(pages.emplace_back().empty());  // 6 and 7 are of a page that stayed
  CHECK(pages.emplace_back().empty());
  CHECK(pages.emplace_back().empty());
  CHECK(pages.size() == 9);
  pages.cut(0);
  CHECK(pages.size() == 0);
}

TEST_CASE("window: it reaches as many as came within a span, and not one more") {
  std::mt19937 random(20261127);
  const auto below = [&](std::uint32_t bound) {
    return static_cast<std::uint32_t>(random() % bound);
  };
  std::uint32_t most = 0;
  for (int round = 0; round < 200; ++round) {
    const Duration span{1 + below(400)};
    Window window;
    window.remember({3'000, span});
    Time now;
    for (std::uint32_t i = below(3'000); i > 0; --i) {
      now.ns += below(3) == 0 ? below(4) : 0;
      window.add(now);
    }
    now.ns += below(50);
    const std::uint32_t within = window.within(span, now);
    most = std::max(most, within);
    REQUIRE(window.reaches(within, span, now));
    REQUIRE(window.reaches(below(within + 1), span, now));
    REQUIRE(!window.reaches(within + 1, span, now));
    REQUIRE(!window.reaches(within + 2 + below(9), span, now));
  }
  CHECK(most > 500);
}

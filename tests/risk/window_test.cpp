#include "risk/window.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <random>

using namespace interlock::risk;

namespace {
Time ms(std::int64_t n) { return Time{} + milliseconds(n); }
}  // namespace

TEST_CASE("window: it slides, and does not start anew with each second") {
  Window window;
  for (const int at : {900, 950, 1010, 1020}) window.add(ms(at));
  CHECK(window.within(seconds(1), ms(1020)) == 4);
  CHECK(window.within(seconds(1), ms(1899)) == 4);
  CHECK(window.within(seconds(1), ms(1900)) == 3);  // one that is a whole window old is out
  CHECK(window.within(milliseconds(15), ms(1020)) == 2);
  CHECK(window.within(seconds(1), ms(2020)) == 0);
}

TEST_CASE("window: it remembers as many as its limit needs, and then forgets the oldest") {
  Window window;
  window.remember({5000, seconds(1)});
  for (int i = 0; i < 6000; ++i) window.add(ms(i / 10));
  CHECK(window.size() == 5000);
  CHECK(window.within(seconds(1), ms(600)) == 5000);
}

TEST_CASE("window: what is older than the limit's window is forgotten before memory grows") {
  Window window;
  window.remember({1'000'000, milliseconds(100)});
  for (int i = 0; i < 100'000; ++i) window.add(ms(i));
  CHECK(window.size() <= 2048);
  CHECK(window.within(milliseconds(100), ms(99'999)) == 100);
}

TEST_CASE("window: a clock that is set back never makes entries disappear") {
  Window window;
  window.add(ms(10'000));
  window.add(ms(2'000));
  CHECK(window.within(seconds(1), ms(2'000)) == 2);
  CHECK(window.within(seconds(1), ms(10'500)) == 2);
  CHECK(window.within(seconds(1), ms(11'000)) == 0);
}

TEST_CASE("window: it counts as a plain list of times does") {
  std::mt19937 random(7);
  Window window;
  window.remember({50, milliseconds(300)});
  std::deque<Time> list;
  Time now = ms(0);
  for (int i = 0; i < 20'000; ++i) {
    now = now + milliseconds(static_cast<std::int64_t>(random() % 20));
    window.add(now);
    list.push_back(now);
    const Duration span = milliseconds(static_cast<std::int64_t>(random() % 400));
    std::uint32_t expected = 0;
    for (auto it = list.rbegin(); it != list.rend() && now - *it < span; ++it) ++expected;
    REQUIRE(window.within(span, now) == expected);
  }
}

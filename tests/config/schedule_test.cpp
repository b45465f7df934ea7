#include "config/schedule.hpp"

#include <date/date.h>
#include <doctest/doctest.h>

#include <sstream>

using namespace interlock::config;
using interlock::risk::Time;

namespace {

Time utc(const char* text) {
  std::istringstream in(text);
  date::sys_seconds seconds;
  in >> date::parse("%F %T", seconds);
  REQUIRE_FALSE(in.fail());
  return {seconds.time_since_epoch().count() * 1'000'000'000};
}

Schedule new_york() {
  Schedule schedule;
  schedule.always = false;
  schedule.open_s = 9 * 3600 + 1800;
  schedule.close_s = 16 * 3600;
  schedule.zone = "America/New_York";
  schedule.weekdays = 0b0011111;
  schedule.holidays = {{2026, 11, 26}};
  return schedule;
}

Schedule over_midnight() {  // as futures trade: Sunday to Thursday, 18:00 to 17:00 of the next day
  auto schedule = new_york();
  schedule.open_s = 18 * 3600;
  schedule.close_s = 17 * 3600;
  schedule.weekdays = 0b1001111;
  return schedule;
}

}  // namespace

TEST_CASE("schedule: always is open, changes never, and counts days in its zone") {
  Schedule always;
  CHECK(always.open_at(utc("2026-11-01 06:30:00")));
  CHECK_FALSE(always.next_change(utc("2026-11-01 06:30:00")).has_value());
  CHECK(always.trading_day(utc("2026-11-01 23:59:59")) == LocalDate{2026, 11, 1});
  always.zone = "Asia/Tokyo";
  CHECK(always.trading_day(utc("2026-11-01 23:59:59")) == LocalDate{2026, 11, 2});
}

TEST_CASE("schedule: it opens at the first instant and is closed from the last one on") {
  const auto schedule = new_york();  // Friday, 2026-06-12, UTC-4
  CHECK_FALSE(schedule.open_at(utc("2026-06-12 13:29:59")));
  CHECK(schedule.open_at(utc("2026-06-12 13:30:00")));
  CHECK(schedule.open_at(utc("2026-06-12 19:59:59")));
  CHECK_FALSE(schedule.open_at(utc("2026-06-12 20:00:00")));
}

TEST_CASE("schedule: the opening moves in UTC when daylight saving begins and ends") {
  const auto schedule = new_york();
  CHECK_FALSE(schedule.open_at(utc("2026-03-06 14:29:59")));  // Friday, UTC-5
  CHECK(schedule.open_at(utc("2026-03-06 14:30:00")));
  CHECK(schedule.open_at(utc("2026-03-09 13:30:00")));  // Monday after 8 March: UTC-4
  CHECK(schedule.open_at(utc("2026-10-30 13:30:00")));  // Friday before 1 November: UTC-4
  CHECK_FALSE(schedule.open_at(utc("2026-11-02 13:30:00")));
  CHECK(schedule.open_at(utc("2026-11-02 14:30:00")));
  CHECK(schedule.next_change(utc("2026-10-30 20:00:00")) == utc("2026-11-02 14:30:00"));
  CHECK(schedule.next_change(utc("2026-03-06 21:00:00")) == utc("2026-03-09 13:30:00"));
}

TEST_CASE("schedule: a daily period ends at its own time in its zone, over midnight too") {
  const std::vector<DailyPeriod> periods{{15 * 3600 + 3590, 16 * 3600}, {23 * 3600, 3600}};
  const auto end = [&](const char* now) {
    return end_of_period(periods, "America/New_York", utc(now));
  };
  CHECK_FALSE(end("2026-06-12 19:59:49").has_value());  // UTC-4
  CHECK(end("2026-06-12 19:59:50") == utc("2026-06-12 20:00:00"));
  CHECK(end("2026-06-12 19:59:59") == utc("2026-06-12 20:00:00"));
  CHECK_FALSE(end("2026-06-12 20:00:00").has_value());
  CHECK(end("2026-12-11 20:59:55") == utc("2026-12-11 21:00:00"));  // UTC-5
  CHECK(end("2026-06-13 03:30:00") == utc("2026-06-13 05:00:00"));
  CHECK(end("2026-06-13 04:30:00") == utc("2026-06-13 05:00:00"));
  CHECK_FALSE(end_of_period({}, "UTC", utc("2026-06-13 04:30:00")).has_value());
}

TEST_CASE("schedule: weekends and holidays have no session") {
  const auto schedule = new_york();
  CHECK_FALSE(schedule.open_at(utc("2026-06-13 15:00:00")));  // Saturday
  CHECK_FALSE(schedule.open_at(utc("2026-11-26 15:00:00")));  // Thanksgiving
  CHECK(schedule.next_change(utc("2026-11-25 21:00:00")) == utc("2026-11-27 14:30:00"));
  CHECK(schedule.trading_day(utc("2026-11-26 15:00:00")) == LocalDate{2026, 11, 25});
}

TEST_CASE("schedule: a session over midnight belongs to the day on which it opened") {
  const auto schedule = over_midnight();
  CHECK(schedule.open_at(utc("2026-06-15 03:00:00")));  // Sunday 23:00 in New York
  CHECK(schedule.trading_day(utc("2026-06-15 15:00:00")) == LocalDate{2026, 6, 14});
  CHECK(schedule.open_at(utc("2026-06-15 20:59:59")));
  CHECK_FALSE(schedule.open_at(utc("2026-06-15 21:00:00")));  // the hour between two sessions
  CHECK(schedule.open_at(utc("2026-06-15 22:00:00")));
  CHECK(schedule.trading_day(utc("2026-06-15 22:00:00")) == LocalDate{2026, 6, 15});
  CHECK_FALSE(schedule.open_at(utc("2026-06-19 22:00:00")));  // Friday evening
  CHECK(schedule.next_change(utc("2026-06-19 22:00:00")) == utc("2026-06-21 22:00:00"));
}

TEST_CASE("schedule: the night on which the clock changes is an hour longer or shorter") {
  const auto schedule = over_midnight();
  auto every_day = schedule;
  every_day.weekdays = 0x7f;
  // From 31 October 18:00 UTC-4 to 1 November 17:00 UTC-5: 24 hours.
  CHECK(every_day.next_change(utc("2026-10-31 21:30:00")) == utc("2026-10-31 22:00:00"));
  CHECK(every_day.next_change(utc("2026-10-31 22:00:00")) == utc("2026-11-01 22:00:00"));
  // From 7 March 18:00 UTC-5 to 8 March 17:00 UTC-4: 22 hours.
  CHECK(every_day.next_change(utc("2026-03-07 22:30:00")) == utc("2026-03-07 23:00:00"));
  CHECK(every_day.next_change(utc("2026-03-07 23:00:00")) == utc("2026-03-08 21:00:00"));
}

TEST_CASE(
    "schedule: a time that occurs twice is its first occurrence, one that never occurs none") {
  auto schedule = new_york();
  schedule.weekdays = 0x7f;
  schedule.open_s = 3600 + 1800;  // 01:30 to 03:00
  schedule.close_s = 3 * 3600;
  CHECK(schedule.open_at(utc("2026-11-01 05:30:00")));  // 01:30 UTC-4
  CHECK(schedule.open_at(utc("2026-11-01 06:30:00")));  // 01:30 UTC-5: still the same session
  CHECK_FALSE(schedule.open_at(utc("2026-11-01 08:00:00")));
  schedule.open_s = 2 * 3600 + 900;  // 02:15 to 02:45 does not occur on 8 March
  schedule.close_s = 2 * 3600 + 2700;
  CHECK_FALSE(schedule.open_at(utc("2026-03-08 07:00:00")));
  CHECK(schedule.next_change(utc("2026-03-07 07:45:00")) == utc("2026-03-09 06:15:00"));
}

TEST_CASE("schedule: around the clock, each opening is a change and begins a trading day") {
  auto schedule = new_york();
  schedule.weekdays = 0x7f;
  schedule.holidays.clear();
  schedule.open_s = schedule.close_s = 17 * 3600;
  const auto change = utc("2026-06-15 21:00:00");
  CHECK(schedule.next_change(utc("2026-06-15 12:00:00")) == change);
  CHECK(schedule.open_at(change));
  CHECK(schedule.trading_day({change.ns - 1}) == LocalDate{2026, 6, 14});
  CHECK(schedule.trading_day(change) == LocalDate{2026, 6, 15});
}

TEST_CASE("schedule: no weekday means no change within 400 days") {
  auto schedule = new_york();
  schedule.weekdays = 0;
  CHECK_FALSE(schedule.open_at(utc("2026-06-15 15:00:00")));
  CHECK_FALSE(schedule.next_change(utc("2026-06-15 15:00:00")).has_value());
}

TEST_CASE("schedule: changes alternate, and open_at agrees with them through a whole year") {
  const auto schedule = new_york();
  auto now = utc("2026-01-01 00:00:00");
  bool open = schedule.open_at(now);
  int changes = 0;
  for (auto next = schedule.next_change(now); next && *next < utc("2027-01-01 00:00:00");
       next = schedule.next_change(now)) {
    CHECK(*next > now);
    CHECK(schedule.open_at({next->ns - 1}) == open);
    open = !open;
    CHECK(schedule.open_at(*next) == open);
    now = *next;
    ++changes;
  }
  CHECK(changes == 2 * 260);  // 261 weekdays of 2026 without Thanksgiving
}

TEST_CASE("schedule: a zone is a name that the system knows") {
  CHECK(zone_exists("America/New_York"));
  CHECK(zone_exists("UTC"));
  CHECK_FALSE(zone_exists("America/New_Yrok"));
  CHECK_FALSE(zone_exists(""));
}

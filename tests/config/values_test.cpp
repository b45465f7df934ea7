#include "config/values.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace interlock::config;
using interlock::risk::Collar;
using interlock::risk::Money;

TEST_CASE("values: an amount has a number, maybe K, M or B, and the policy's currency") {
  struct Row {
    const char* text;
    std::int64_t raw;  // 10^-4; 0: refused
  };
  for (const auto& row : {Row{"5 M USD", 50'000'000'000},
                          Row{"5M USD", 50'000'000'000},
                          Row{"1.5 B USD", 15'000'000'000'000},
                          Row{"250 K USD", 2'500'000'000},
                          Row{"5_000 USD", 50'000'000},
                          Row{"0.0001 USD", 1},
                          Row{"0.1234 M USD", 1'234'000'000},
                          Row{"922337203685477.5807 USD", INT64_MAX},
                          Row{"922337203685477.5808 USD", 0},
                          Row{"922337204 M USD", 0},
                          Row{"0 USD", 0},
                          Row{"0.00001 USD", 0},
                          Row{"-5 USD", 0},
                          Row{"+5 USD", 0},
                          Row{"5e6 USD", 0},
                          Row{"5 M EUR", 0},
                          Row{"5 M", 0},
                          Row{"5 USD M", 0},
                          Row{"5 m USD", 0},
                          Row{"5 M USD x", 0},
                          Row{"USD 5", 0},
                          Row{"5,000 USD", 0},
                          Row{"_5 USD", 0},
                          Row{"5_ USD", 0},
                          Row{"5__0 USD", 0},
                          Row{"5_.0 USD", 0},
                          Row{"1.2.3 USD", 0},
                          Row{"", 0},
                          Row{" ", 0}}) {
    CAPTURE(row.text);
    const auto money = parse_money(row.text, "USD");
    CHECK(money.value_or(Money{}).raw() == row.raw);
    CHECK(money.has_value() == (row.raw != 0));
  }
}

TEST_CASE("values: a collar is a share of the price or an amount, and says which") {
  struct Row {
    const char* text;
    std::int64_t parts, amount;  // 10^-6, 10^-8; both 0: refused
  };
  for (const auto& row :
       {Row{"3 %", 30'000, 0}, Row{"3%", 30'000, 0}, Row{"0.0001 %", 1, 0},
        Row{"12.5 %", 125'000, 0}, Row{"0.03 USD", 0, 3'000'000}, Row{"0.00001 %", 0, 0},
        Row{"0 %", 0, 0}, Row{"3", 0, 0}, Row{"3 percent", 0, 0}, Row{"0.03 EUR", 0, 0},
        Row{"-3 %", 0, 0}, Row{"3 % USD", 0, 0}, Row{"3 M USD", 0, 0}, Row{"%", 0, 0}}) {
    CAPTURE(row.text);
    const auto collar = parse_collar(row.text, "USD");
    CHECK(collar.value_or(Collar{}).parts_per_million == row.parts);
    CHECK(collar.value_or(Collar{}).amount.raw() == row.amount);
    CHECK(collar.has_value() == (row.parts + row.amount != 0));
  }
}

TEST_CASE("values: a rate is a count in a window") {
  struct Row {
    const char* text;
    std::uint32_t count;  // 0: refused
    std::int64_t window_ns;
  };
  for (const auto& row :
       {Row{"500 / 1 s", 500, 1'000'000'000}, Row{"20/100ms", 20, 100'000'000},
        Row{"1_000 / 1 min", 1000, 60'000'000'000},
        Row{"4294967295 / 1 h", 4294967295, 3'600'000'000'000}, Row{"4294967296 / 1 s", 0, 0},
        Row{"0 / 1 s", 0, 0}, Row{"500 / s", 0, 0}, Row{"500 / 0 s", 0, 0}, Row{"500", 0, 0},
        Row{"500 / 1", 0, 0}, Row{"1.5 / 1 s", 0, 0}, Row{"500 / 1 s / 1 s", 0, 0},
        Row{"500 orders / 1 s", 0, 0}, Row{"-5 / 1 s", 0, 0}, Row{"/", 0, 0}}) {
    CAPTURE(row.text);
    const auto rate = parse_rate(row.text);
    CHECK(rate.has_value() == (row.count != 0));
    if (!rate) continue;
    CHECK(rate->count == row.count);
    CHECK(rate->window.ns == row.window_ns);
  }
}

TEST_CASE("values: durations and sizes name their unit, and have an end") {
  struct Row {
    const char* text;
    std::int64_t value;  // 0: refused
  };
  for (const auto& row :
       {Row{"500 ms", 500'000'000}, Row{"30 s", 30'000'000'000}, Row{"24 h", 86'400'000'000'000},
        Row{"10 us", 10'000}, Row{"5 min", 300'000'000'000}, Row{"744 h", 2'678'400'000'000'000},
        Row{"745 h", 0}, Row{"0 s", 0}, Row{"1.5 s", 0}, Row{"30", 0}, Row{"30 sec", 0},
        Row{"30 S", 0}, Row{"s", 0}, Row{"99999999999999999999 s", 0}, Row{"9999999999999 s", 0}}) {
    CAPTURE(row.text);
    CHECK(parse_duration(row.text).value_or(interlock::risk::Duration{}).ns == row.value);
  }
  for (const auto& row :
       {Row{"64 MiB", 64 << 20}, Row{"1 B", 1}, Row{"4 KiB", 4096}, Row{"64 GiB", 68'719'476'736},
        Row{"65 GiB", 0}, Row{"64 MB", 0}, Row{"64", 0}, Row{"0 MiB", 0}, Row{"-1 MiB", 0}}) {
    CAPTURE(row.text);
    CHECK(parse_bytes(row.text).value_or(0) == static_cast<std::uint64_t>(row.value));
  }
  CHECK(parse_percent("75 %") == std::uint8_t{75});
  CHECK(parse_percent("100 %") == std::uint8_t{100});
  for (const auto* text : {"101 %", "0 %", "75", "7.5 %"}) CHECK_FALSE(parse_percent(text));
}

TEST_CASE("values: a time of day has two digits each") {
  CHECK(parse_time_of_day("00:00") == 0);
  CHECK(parse_time_of_day("09:30") == 34'200);
  CHECK(parse_time_of_day("23:59:59") == 86'399);
  for (const auto* text : {"24:00", "9:30", "09:60", "09:30:60", "09-30", "09:30:", "+9:30", ""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time_of_day(text));
  }
}

TEST_CASE("values: an address is a literal with a port, never a name") {
  CHECK(parse_address("127.0.0.1:9012")->port == 9012);
  CHECK(parse_address("[::1]:9012")->host == "::1");
  CHECK(parse_address("0.0.0.0:0")->port == 0);
  for (const auto* text :
       {"localhost:9012", "venue.example:1", "127.0.0.1", "127.0.0.1:", ":9012", "127.0.0.1:65536",
        "127.0.0.1:+1", "127.0.0.1:-1", "127.1:9012", "::1:9012", "[127.0.0.1]:9012", "[]:1",
        "0x7f.0.0.1:1", "127.0.0.01:1", "127.0.0.1:9012 ", ""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_address(text).has_value());
  }
  for (const auto* text : {"10.0.0.0/8", "10.0.0.7", "::1", "fd00::/8"}) CHECK(is_network(text));
  for (const auto* text : {"10.0.0.0/33", "10.0.0", "fd00::/129", "host", "", "10.0.0.0/"})
    CHECK_FALSE(is_network(text));
  CHECK(is_loopback("127.8.0.1"));
  CHECK(is_loopback("::1"));
  CHECK_FALSE(is_loopback("0.0.0.0"));
}

TEST_CASE("values: what is written for people reads back as the same value") {
  std::mt19937_64 random(20261121);
  for (int i = 0; i < 2000; ++i) {
    const auto raw = static_cast<std::int64_t>(random() >> (1 + random() % 60)) + 1;
    const auto money = Money::of_raw(raw);
    CHECK(parse_money(text_of(money, "USD"), "USD") == money);
    const interlock::risk::Duration duration{raw % 86'400'000'000 * 1'000 + 1'000};
    CHECK(parse_duration(text_of(duration)) == duration);
    const interlock::risk::Rate rate{static_cast<std::uint32_t>(raw % 100'000) + 1, duration};
    CHECK(parse_rate(text_of(rate, "USD"))->count == rate.count);
    Collar collar;
    collar.parts_per_million = raw;
    CHECK(parse_collar(text_of(collar, "USD"), "USD")->parts_per_million == raw);
    collar = {Collar::Kind::amount, 0, interlock::risk::Price::of_raw(raw)};
    CHECK(parse_collar(text_of(collar, "USD"), "USD")->amount.raw() == raw);
  }
}

TEST_CASE("values: no text of random bytes is read as anything without its unit") {
  std::mt19937 random(7);
  const std::string alphabet = "0123456789._ /%MKBUSDmshi:-+e";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto size = random() % 12; size > 0; --size) text += alphabet[random() % alphabet.size()];
    CAPTURE(text);
    if (parse_money(text, "USD")) CHECK(text.find("USD") != std::string::npos);
    if (parse_rate(text)) CHECK(text.find('/') != std::string::npos);
    if (parse_duration(text)) CHECK(text.find_first_of("smh") != std::string::npos);
    if (parse_bytes(text)) CHECK(text.find('B') != std::string::npos);
    if (parse_percent(text)) CHECK(text.find('%') != std::string::npos);
  }
}

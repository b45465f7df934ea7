#include <doctest/doctest.h>

#include <string>

#include "gateway/wire.hpp"
#include "tests/gateway/frames.hpp"

using namespace interlock;
using namespace interlock::gateway;

TEST_CASE("writing: a built frame is read back with the same values and body") {
  const std::string body = bytes("11=A1|55=IBM|54=1|60=20261121-14:30:00|38=100|40=1|");
  HeaderValues header{.begin_string = "FIX.4.4",
                      .type = "D",
                      .sender = "GATE",
                      .target = "VENUE",
                      .sequence = 42,
                      .sending_time = "20261121-14:30:00.001"};
  header.extra = "50=DESK\x01";
  const std::string frame = build_frame(header, body);
  CHECK(readable(frame).starts_with(
      "8=FIX.4.4|9=112|35=D|34=42|49=GATE|52=20261121-14:30:00.001|56=VENUE|50=DESK|11=A1|"));
  CHECK(next_frame(frame, 65536).frame == frame);
  const auto parsed = parse_strict(frame, fix44());
  REQUIRE(parsed);
  CHECK(parsed->body() == body);
  CHECK(parsed->sequence == 42);
}

TEST_CASE("writing: a resent frame says so, with its first sending time") {
  const std::string frame = build_frame({.begin_string = "FIX.4.4",
                                         .type = "0",
                                         .sender = "GATE",
                                         .target = "V",
                                         .sequence = 1,
                                         .sending_time = "20261121-14:30:00.001",
                                         .poss_dup = true,
                                         .orig_sending_time = "20261121-14:29:00.001"},
                                        "");
  const auto parsed = parse_strict(frame, fix44());
  REQUIRE(parsed);
  CHECK(parsed->poss_dup);
  CHECK(parsed->get(122) == "20261121-14:29:00.001");
  CHECK(parsed->body().empty());
}

TEST_CASE("writing: a substitution changes named values outside groups, and nothing else") {
  const std::string list = framed("FIX.4.2",
                                  "35=E|34=2|49=R|52=20261121-14:30:00|56=G|66=L1|394=1|68=1|73=1|"
                                  "11=A1|67=1|55=IBM|54=1|38=100|40=1|");
  const auto group = parse_strict(list, fix42());
  REQUIRE(group);
  const Substitution ids[] = {{11, "R1-A1"}, {66, "R1-L1"}, {41, "R1-A0"}};
  CHECK(substitute(*group, ids) ==
        bytes("66=R1-L1|394=1|68=1|73=1|11=A1|67=1|55=IBM|54=1|38=100|40=1|"));
  const auto frame = order_44();
  const auto order = parse_strict(frame, fix44());
  REQUIRE(order);
  std::string expected(order->body());
  expected.replace(0, 5, "11=R1-A1");
  CHECK(substitute(*order, ids) == expected);
  CHECK(substitute(*order, {}) == order->body());
}

TEST_CASE("writing: numbers and texts in a body") {
  CHECK(BodyWriter().put(45, std::int64_t{7}).put(58, "text").bytes() == bytes("45=7|58=text|"));
  CHECK(BodyWriter().put(6, std::int64_t{-1}).bytes() == bytes("6=-1|"));
}

TEST_CASE("writing: timestamps are UTC with milliseconds, cut and not rounded") {
  CHECK(fix_timestamp(0) == "19700101-00:00:00.000");
  CHECK(fix_timestamp(1'795'271'400'123'999'999) == "20261121-14:30:00.123");
  CHECK(fix_timestamp(1'709'251'199'999'000'000) == "20240229-23:59:59.999");
}

TEST_CASE("reading for people: passwords are masked, raw data with its SOH too") {
  CHECK(readable(bytes("8=FIX.4.4|35=A|553=me|554=secret|925=next|95=3|96=a|b|1402=x|98=0|")) ==
        "8=FIX.4.4|35=A|553=me|554=***|925=***|95=3|96=***|1402=***|98=0|");
  CHECK(readable(bytes("35=B|95=3|96=abc|")) == "35=B|95=3|96=abc|");
  CHECK(readable("58=a\x02"
                 "b") == "58=a?b");
  CHECK(readable("") == "");
}

TEST_CASE("timestamp: what is written is read again, with up to nine decimals") {
  const std::int64_t ns = 1'767'623'400'123'000'000;
  CHECK(read_timestamp(fix_timestamp(ns)) == ns);
  CHECK(read_timestamp("20260105-14:30:00") == 1'767'623'400'000'000'000);
  CHECK(read_timestamp("20260105-14:30:00.123456789") == 1'767'623'400'123'456'789);
  CHECK(read_timestamp("19700101-00:00:00.000001") == 1'000);
  for (const char* bad : {"", "20260230-00:00:00", "20260105 14:30:00", "20260105-14:30:00.1"}) {
    CHECK_FALSE(read_timestamp(bad).has_value());
  }
}

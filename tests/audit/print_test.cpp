#include "audit/print.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "audit/fields.hpp"

using namespace interlock::audit;

namespace {

std::string with_soh(std::string frame) {
  std::ranges::replace(frame, '|', '\x01');
  return frame;
}

std::string masked(const std::string& frame) {
  auto text = mask_secrets(with_soh(frame));
  std::ranges::replace(text, '\x01', '|');
  return text;
}

Record record(const FieldWriter& fields, std::string_view actor = "R1") {
  return {.location = {.sequence = 204889},
          .kind = Kind::router_message,
          .time_ns = 1'795'253'400'123'456'789,
          .mono_ns = 42,
          .actor = actor,
          .payload = fields.bytes()};
}

}  // namespace

TEST_CASE("print: a refused order as one line") {
  FieldWriter fields;
  fields.put(Field::in_sequence, 34)
      .put(Field::in_frame, with_soh("8=FIX.4.2|35=D|"))
      .put(Field::reason, 5)
      .put(Field::text, "child 100 makes 12100 of parent P-00417's 12000")
      .put(Field::parent, "P-00417")
      .put(Field::scope_kind, 2)
      .put(Field::time, 1'795'253'400'000'000'001);
  CHECK(print(record(fields)) ==
        "B204889 2026-11-21T09:30:00.123456789Z router_message R1 | in=34 8=FIX.4.2|35=D| | "
        "PARENT_FILL child 100 makes 12100 of parent P-00417's 12000 parent=P-00417 "
        "scope_kind=router time=2026-11-21T09:30:00.000000001Z");
}

TEST_CASE("print: the same as JSON") {
  FieldWriter fields;
  fields.put(Field::in_sequence, 34)
      .put(Field::in_frame, with_soh("8=FIX.4.2|554=x|"))
      .put(Field::reason, 5)
      .put(Field::text, "say \"no\"\\\n");
  CHECK(print_json(record(fields)) ==
        R"({"sequence":204889,"time":"2026-11-21T09:30:00.123456789Z","mono_ns":42,)"
        R"("kind":"router_message","actor":"R1","fields":[["in_sequence",34],)"
        R"(["in_frame","8=FIX.4.2\u0001554=***\u0001"],["reason","PARENT_FILL"],)"
        R"(["text","say \"no\"\\\u000a"]]})");
}

TEST_CASE("print: frames in the words of who asks, without their secrets") {
  FieldWriter fields;
  fields.put(Field::in_frame, with_soh("8=FIX.4.2|554=x|"));
  const auto words = [](std::string_view frame) { return "<" + std::string(frame) + ">"; };
  CHECK(print(record(fields), words).ends_with(" <8=FIX.4.2|554=***|>"));
  CHECK(print_json(record(fields), words).find(R"("<8=FIX.4.2|554=***|>")") != std::string::npos);
}

TEST_CASE("print: what a later build wrote, and what cannot be read") {
  FieldWriter fields;
  fields.put(static_cast<Field>(250), "new")
      .put(Field::in_sequence, "short")
      .put(Field::reason, 9999);
  auto unknown = record(fields);
  unknown.kind = static_cast<Kind>(900);
  CHECK(print(unknown).ends_with("kind_900 R1 field_250=new | in=short | 9999"));
  CHECK(print_json(unknown).find(
            R"(["field_250","new"],["in_sequence","short"],["reason",9999])") != std::string::npos);
  auto broken = record(fields);
  broken.payload = broken.payload.first(3);
  CHECK(print(broken).ends_with("its payload cannot be read"));
  CHECK(print_json(broken).ends_with(R"("problem":"its payload cannot be read"})"));
}

TEST_CASE("print: neither control characters nor broken UTF-8 come through") {
  FieldWriter fields;
  const std::string hostile =
      "a\x1b[2J\r\n\x7f\xc2\x9b\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82";
  fields.put(Field::text, hostile);
  const auto line = print(record(fields, "\x1b]0;x\x07"));
  const auto json = print_json(record(fields, "\x1b"));
  for (const auto& text : {line, json}) {
    CHECK(std::ranges::none_of(text, [](char c) { return c >= 0 && c < 0x20; }));
  }
  CHECK(line.find("a\\x1b[2J\\x0d\\x0a\\x7f\\xc2\\x9b\\xff\\xc0\\xaf\\xed\\xa0\\x80") !=
        std::string::npos);
  CHECK(json.find("a\\u001b[2J\\u000d\\u000a\\u007f\xef\xbf\xbd") != std::string::npos);
  CHECK(json.find('\xff') == std::string::npos);
}

TEST_CASE("print: words of all languages stay words") {
  FieldWriter fields;
  fields.put(Field::text, "Zoë 注文 😀");
  CHECK(print(record(fields)).ends_with(" Zoë 注文 😀"));
  CHECK(print_json(record(fields)).find("\"Zoë 注文 😀\"") != std::string::npos);
}

TEST_CASE("mask: passwords in every message, raw data in a Logon only") {
  CHECK(masked("8=FIX.4.2|35=A|553=joe|554=secret|925=newer|10=1|") ==
        "8=FIX.4.2|35=A|553=joe|554=***|925=***|10=1|");
  CHECK(masked("35=A|95=6|96=secret|10=1|") == "35=A|95=6|96=***|10=1|");
  CHECK(masked("35=B|95=4|96=news|10=1|") == "35=B|95=4|96=news|10=1|");
  CHECK(masked("35=BE|554=secret|") == "35=BE|554=***|");
  CHECK(masked("35=A|1401=3|1402=abc|1403=3|1404=def|") == "35=A|1401=3|1402=***|1403=3|1404=***|");
  CHECK(masked("35=D|1554=keep|5540=keep|55=keep|") == "35=D|1554=keep|5540=keep|55=keep|");
}

TEST_CASE("mask: a secret with the separator in it, or cut off, does not show its rest") {
  CHECK(masked("35=A|95=9|96=abc|d=efg|10=1|") == "35=A|95=9|96=***|10=1|");
  CHECK(masked("35=A|95=900|96=abc|d=efg|10=1|") == "35=A|95=900|96=***");
  CHECK(masked("35=A|95=1|96=abc|10=1|") == "35=A|95=1|96=***|10=1|");
  CHECK(masked("35=A|554=sec") == "35=A|554=***");
  CHECK(masked("35=A|0554=secret|") == "35=A|0554=***|");
  CHECK(masked("noise||=|554|35=A|") == "noise||=|554|35=A|");
  CHECK(masked("") == "");
}

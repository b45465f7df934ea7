#include "gateway/wire.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/gateway/frames.hpp"

using namespace interlock;
using namespace interlock::gateway;

namespace {

const config::Dialect& fix44() { return config::built_in("FIX.4.4"); }
const config::Dialect& fix42() { return config::built_in("FIX.4.2"); }

std::string rejoined(const Parsed& parsed) {
  std::string text;
  for (const FieldView& field : parsed.fields)
    text += fmt::format("{}={}{}", field.tag, field.value, soh);
  return text;
}

// What a strict reading of a 4.4 message refuses: "373 371 text"; empty when nothing.
std::string refusal(std::string_view frame, const config::Dialect& dialect = fix44()) {
  const auto parsed = parse_strict(frame, dialect);
  if (parsed) return "";
  return fmt::format("{} {} {}", parsed.error().reject_reason, parsed.error().tag,
                     parsed.error().text);
}

// The body of an ordinary order with one piece replaced.
std::string changed(std::string_view from, std::string_view to) {
  std::string body =
      "11=A1|453=1|448=TRADER|447=D|452=11|1=ACC|21=1|55=IBM|54=1|60=20261121-14:30:00.123|"
      "38=100|40=2|44=10.25|59=0|58=note|";
  const auto at = body.find(from);
  REQUIRE(at != std::string::npos);
  return order_44(body.replace(at, from.size(), to));
}

}  // namespace

TEST_CASE("framing: a whole frame is found, and what follows stays in the buffer") {
  const std::string order = order_44();
  const std::string buffer = order + "8=FIX.4.4";
  const Framed framed = next_frame(buffer, 65536);
  CHECK(framed.outcome == Framed::Outcome::frame);
  CHECK(framed.frame == order);
  CHECK(framed.consumed == order.size());
}

TEST_CASE("framing: every proper beginning of a frame asks for more and consumes nothing") {
  const std::string order = order_44();
  for (std::size_t size = 0; size < order.size(); ++size) {
    // An exact copy, so that a read past its end is seen by the address sanitizer.
    const std::vector<char> part(order.begin(), order.begin() + static_cast<long>(size));
    const Framed framed = next_frame({part.data(), part.size()}, 65536);
    CAPTURE(size);
    REQUIRE(framed.outcome == Framed::Outcome::need_more);
    REQUIRE(framed.consumed == 0);
  }
}

TEST_CASE("framing: garbage is skipped up to the next 8=FIX") {
  const Framed framed = next_frame("GET / HTTP/1.1\r\n" + order_44(), 65536);
  CHECK(framed.outcome == Framed::Outcome::garbled);
  CHECK(framed.error == FrameError::garbage);
  CHECK(framed.consumed == 16);
}

TEST_CASE("framing: a 8=FIX cut off at the end of garbage is kept for the next read") {
  CHECK(next_frame("xxx8=F", 65536).consumed == 3);
  CHECK(next_frame("xxxx", 65536).consumed == 4);
}

TEST_CASE("framing: a wrong checksum skips exactly that frame, even if it holds another") {
  const std::string inner = order_44();
  std::string outer = bytes(fmt::format("8=FIX.4.4|9={}|35=n|", 5 + inner.size())) + inner;
  outer += bytes("10=000|");
  REQUIRE(checksum(outer.substr(0, outer.size() - 7)) != 0);
  const Framed framed = next_frame(outer, 65536);
  CHECK(framed.error == FrameError::bad_checksum);
  CHECK(framed.consumed == outer.size());
}

TEST_CASE("framing: a BodyLength that lies is garbled, and the next frame is found again") {
  const std::string good = order_44();
  std::string liar = good;
  liar[liar.find("9=") + 2] = '0';  // about a hundred bytes too short
  const std::string buffer = liar + good;
  const Framed framed = next_frame(buffer, 65536);
  CHECK(framed.error == FrameError::bad_length);
  CHECK(next_frame(std::string_view(buffer).substr(framed.consumed), 65536).frame == good);
}

TEST_CASE("framing: a BodyLength over the cap is refused before the bytes are awaited") {
  CHECK(next_frame(bytes("8=FIX.4.4|9=1048576|"), 65536).error == FrameError::too_long);
  CHECK(next_frame(bytes("8=FIX.4.4|9=99999999"), 65536).error == FrameError::bad_length);
  CHECK(next_frame(bytes("8=FIX.4.4|9=-5|"), 65536).error == FrameError::bad_length);
  CHECK(next_frame(bytes("8=FIX.4.4|9=0|"), 65536).error == FrameError::bad_length);
  CHECK(next_frame(bytes("8=FIX.4.4|9=|"), 65536).error == FrameError::bad_length);
  CHECK(next_frame("8=FIX.4.4.4.4.4.4.4.4", 65536).error == FrameError::garbage);
}

TEST_CASE("framing: while more is needed the buffer stays below the cap") {
  const std::string start = bytes("8=FIX.4.4|9=900|35=D|");
  const std::size_t cap = 1024;
  std::string buffer = start;
  while (next_frame(buffer, cap).outcome == Framed::Outcome::need_more) buffer.push_back('x');
  CHECK(buffer.size() <= cap);
}

TEST_CASE("strict: an ordinary order is read, field by field, in order") {
  const std::string order = order_44();
  const auto parsed = parse_strict(order, fix44());
  REQUIRE(parsed);
  CHECK(parsed->type == "D");
  CHECK(parsed->sequence == 7);
  CHECK_FALSE(parsed->poss_dup);
  CHECK(parsed->get(11) == "A1");
  CHECK(parsed->get(44) == "10.25");
  CHECK(parsed->get(99) == std::nullopt);
  CHECK(parsed->fields[parsed->header_end].tag == 11);
  CHECK(parsed->body().starts_with("11=A1"));
  CHECK(parsed->body().ends_with(bytes("58=note|")));
  CHECK(rejoined(*parsed) == order);
}

TEST_CASE("strict: fields in a group are marked, the count is not") {
  const auto order = order_44();
  const auto parsed = parse_strict(order, fix44());
  REQUIRE(parsed);
  std::vector<Tag> marked;
  for (const FieldView& field : parsed->fields)
    if (field.in_group) marked.push_back(field.tag);
  CHECK(marked == std::vector<Tag>{448, 447, 452});
}

TEST_CASE("strict: PossDup and PossResend are read") {
  const auto order = framed("FIX.4.4",
                            "35=0|34=7|49=R|43=Y|97=Y|122=20261121-14:30:00|"
                            "52=20261121-14:30:00|56=G|");
  const auto parsed = parse_strict(order, fix44());
  REQUIRE(parsed);
  CHECK(parsed->poss_dup);
  CHECK(parsed->poss_resend);
}

TEST_CASE("strict: what is written differently from how it is understood is refused") {
  struct Row {
    std::string_view from, to, refused;
  };
  const Row rows[] = {
      {"38=100", "038=100", "0 0 MALFORMED: tag 038 is not a tag number"},
      {"38=100", "4294967334=100", "0 0 MALFORMED: tag 4294967334 is not a tag number"},
      {"38=100", "=100", "0 0 MALFORMED: tag without digits is not a tag number"},
      {"38=100", "38", "0 0 MALFORMED: tag 38 is not a tag number"},
      {"38=100", "-38=100", "0 0 MALFORMED: tag without digits is not a tag number"},
      {"38=100", "38=100|38=200", "13 38 MALFORMED: tag 38 appears twice"},
      {"11=A1", "11=A1|11=A2", "13 11 MALFORMED: tag 11 appears twice"},
      {"38=100", "38=", "4 38 MALFORMED: tag 38 has no value"},
      {"38=100",
       "38=1\x02"
       "0",
       "6 38 MALFORMED: tag 38 holds a byte that is not printable ASCII"},
      {"58=note", "58=caf\xe9", "6 58 MALFORMED: tag 58 holds a byte that is not printable ASCII"},
      {"38=100", "38=1e2", "6 38 MALFORMED: tag 38 is not a quantity"},
      {"38=100", "38=+100", "6 38 MALFORMED: tag 38 is not a quantity"},
      {"38=100", "38= 100", "6 38 MALFORMED: tag 38 is not a quantity"},
      {"38=100", "38=99999999999999999999", "6 38 MALFORMED: tag 38 is not a quantity"},
      {"44=10.25", "44=10.123456789", "6 44 MALFORMED: tag 44 is not a price"},
      {"44=10.25", "44=NaN", "6 44 MALFORMED: tag 44 is not a price"},
      {"54=1", "54=11", "5 54 MALFORMED: tag 54 is too long"},
      {"40=2", "40=Z", "5 40 MALFORMED: tag 40 has a value that is not allowed"},
      {"58=note", "18=1  2", "5 18 MALFORMED: tag 18 has a value that is not allowed"},
      {"60=20261121-14:30:00.123", "60=20260230-14:30:00",
       "6 60 MALFORMED: tag 60 is not a UTC timestamp"},
      {"60=20261121-14:30:00.123", "60=20261121-24:00:00",
       "6 60 MALFORMED: tag 60 is not a UTC timestamp"},
      {"60=20261121-14:30:00.123", "60=20261121 14:30:00",
       "6 60 MALFORMED: tag 60 is not a UTC timestamp"},
      {"58=note", "12345=x", "3 12345 MALFORMED: tag 12345 is not defined"},
      {"58=note", "37=x", "2 37 MALFORMED: tag 37 is not defined here in this message"},
      {"58=note", "43=Y", "14 43 MALFORMED: tag 43 is a header field in the body"},
      {"58=note", "10=000|58=note", "2 10 MALFORMED: tag 10 is not defined here in this message"},
      {"11=A1|", "", "1 11 MALFORMED: tag 11 is missing"},
      {"60=20261121-14:30:00.123|", "", "1 60 MALFORMED: tag 60 is missing"},
  };
  CHECK(refusal(order_44()) == "");
  for (const Row& row : rows) CHECK(refusal(changed(row.from, row.to)) == row.refused);
}

TEST_CASE("strict: a group's count, first field and membership are proved") {
  struct Row {
    std::string_view group, refused;
  };
  const Row rows[] = {
      {"453=2|448=A|447=D|452=11|448=B|447=D|", ""},
      {"453=1|448=A|447=D|452=11|802=2|523=x|803=1|523=y|803=2|", ""},
      {"453=2|448=A|447=D|452=11|", "16 453 MALFORMED: tag 453 counts more entries than there are"},
      {"453=1|448=A|447=D|448=B|", "16 453 MALFORMED: tag 453 counts fewer entries than there are"},
      {"453=0|", "6 453 MALFORMED: tag 453 is not a count"},
      {"453=01|448=A|", "6 453 MALFORMED: tag 453 is not a count"},
      {"453=2147483647|448=A|", "16 453 MALFORMED: tag 453 counts more entries than there are"},
      {"453=1|447=D|448=A|",
       "15 447 MALFORMED: tag 447 is not the first field of its group's entry"},
      {"453=1|448=A|447=D|447=D|", "13 447 MALFORMED: tag 447 appears twice in one group entry"},
      {"453=1|448=A|802=1|523=x|803=1|447=D|802=1|523=x|",
       "13 802 MALFORMED: tag 802 appears twice in one group entry"},
      {"453=1|448=A|802=2|523=x|447=D|",
       "16 802 MALFORMED: tag 802 counts more entries than there are"},
      {"448=A|", "2 448 MALFORMED: tag 448 is not defined here in this message"},
      {"453=1|448=A|453=1|448=B|", "13 453 MALFORMED: tag 453 appears twice"},
      {"453=1|448=A|58=x|447=D|58=y|",
       "2 447 MALFORMED: tag 447 is not defined here in this message"},
  };
  for (const Row& row : rows)
    CHECK(refusal(changed("453=1|448=TRADER|447=D|452=11|", row.group)) == row.refused);
}

TEST_CASE("strict: the same tag in two entries of a group is no duplicate") {
  CHECK(refusal(framed("FIX.4.2",
                       "35=E|34=2|49=R|52=20261121-14:30:00|56=G|66=L1|394=1|68=2|73=2|"
                       "11=A1|67=1|55=IBM|54=1|38=100|40=1|11=A2|67=2|55=IBM|54=2|38=100|40=1|"),
                fix42()) == "");
}

TEST_CASE("strict: data is as long as its length says, whatever it holds") {
  const auto with = [](std::string_view tail) { return changed("58=note|", tail); };
  const std::string good = with("354=7|355=a|38=9b|");
  CHECK(refusal(good) == "");
  CHECK(parse_strict(good, fix44())->get(355) == bytes("a|38=9b"));
  CHECK(rejoined(*parse_strict(good, fix44())) == good);
  CHECK(refusal(with("354=6|355=a|38=9b|")) ==
        "6 355 MALFORMED: tag 355 does not end where its length says");
  CHECK(refusal(with("354=2147483647|355=ab|")) ==
        "6 355 MALFORMED: tag 355 does not end where its length says");
  CHECK(refusal(with("354=2|58=x|355=ab|")) ==
        "14 58 MALFORMED: tag 58 is not a pair of length and data");
  CHECK(refusal(with("355=ab|")) == "14 355 MALFORMED: tag 355 is not a pair of length and data");
  CHECK(refusal(with("354=2|")) == "14 354 MALFORMED: tag 354 is not followed by its data");
}

TEST_CASE("strict: 8, 9 and 35 stand first and 10 last, or it is garbled") {
  const auto garbled = [](std::string_view frame) {
    const auto parsed = parse_strict(frame, fix44());
    return !parsed && parsed.error().sequence == 0 && parsed.error().type.empty();
  };
  CHECK(garbled(""));
  CHECK(garbled(framed("FIX.4.2", "35=0|34=7|49=R|52=20261121-14:30:00|56=G|")));
  CHECK(garbled(framed("FIX.4.4", "34=7|35=0|49=R|52=20261121-14:30:00|56=G|")));
  const auto longer = bytes("8=FIX.4.4|9=46|35=0|34=7|49=R|52=20261121-14:30:00|56=G|10=000|");
  CHECK(refusal(longer).starts_with("5 9 "));
  CHECK(refusal(bytes("8=FIX.4.4|9=5|35=0|")) == "14 10 MALFORMED: tag 10 is not last");
}

TEST_CASE("strict: the header is complete, in order of its own, and before the body") {
  const auto heartbeat = [](std::string_view rest) {
    return refusal(framed("FIX.4.4", fmt::format("35=0|{}", rest)));
  };
  CHECK(heartbeat("56=G|52=20261121-14:30:00|49=R|34=7|") == "");
  CHECK(heartbeat("56=G|52=20261121-14:30:00|34=7|") == "1 49 MALFORMED: tag 49 is missing");
  CHECK(heartbeat("34=7|34=8|49=R|52=20261121-14:30:00|56=G|") ==
        "13 34 MALFORMED: tag 34 appears twice");
  CHECK(heartbeat("34=0|49=R|52=20261121-14:30:00|56=G|").starts_with("6 34 "));
  CHECK(heartbeat("34=2147483648|49=R|52=20261121-14:30:00|56=G|").starts_with("6 34 "));
  CHECK(heartbeat("34=1|49=R|52=20261121-14:30:00|56=G|43=X|").starts_with("6 43 "));
  CHECK(heartbeat("34=1|49=R|52=20261121-14:30:00|112=T|56=G|") ==
        "1 56 MALFORMED: tag 56 is missing");
}

TEST_CASE("strict: an undeclared message type is named, with its number") {
  const auto parsed =
      parse_strict(framed("FIX.4.4", "35=ZZ|34=7|49=R|52=20261121-14:30:00|56=G|9999=x|"), fix44());
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().reject_reason == 11);
  CHECK(parsed.error().type == "ZZ");
  CHECK(parsed.error().sequence == 7);
}

TEST_CASE("strict: an error names type and number even when the fault comes before them") {
  const auto parsed =
      parse_strict(framed("FIX.4.4", "35=0|049=R|34=7|52=20261121-14:30:00|56=G|"), fix44());
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().type == "0");
  CHECK(parsed.error().sequence == 7);
}

TEST_CASE("strict: FIX 4.2 has no reject reason above 11") {
  const auto in42 = [](std::string_view rest) {
    return refusal(
        framed("FIX.4.2", fmt::format("35=A|34=1|49=R|52=20261121-14:30:00|56=G|{}", rest)),
        fix42());
  };
  CHECK(in42("98=0|108=30|108=30|") == "2 108 MALFORMED: tag 108 appears twice");
  CHECK(in42("98=0|108=30|384=2|372=D|") ==
        "5 384 MALFORMED: tag 384 counts more entries than there are");
  CHECK(in42("98=0|108=30|384=2|372=D|385=S|372=8|385=R|") == "");
}

TEST_CASE("strict: a retired tag is refused and told apart") {
  config::Dialect dialect = fix44();
  dialect.retired.insert(7001);
  const auto retired = parse_strict(changed("58=note", "7001=Y"), dialect);
  REQUIRE_FALSE(retired);
  CHECK(retired.error().retired);
  CHECK(retired.error().text == "MALFORMED: tag 7001 is retired");
  CHECK_FALSE(parse_strict(changed("58=note", "7002=Y"), dialect).error().retired);
}

TEST_CASE("strict: a tag of the user's range is found twice too") {
  config::Dialect dialect = fix44();
  dialect.fields[9001] = {};
  dialect.messages["D"].body.insert(9001);
  CHECK(refusal(changed("58=note", "9001=a"), dialect) == "");
  CHECK(refusal(changed("58=note", "9001=a|9001=b"), dialect) ==
        "13 9001 MALFORMED: tag 9001 appears twice");
}

TEST_CASE("strict: more fields than the cap are refused") {
  std::string entries;
  for (int i = 0; i < 5000; ++i) entries += "448=A|";
  CHECK(refusal(changed("453=1|448=TRADER|447=D|452=11|", "453=5000|" + entries)) ==
        "5 448 MALFORMED: tag 448 is one field too many");
}

TEST_CASE("strict: storage that is used again forgets what it held") {
  Parsed parsed;
  const auto dup = framed("FIX.4.4", "35=0|34=9|43=Y|49=R|52=20261121-14:30:00|56=G|");
  REQUIRE(parse_strict(dup, fix44(), parsed));
  CHECK(parsed.poss_dup);
  const auto order = order_44();
  REQUIRE(parse_strict(order, fix44(), parsed));
  CHECK_FALSE(parsed.poss_dup);
  CHECK(rejoined(parsed) == order);
}

TEST_CASE("lenient: a fact with an unknown tag, an empty value and a tag 038 is still read") {
  const auto fact = framed("FIX.4.4",
                           "35=8|34=7|49=V|52=20261121-14:30:00|56=G|37=V1|17=E1|150=F|39=1|"
                           "9999=new|58=|038=5|55=IBM|54=1|151=40|14=60|6=10|32=60|31=10|");
  const Lenient lenient = parse_lenient(fact, fix44());
  REQUIRE(lenient.trouble);
  CHECK(lenient.trouble->text == "MALFORMED: tag 9999 is not defined");
  CHECK(lenient.parsed.type == "8");
  CHECK(lenient.parsed.sequence == 7);
  CHECK(lenient.parsed.get(32) == "60");
  CHECK(lenient.parsed.get(58) == "");
  CHECK(lenient.parsed.get(9999) == "new");
  CHECK(lenient.parsed.get(38) == std::nullopt);
  CHECK(lenient.parsed.body().starts_with("37=V1"));
}

TEST_CASE("lenient: what the strict reader takes is read the same, without trouble") {
  const auto order = order_44();
  const Lenient lenient = parse_lenient(order, fix44());
  CHECK_FALSE(lenient.trouble);
  CHECK(rejoined(lenient.parsed) == order);
}

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

TEST_CASE("checksum: the sum of all bytes modulo 256, at every length") {
  std::string text;
  unsigned sum = 0;
  for (unsigned i = 0; i < 300; ++i) {
    REQUIRE(checksum(text) == sum % 256);
    text.push_back(static_cast<char>(i * 37));
    sum += static_cast<std::uint8_t>(text.back());
  }
}

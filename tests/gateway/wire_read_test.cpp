#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "gateway/wire.hpp"
#include "gateway/wire_paths.hpp"
#include "tests/gateway/frames.hpp"

using namespace interlock;
using namespace interlock::gateway;

namespace {

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

TEST_CASE("strict: exactly the printable bytes of ASCII may stand in a value, at any place") {
  const std::string note = "abcdefghijklmnopqr";
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < note.size(); ++at) {
      std::string text = note;
      text[at] = static_cast<char>(byte);
      std::string order = "35=0|34=7|49=R|52=20261121-14:30:00|56=G|112=" + text + "|";
      CAPTURE(byte);
      CAPTURE(at);
      // '|' is how these tests write SOH.
      const bool printable = byte >= ' ' && byte <= '~' && byte != '|';
      REQUIRE(parse_strict(framed("FIX.4.4", order), fix44()).has_value() == printable);
    }
  }
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
  dialect.fields.emplace(9001, {});
  dialect.messages.find("D")->body.insert(9001);
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

TEST_CASE("strict: a way that tags came before is known as a whole, and not what stops on it") {
  std::vector<std::string> fields{
      "11=A1|",  "1=ACC|", "21=1|",     "55=IBM|", "54=1|", "60=20261121-14:30:00.123|",
      "38=100|", "40=2|",  "44=10.25|", "58=note|"};
  KnownPaths paths;
  Parsed parsed;
  const auto is_taken = [&](std::string_view frame) {
    const bool as_known = parse_strict(frame, fix44(), parsed, &paths).has_value();
    CHECK(as_known == parse_strict(frame, fix44()).has_value());
    return as_known;
  };
  std::string whole;
  for (const std::string& field : fields) whole += field;
  const std::string order = order_44(whole);
  REQUIRE(is_taken(order));
  REQUIRE(is_taken(order));
  CHECK(rejoined(parsed) == order);
  for (const std::string& field : fields) {
    std::string wrong = whole;  // of each field in turn: no value, and one that none has
    const auto value = wrong.find(field) + field.find('=') + 1;
    CHECK_FALSE(is_taken(order_44(std::string(wrong).erase(value, field.size() - 1 - value))));
    CHECK_FALSE(is_taken(order_44(wrong.insert(value, "\t"))));
  }
  int taken = 0;
  for (std::string start; const std::string& field : fields)
    taken += is_taken(order_44(start += field)) ? 1 : 0;
  CHECK(taken > 0);  // the last ones need not be there
  CHECK(taken < static_cast<int>(fields.size()));
  CHECK_FALSE(is_taken(framed("FIX.4.4", "35=8|" + std::string(header_44) + whole)));
  CHECK_FALSE(is_taken(framed("FIX.4.4", "35=D|34=0|49=R|52=20261121-14:30:00|56=G|" + whole)));
}

TEST_CASE("strict: whoever sends his tags in ever new orders is read as before") {
  KnownPaths paths;
  Parsed parsed;
  std::vector<std::string> fields{"11=A1|", "1=ACC|",  "21=1|",     "55=IBM|",
                                  "54=1|",  "38=100|", "44=10.25|", "60=20261121-14:30:00|"};
  std::ranges::sort(fields);
  int read = 0;
  do {
    std::string body = "40=2|";
    for (const std::string& field : fields) body += field;
    const std::string order = order_44(body);
    REQUIRE(parse_strict(order, fix44(), parsed, &paths));
    REQUIRE(rejoined(parsed) == order);
  } while (++read < 4'000 && std::ranges::next_permutation(fields).found);
  CHECK(read == 4'000);
}

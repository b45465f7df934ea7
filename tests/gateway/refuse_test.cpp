#include "gateway/refuse.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/status.hpp"
#include "tests/gateway/frames.hpp"
#include "tests/source.hpp"

using namespace interlock;
using namespace interlock::gateway;
using risk::Reason;

namespace {

constexpr std::int64_t now = 1'795'271'400'123'000'000;

// Every reason that has a code word.
std::vector<Reason> all_reasons() {
  std::vector<Reason> reasons;
  for (std::uint16_t number = 0; number < 1000; ++number)
    if (risk::reason_of(risk::code(static_cast<Reason>(number))) == static_cast<Reason>(number))
      reasons.push_back(static_cast<Reason>(number));
  return reasons;
}

// How answers may be written: each version, and 5.0SP2 with codes of later extension packs.
const AnswerForm forms[] = {{"FIX.4.2"}, {"FIX.4.4"}, {"FIX.5.0SP2"}, {"FIX.5.0SP2", true}};

struct Refused {
  std::string_view version;
  std::string_view message;  // after the header
  std::string_view answers;  // 35 of each
};
const Refused refused[] = {
    {"FIX.4.2", "35=D|11=A1|1=ACC|21=1|55=IBM|54=1|60=T|38=100|40=2|44=10|59=0|", "8"},
    {"FIX.4.2", "35=F|41=A0|11=A1|55=IBM|54=1|60=T|38=100|", "9"},
    {"FIX.4.2", "35=G|41=A0|11=A1|21=1|55=IBM|54=1|60=T|38=100|40=2|44=10|", "9"},
    {"FIX.4.2", "35=E|66=L1|394=1|68=2|73=2|11=A1|67=1|55=IBM|54=1|38=1|11=A2|67=2|55=IBM|54=2|",
     "N"},
    {"FIX.4.2", "35=L|66=L1|60=T|", "N"},
    {"FIX.4.2", "35=S|117=Q1|55=IBM|132=10|", "b"},
    {"FIX.4.2", "35=i|117=Q1|296=1|302=S1|311=IBM|304=1|295=1|299=E1|", "b"},
    {"FIX.4.2", "35=H|11=A1|55=IBM|54=1|", "j"},
    {"FIX.4.2", "35=K|66=L1|60=T|", "j"},
    {"FIX.4.4", "35=D|11=A1|1=ACC|55=IBM|54=1|60=T|38=100|40=2|44=10|59=0|", "8"},
    {"FIX.4.4", "35=D|11=A1|48=US4592001014|22=4|54=5|60=T|38=100|40=1|", "8"},
    {"FIX.4.4", "35=F|41=A0|11=A1|1=ACC|55=IBM|54=1|60=T|38=100|", "9"},
    {"FIX.4.4", "35=G|41=A0|11=A1|55=IBM|54=1|60=T|38=100|40=2|44=10|", "9"},
    {"FIX.4.4", "35=E|66=L1|394=1|68=1|73=1|11=A1|67=1|55=IBM|54=1|38=1|", "N"},
    {"FIX.4.4", "35=L|66=L1|60=T|", "N"},
    {"FIX.4.4", "35=S|117=Q1|131=R1|55=IBM|132=10|", "AI"},
    {"FIX.4.4", "35=AJ|693=QR1|694=1|55=IBM|", "AI"},
    {"FIX.4.4", "35=i|117=Q1|296=1|302=S1|304=1|295=1|299=E1|", "b"},
    {"FIX.4.4", "35=q|11=A1|530=7|60=T|", "r"},
    {"FIX.4.4", "35=AB|11=A1|54=1|55=IBM|555=1|600=X|60=T|38=1|40=1|", "8"},
    {"FIX.4.4", "35=AC|41=A0|11=A1|54=1|55=IBM|555=1|600=X|60=T|38=1|40=1|", "9"},
    {"FIX.4.4", "35=s|548=C1|549=1|550=0|552=2|54=1|11=A1|38=10|54=2|11=A2|38=10|55=IBM|60=T|40=2|",
     "8 8"},
    {"FIX.4.4",
     "35=t|548=C2|551=C1|549=1|550=0|552=2|54=1|11=A1|38=1|54=2|11=A2|38=1|55=IBM|60=T|40=2|",
     "9 9"},
    {"FIX.4.4", "35=u|548=C2|551=C1|549=1|550=0|552=1|54=1|41=A0|11=A1|38=1|55=IBM|60=T|", "9"},
    {"FIX.4.4", "35=AF|584=M1|585=7|", "j"},
    {"FIX.4.4", "35=Z|117=Q1|298=4|", "j"},
    {"FIX.5.0SP2", "35=D|11=A1|1=ACC|55=IBM|54=1|60=T|38=100|40=2|44=10|59=0|", "8"},
    {"FIX.5.0SP2", "35=D|11=A1|54=5|60=T|38=100|40=1|1080=P1|1081=9|", "8"},
    {"FIX.5.0SP2", "35=F|41=A0|11=A1|1=ACC|55=IBM|54=1|60=T|38=100|", "9"},
    {"FIX.5.0SP2", "35=F|37=V1|11=A1|55=IBM|54=1|60=T|38=100|", "9"},
    {"FIX.5.0SP2", "35=G|41=A0|11=A1|55=IBM|54=1|60=T|38=100|40=2|44=10|", "9"},
    {"FIX.5.0SP2", "35=E|66=L1|394=1|68=2|73=2|11=A1|67=1|54=1|38=1|11=A2|67=2|54=2|38=1|", "N"},
    {"FIX.5.0SP2", "35=L|66=L1|60=T|", "N"},
    {"FIX.5.0SP2", "35=S|117=Q1|131=R1|55=IBM|132=10|", "CW"},
    {"FIX.5.0SP2", "35=AJ|693=QR1|694=1|55=IBM|", "AI"},
    {"FIX.5.0SP2", "35=i|117=Q1|296=1|302=S1|304=1|295=1|299=E1|", "b"},
    {"FIX.5.0SP2", "35=q|11=A1|530=7|60=T|", "r"},
    {"FIX.5.0SP2", "35=CA|11=A1|1373=2|1374=7|60=T|", "BZ"},
    {"FIX.5.0SP2", "35=DJ|2423=M1|1=ACC|60=T|2428=1|2429=1|2430=1|11=A1|38=10|40=1|54=1|", "DK"},
    {"FIX.5.0SP2", "35=DJ|2423=M1|1815=5|2428=1|2429=1|11=A1|", "DK"},
    {"FIX.5.0SP2", "35=AB|11=A1|54=1|55=IBM|555=1|600=X|60=T|38=1|40=1|", "8"},
    {"FIX.5.0SP2", "35=AC|41=A0|11=A1|54=1|55=IBM|555=1|600=X|60=T|38=1|40=1|", "9"},
    {"FIX.5.0SP2",
     "35=s|548=C1|549=1|550=0|552=2|54=1|11=A1|38=10|54=2|11=A2|38=10|55=IBM|60=T|40=2|", "8 8"},
    {"FIX.5.0SP2",
     "35=t|548=C2|551=C1|549=1|550=0|552=2|54=1|11=A1|38=1|54=2|11=A2|38=1|55=IBM|60=T|40=2|",
     "9 9"},
    {"FIX.5.0SP2", "35=u|548=C2|551=C1|549=1|550=0|552=1|54=1|41=A0|11=A1|38=1|55=IBM|60=T|", "9"},
    {"FIX.5.0SP2", "35=AF|584=M1|585=7|", "j"},
    {"FIX.5.0SP2", "35=H|11=A1|55=IBM|54=1|", "j"},
    {"FIX.5.0SP2", "35=K|66=L1|60=T|", "j"},
    {"FIX.5.0SP2", "35=Z|117=Q1|298=4|", "j"},
};

std::string frame_of(const Refused& row) {
  std::string text(row.message);
  if (const auto at = text.find("60=T|"); at != std::string::npos)
    text.replace(at, 5, "60=20261121-14:30:00|");
  text.insert(text.find('|') + 1, header_44);
  return framed(config::built_in(row.version).begin_string, text);
}

// The answer as the router would read it; the reading has to succeed. Where INTERLOCK_REJECTS names
// a file, it is also written there, for tests/interop/rejects.test.mjs.
std::string sent(const Answer& answer, std::string_view version) {
  HeaderValues header;
  header.begin_string = config::built_in(version).begin_string;
  header.type = answer.type;
  header.sender = "GATE";
  header.target = "ROUTER";
  header.sequence = 1;
  header.sending_time = "20261121-14:30:00.200";
  const std::string frame = build_frame(header, answer.body);
  const auto parsed = parse_strict(frame, config::built_in(version));
  CAPTURE(readable(frame));
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text));
  if (const char* const file = std::getenv("INTERLOCK_REJECTS"))
    std::ofstream(file, std::ios::app) << readable(frame) << '\n';
  return frame;
}

// The answers to a message, piped, without header.
std::string answers(AnswerForm form, std::string_view message, Reason reason,
                    const std::optional<KnownOrder>& known = std::nullopt) {
  const std::string frame = frame_of({form.version, message, ""});
  const auto parsed = parse_strict(frame, config::built_in(form.version));
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text));
  std::string text;
  for (const Answer& answer : refuse(*parsed, {reason, "fact", 12, "gw"}, known, form, "X1", now))
    text += fmt::format("{}: {}\n", answer.type, readable(answer.body));
  return text;
}

const OrderFacts facts{.cl_ord_id = "A1",
                       .orig_cl_ord_id = "A0",
                       .order_id = "V1",
                       .account = "ACC",
                       .symbol = "IBM",
                       .side = '1',
                       .quantity = risk::Quantity::of(100),
                       .cum = risk::Quantity::of(40),
                       .average_price = "10.25"};

}  // namespace

TEST_CASE("refusals: every reason, for every kind of message, in each version, can be read") {
  const auto reasons = all_reasons();
  CHECK(reasons.size() == code_rows().size());
  for (const Refused& row : refused) {
    const std::string frame = frame_of(row);
    const auto message = parse_strict(frame, config::built_in(row.version));
    CAPTURE(row.message);
    REQUIRE_MESSAGE(message.has_value(), (message ? "" : message.error().text));
    for (const AnswerForm form : forms) {
      if (form.version != row.version) continue;
      for (const Reason reason : reasons) {
        const Refusal refusal{reason, "child 100 makes 12100", 204889, "gw-03"};
        std::string types;
        for (const Answer& answer : refuse(*message, refusal, std::nullopt, form, "X1", now)) {
          if (!types.empty()) types += ' ';
          types += answer.type;
          const std::string read = sent(answer, row.version);
          CHECK(read.find("58=" + refusal_text(refusal)) != std::string::npos);
        }
        CHECK(types == row.answers);
      }
    }
  }
}

TEST_CASE("refusals: a new order is rejected with all that its router needs to book it") {
  CHECK(answers({"FIX.4.4"}, "35=D|11=A1|1=ACC|55=IBM|54=1|60=T|38=100|40=2|44=10|59=0|",
                Reason::parent_fill) ==
        "8: 37=NONE|17=X1|150=8|39=8|103=3|11=A1|1=ACC|55=IBM|54=1|38=100|40=2|44=10|59=0|151=0|"
        "14=0|6=0|60=20261121-14:30:00.123|58=PARENT_FILL: fact. gw B12|\n");
  CHECK(answers({"FIX.4.2"}, "35=D|11=A1|21=1|55=IBM|54=1|60=T|38=100|40=1|", Reason::killed) ==
        "8: 37=NONE|17=X1|20=0|150=8|39=8|103=0|11=A1|55=IBM|54=1|38=100|40=1|151=0|14=0|6=0|"
        "60=20261121-14:30:00.123|58=KILLED: fact. gw B12|\n");
}

TEST_CASE("refusals: a cancel of an unknown order names NONE and 39=8, of a known one its state") {
  const std::string_view cancel = "35=F|41=A0|11=A1|55=IBM|54=1|60=T|38=100|";
  CHECK(answers({"FIX.4.2"}, cancel, Reason::unknown_order) ==
        "9: 37=NONE|11=A1|41=A0|39=8|60=20261121-14:30:00.123|434=1|102=1|"
        "58=UNKNOWN_ORDER: fact. gw B12|\n");
  const KnownOrder known{"V1", '1', risk::Quantity::of(40), risk::Quantity::of(60)};
  CHECK(answers({"FIX.4.4"}, cancel, Reason::cancel_in_flight, known) ==
        "9: 37=V1|11=A1|41=A0|39=1|60=20261121-14:30:00.123|434=1|102=3|"
        "58=CANCEL_IN_FLIGHT: fact. gw B12|\n");
  CHECK(answers({"FIX.4.4"}, cancel, Reason::killed, KnownOrder{"", '0', {}, {}})
            .starts_with("9: 37=NONE|11=A1|41=A0|39=0|"));
}

TEST_CASE("refusals: a cross is answered for each side, with its own ids") {
  const std::string text =
      answers({"FIX.4.4"},
              "35=s|548=C1|549=1|550=0|552=2|54=1|11=A1|38=10|54=2|11=A2|38=20|55=IBM|60=T|40=1|",
              Reason::unsupported);
  CHECK(text ==
        "8: 37=NONE|17=X1|150=8|39=8|103=11|11=A1|55=IBM|54=1|38=10|40=1|151=0|14=0|6=0|"
        "60=20261121-14:30:00.123|58=UNSUPPORTED: fact. gw B12|\n"
        "8: 37=NONE|17=X1-2|150=8|39=8|103=11|11=A2|55=IBM|54=2|38=20|40=1|151=0|14=0|6=0|"
        "60=20261121-14:30:00.123|58=UNSUPPORTED: fact. gw B12|\n");
}

TEST_CASE("refusals: a list is refused as a whole, and each of its orders") {
  CHECK(answers({"FIX.4.2"},
                "35=E|66=L1|394=1|68=2|73=2|11=A1|67=1|55=IBM|54=1|11=A2|67=2|55=IBM|54=2|",
                Reason::unsupported) ==
        "N: 66=L1|429=1|82=1|431=7|83=1|444=UNSUPPORTED: fact. gw B12|60=20261121-14:30:00.123|"
        "68=2|73=2|11=A1|14=0|39=8|151=0|84=0|6=0|103=0|58=UNSUPPORTED: fact. gw B12|"
        "11=A2|14=0|39=8|151=0|84=0|6=0|103=0|58=UNSUPPORTED: fact. gw B12|\n");
}

TEST_CASE("refusals: what has no form of its own gets a business reject that names it") {
  CHECK(answers({"FIX.4.2"}, "35=H|11=A1|55=IBM|54=1|", Reason::unsupported) ==
        "j: 45=7|372=H|379=A1|380=3|58=UNSUPPORTED: fact. gw B12|\n");
  CHECK(answers({"FIX.4.4"}, "35=AF|584=M1|585=7|", Reason::recovering) ==
        "j: 45=7|372=AF|380=4|58=RECOVERING: fact. gw B12|\n");
}

TEST_CASE("reports: rejected, cancelled and cancel rejected can be read in each version") {
  const Refusal refusal{Reason::killed, "everything, by USB desk-2", 7, "gw"};
  for (const std::string_view version : config::versions) {
    const AnswerForm form{version};
    OrderFacts bare = facts;
    bare.order_id = bare.orig_cl_ord_id = bare.account = "";
    for (const OrderFacts& order : {facts, bare}) {
      sent(order_rejected(order, refusal, form, "X1", now), version);
      sent(order_cancelled(order, refusal, form, "X1", now), version);
      sent(cancel_rejected(order, true, refusal, '1', form, now), version);
      sent(cancel_rejected(order, false, refusal, '8', form, now), version);
    }
  }
}

TEST_CASE("reports: an order that the kill cancelled keeps what it had filled") {
  const Refusal refusal{Reason::killed, "everything", 7, "gw"};
  CHECK(readable(order_cancelled(facts, refusal, {"FIX.4.2"}, "X1", now).body) ==
        "37=V1|17=X1|20=0|150=4|39=4|378=4|11=A1|1=ACC|55=IBM|54=1|38=100|151=0|14=40|6=10.25|"
        "60=20261121-14:30:00.123|58=KILLED: everything. gw B7|");
  CHECK(readable(order_cancelled(facts, refusal, {"FIX.4.4"}, "X1", now).body)
            .starts_with("37=V1|17=X1|150=4|39=4|378=99|11=A1|"));
  CHECK(readable(order_rejected(facts, refusal, {"FIX.4.4"}, "X1", now).body)
            .starts_with("37=V1|17=X1|150=8|39=8|103=99|11=A1|"));
  CHECK(readable(cancel_rejected(facts, true, refusal, '1', {"FIX.4.2"}, now).body) ==
        "37=V1|11=A1|41=A0|39=1|1=ACC|60=20261121-14:30:00.123|434=2|102=2|"
        "58=KILLED: everything. gw B7|");
}

TEST_CASE("text: code, fact, node and record, in at most 120 printable bytes") {
  CHECK(refusal_text({Reason::parent_fill, "child 100 makes 12100 of parent P-00417's 12000",
                      204889, "gw-03"}) ==
        "PARENT_FILL: child 100 makes 12100 of parent P-00417's 12000. gw-03 B204889");
  CHECK(refusal_text({Reason::killed, "", 1, "gw"}) == "KILLED. gw B1");
  CHECK(refusal_text({Reason::malformed, "tag\x01 caf\xe9", 1, "gw"}) ==
        "MALFORMED: tag? caf?. gw B1");
}

TEST_CASE("text: a long fact is cut, the code and the record never") {
  const std::uint64_t record = ~0ull;
  for (const Reason reason : all_reasons()) {
    for (std::size_t size = 0; size < 200; ++size) {
      const std::string text =
          refusal_text({reason, std::string(size, 'x'), record, std::string(300, 'n')});
      REQUIRE(text.size() <= 120);
      REQUIRE(text.starts_with(risk::code(reason)));
      REQUIRE(text.ends_with(" B18446744073709551615"));
    }
  }
}

TEST_CASE("codes: docs/rejects.md shows the numbers that are sent, and every reason") {
  std::ifstream page(tests::source_dir() / "docs/rejects.md");
  std::map<std::string, std::string> rows;
  for (std::string line; std::getline(page, line);) {
    const auto end = line.find(" |", 2);
    if (!line.starts_with("| ") || end == std::string::npos) continue;
    const std::string code = line.substr(2, end - 2);
    if (code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string::npos)
      REQUIRE(rows.emplace(code, line).second);
  }
  for (const Reason reason : all_reasons()) {
    const std::string code(risk::code(reason));
    std::string shown = fmt::format("| {} |", code);
    for (const AnswerForm form : forms) shown += fmt::format(" {} |", ord_rej_reason(reason, form));
    for (const AnswerForm form : forms) shown += fmt::format(" {} |", cxl_rej_reason(reason, form));
    shown += fmt::format(" {} | ", business_reject_reason(reason));
    CHECK_MESSAGE(rows[code].starts_with(shown), shown);
    rows.erase(code);
  }
  CHECK(rows.empty());
}

TEST_CASE("codes: each reason has one row") {
  std::map<Reason, int> found;
  for (const CodeRow& row : code_rows()) ++found[row.reason];
  for (const Reason reason : all_reasons()) {
    CAPTURE(risk::code(reason));
    CHECK(found[reason] == 1);
  }
}

TEST_CASE("codes: none is a number that its version does not know") {
  for (const Reason reason : all_reasons()) {
    CHECK(ord_rej_reason(reason, {"FIX.4.2"}) <= 8);
    CHECK(cxl_rej_reason(reason, {"FIX.4.2"}) <= 3);
    CHECK(business_reject_reason(reason) <= 5);
    for (const AnswerForm form : forms) {
      if (form.version == "FIX.4.2") continue;
      const int order = ord_rej_reason(reason, form);
      const int cancel = cxl_rej_reason(reason, form);
      const bool later = order == 16 || (order >= 18 && order <= 29);
      CHECK((order <= 15 || order == 99 || (form.extended && later)));
      CHECK((cancel <= 6 || cancel == 99 || (form.extended && cancel == 8)));
    }
  }
}

TEST_CASE("codes: extended ones say in FIX 5.0SP2 which limit it was") {
  const AnswerForm standard{"FIX.5.0SP2"}, extended{"FIX.5.0SP2", true};
  CHECK(ord_rej_reason(Reason::order_qty, standard) == 3);
  CHECK(ord_rej_reason(Reason::order_qty, extended) == 26);
  CHECK(ord_rej_reason(Reason::order_notional, extended) == 27);
  CHECK(ord_rej_reason(Reason::gross_notional, extended) == 20);
  CHECK(ord_rej_reason(Reason::price_collar, standard) == 99);
  CHECK(ord_rej_reason(Reason::price_collar, extended) == 16);
  CHECK(cxl_rej_reason(Reason::price_collar, extended) == 8);
  CHECK(ord_rej_reason(Reason::no_reference_price, extended) == 19);
  CHECK(ord_rej_reason(Reason::order_rate, extended) == 21);
  CHECK(ord_rej_reason(Reason::duplicate_cl_ord_id, standard) == 6);
}

TEST_CASE("reports: a mass cancel or mass action that is taken can be read") {
  const auto taken = [](AnswerForm form, std::string_view message) {
    const std::string frame = frame_of({form.version, message, ""});
    const auto parsed = parse_strict(frame, config::built_in(form.version));
    REQUIRE(parsed.has_value());
    const Answer answer = mass_accepted(*parsed, 2, form, "X1");
    sent(answer, form.version);
    return fmt::format("{}: {}", answer.type, readable(answer.body));
  };
  CHECK(taken({"FIX.4.4"}, "35=q|11=M1|530=7|60=T|") == "r: 11=M1|37=NONE|530=7|531=7|533=2|");
  CHECK(taken({"FIX.5.0SP2"}, "35=q|11=M1|530=1|55=IBM|60=T|") ==
        "r: 11=M1|37=NONE|1369=X1|530=1|531=1|533=2|55=IBM|");
  CHECK(taken({"FIX.5.0SP2"}, "35=CA|11=M1|1373=3|1374=7|60=T|") ==
        "BZ: 11=M1|1369=X1|1373=3|1374=7|1375=1|533=2|");
}

TEST_CASE("reports: a list that came again is answered with the state of each order") {
  OrderFacts other = facts;
  other.cl_ord_id = "A2";
  const auto state = [&](char first, char second) {
    const Answer answer = list_status("L1", {{facts, first}, {other, second}});
    for (const std::string_view version : config::versions) sent(answer, version);
    return readable(answer.body);
  };
  CHECK(state('1', '4') ==
        "66=L1|429=2|82=1|431=3|83=1|68=2|73=2|11=A1|14=40|39=1|151=60|84=0|6=10.25|"
        "11=A2|14=40|39=4|151=0|84=60|6=10.25|");
  CHECK(state('4', 'C').find("|431=6|") != std::string::npos);
  CHECK(state('8', '8').find("|431=7|") != std::string::npos);
}

TEST_CASE("refusals: FIX 5.0SP2 has its own forms for a quote, a mass action and a mass order") {
  const AnswerForm form{"FIX.5.0SP2"};
  CHECK(answers(form, "35=S|117=Q1|131=R1|55=IBM|132=10|", Reason::unsupported) ==
        "CW: 117=Q1|131=R1|1865=2|300=99|58=UNSUPPORTED: fact. gw B12|\n");
  CHECK(answers(form, "35=CA|11=A1|1373=2|1374=1|55=IBM|60=T|", Reason::unsupported) ==
        "BZ: 11=A1|1369=X1|1373=2|1374=1|1375=0|1376=0|60=20261121-14:30:00.123|"
        "58=UNSUPPORTED: fact. gw B12|\n");
  CHECK(answers(form, "35=DJ|2423=M1|1815=5|1=ACC|2428=1|2429=1|11=A1|", Reason::killed) ==
        "DK: 2423=M1|2425=3|2426=99|1815=5|1=ACC|60=20261121-14:30:00.123|"
        "58=KILLED: fact. gw B12|\n");
  CHECK(answers(form, "35=q|11=A1|530=7|60=T|", Reason::killed) ==
        "r: 11=A1|37=NONE|1369=X1|530=7|531=0|532=99|60=20261121-14:30:00.123|"
        "58=KILLED: fact. gw B12|\n");
  CHECK(answers(form, "35=F|37=V1|11=A1|55=IBM|54=1|60=T|38=100|", Reason::unknown_order) ==
        "9: 37=NONE|11=A1|39=8|60=20261121-14:30:00.123|434=1|102=1|"
        "58=UNKNOWN_ORDER: fact. gw B12|\n");
}

// A year of a gateway, played, and the pack that is made of its journal: figure by figure.
#include "evidence/year.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "audit/reader.hpp"
#include "cli/evidence/gather.hpp"
#include "scenarios/office.hpp"
#include "tests/evidence/well_formed.hpp"
#include "tests/scratch.hpp"

namespace interlock::scenarios {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using cli::evidence::gather;
using cli::evidence::Pack;

const Journal& journal() {
  static const Journal the_journal;
  return the_journal;
}

Pack pack_of(const std::vector<fs::path>& journals, int year = 2026) {
  auto pack = gather(year, journals);
  REQUIRE_MESSAGE(pack, pack.error());
  return *std::move(pack);
}

json::object tables(const Pack& pack) {
  return json::parse(cli::evidence::json(pack)).as_object().at("tables").as_object();
}
const json::object& the_tables() {
  static const json::object all = tables(pack_of({journal().copy.path()}));
  return all;
}

// The rows of a table whose cells are these.
std::vector<json::object> rows(const std::string& table,
                               const std::vector<std::pair<std::string, json::value>>& cells = {}) {
  std::vector<json::object> found;
  for (const auto& row : the_tables().at(table).as_array()) {
    const bool is_it = std::ranges::all_of(
        cells, [&](const auto& cell) { return row.at(cell.first) == cell.second; });
    if (is_it) found.push_back(row.as_object());
  }
  return found;
}
json::object row(const std::string& table,
                 const std::vector<std::pair<std::string, json::value>>& cells = {}) {
  const auto found = rows(table, cells);
  CAPTURE(table);
  CAPTURE(json::serialize(the_tables().at(table)));
  REQUIRE(found.size() == 1);
  return found[0];
}

TEST_CASE("year: the journal is whole, and its host is named by its own configuration") {
  const auto line = row("journals");
  CHECK(line.at("host").as_string() == "gw-01");
  CHECK(line.at("finding").as_string() == "whole");
  CHECK(line.at("unsealed").as_int64() == 0);
  CHECK(line.at("records").as_int64() == line.at("used_to").as_int64());
  CHECK(line.at("head").as_string().size() == 64);
  CHECK(line.at("first_at").as_string().starts_with("2026-01-05T14:30:00"));
}

TEST_CASE("year: refusals, kills and tests of a control are those that were played") {
  const auto size = row("controls", {{"control", "order-qty"}});
  CHECK(size.at("refusals").as_int64() == 3);
  CHECK(size.at("rule").as_string() == "15c3-5(c)(1)(ii), RTS 6 15(1)(c)");
  CHECK(size.at("result").as_string() == "passed");
  CHECK(size.at("tested_by").as_string() == "bob");
  CHECK(size.at("kills").as_int64() == 0);
  CHECK(row("controls", {{"control", "price-collar"}}).at("result").as_string() == "passed");
  CHECK(row("controls", {{"control", "duplicate"}}).at("last_test").as_string() == "never");
  CHECK(row("controls", {{"control", "parent-fill"}}).at("kills").as_int64() == 1);
  // Armed on 5 January, in March, and in June; a limit of "none" never is.
  CHECK(size.at("days_armed").as_int64() == 3);
  const auto none = row("controls", {{"control", "duplicate"}});
  CHECK(none.at("limits_set").as_int64() == 0);
  CHECK(none.at("days_armed").as_int64() == 0);
  CHECK(rows("controls").size() == risk::controls().size());
  CHECK(row("refusals", {{"code", "ORDER_QTY"}}).at("refusals").as_int64() == 3);
}

TEST_CASE("year: a kill is told from the trip to the re-arm") {
  const auto router = row("kills", {{"scope", "R1"}, {"source", "http"}});
  CHECK(router.at("level").as_string() == "kill");
  CHECK(router.at("actor").as_string() == "ann");
  CHECK(router.at("residual").as_int64() == 2);
  CHECK(router.at("cancels").as_int64() == 2);
  CHECK(router.at("gate_us").as_int64() == 0);
  CHECK(router.at("rearmed_by").as_string() == "ann and bob");
  CHECK(router.at("shut_s").as_int64() == 10);
  CHECK(router.at("reason").as_string() == "play");
  const auto breach = row("kills", {{"source", "breach"}});
  CHECK(breach.at("cause").as_string().starts_with("PARENT_FILL: "));
  // The block in March outlived a restart, which wrote it again: it is one.
  CHECK(rows("kills", {{"level", "block"}}).size() == 1);
  CHECK(rows("kills", {{"source", "start"}}).size() == 2);  // the first start, and after the crash
}

TEST_CASE("year: drills, raises, releases and statements are there, with who and why") {
  const auto drill = row("drills");
  CHECK(drill.at("result").as_string() == "passed");
  CHECK(drill.at("person").as_string() == "ann");
  CHECK(drill.at("latency_us").as_int64() == 5'000);
  const auto raise = row("raises");
  CHECK(raise.at("record").as_int64() == static_cast<std::int64_t>(journal().raise));
  CHECK(raise.at("people").as_string() == "ann and bob");
  CHECK(raise.at("before").as_string() == "5 K USD");
  CHECK(raise.at("after").as_string() == "7 K USD");
  CHECK(raise.at("ended_by").as_string() == "its time is over");
  const auto release = row("releases");
  CHECK(release.at("record").as_int64() == static_cast<std::int64_t>(journal().release));
  CHECK(release.at("refusal").as_int64() == static_cast<std::int64_t>(journal().refused));
  CHECK(release.at("used_by").as_int64() == static_cast<std::int64_t>(journal().release_used));
  CHECK(release.at("person").as_string() == "ann");
  CHECK(release.at("reason").as_string() == "=cmd() said so");
  CHECK(rows("statements").size() == 4);
  CHECK(row("statements", {{"result", "failed"}}).at("person").as_string() == "ann");
}

TEST_CASE("year: sequence numbers that people set are told with both, others are not") {
  const auto numbers = row("sequence_numbers");
  CHECK(numbers.at("people").as_string() == "ann and bob");
  CHECK(numbers.at("session").as_string() == "R2");
  CHECK(numbers.at("before").as_string() == "next_in 3, next_out 3");
  CHECK(numbers.at("after").as_string() == "next_in 9, next_out 7");
  CHECK(numbers.at("reason").as_string() == "set by two people: its disk was lost");
}

TEST_CASE("year: a parent that a person changed is told with who, what and why") {
  const auto change = row("parent_changes");
  CHECK(change.at("people").as_string() == "ann");
  CHECK(change.at("parent").as_string() == "P-2");
  CHECK(change.at("change").as_string() == "cancel");
  CHECK(change.at("after").as_string() == "cancelled");
  CHECK(change.at("reason").as_string() == "it is done");
}

TEST_CASE("year: changes have both values, and people for what loosens") {
  const auto tighter = rows("changes", {{"before", "1000"}, {"after", "900"}});
  REQUIRE(!tighter.empty());
  CHECK(tighter[0].at("people").as_string() == "ann");
  CHECK(tighter[0].at("direction").as_string() == "TIGHTENED");
  CHECK(tighter[0].at("reason").as_string() == "play");
  CHECK(tighter[0].at("owner").as_string() == "tests");
  const auto looser = rows("changes", {{"before", "900"}, {"after", "950"}});
  REQUIRE(!looser.empty());
  CHECK(looser[0].at("people").as_string() == "ann and bob");
  CHECK(looser[0].at("direction").as_string() == "LOOSENED");
  const auto date = rows("changes", {{"direction", "RATIONALE"}});
  REQUIRE(!date.empty());
  CHECK(date[0].at("before").as_string() == "tests, review 2099-12-31: of this test");
  CHECK(date[0].at("after").as_string() == "tests, review 2026-05-31: of this test");
  CHECK(date[0].at("people").as_string() == "ann");
  CHECK(rows("changes", {{"how", "start"}}).empty());
}

TEST_CASE("year: limits stand as they were at the end, with who answers for them and their peak") {
  const auto limit =
      row("limits", {{"scope_kind", "symbol"}, {"scope", "ACME"}, {"key", "max_order_qty"}});
  CHECK(limit.at("value").as_string() == "950");
  CHECK(limit.at("why").as_string() == "of this test");
  CHECK(limit.at("review").as_string() == "2099-12-31");
  CHECK(limit.at("overdue").as_string() == "");
  CHECK(limit.at("line").as_int64() > 0);
  const auto overdue = rows("limits", {{"overdue", "yes"}});
  REQUIRE(!overdue.empty());
  for (const auto& each : overdue) CHECK(each.at("scope_kind").as_string() == "router");
  const auto exposure =
      row("limits", {{"scope_kind", "account"}, {"scope", "ACC"}, {"key", "max_gross_notional"}});
  CHECK(exposure.at("peak_control").as_string() == "gross-notional");
  CHECK(exposure.at("peak_percent").as_string() == "76.74");
  // 100 executed at 10.00, and 1,001 open that may go at 10.50, of 15 K.
  CHECK(exposure.at("peak_at").as_string().starts_with("2026-01-05"));
}

TEST_CASE("year: every path is configured, and nothing went to a venue without a verdict") {
  const auto route = row("routes", {{"router", "R1"}});
  CHECK(route.at("venue").as_string() == "X");
  CHECK(route.at("configured").as_string() == "yes");
  CHECK(route.at("messages").as_int64() == 4);
  CHECK(route.at("without_verdict").as_int64() == 0);
  CHECK(rows("routes").size() == 2);
  CHECK(rows("sessions", {{"configured", "NO"}}).empty());
  CHECK(row("sessions", {{"session", "R1"}}).at("logons").as_int64() >= 3);
  CHECK(row("refused_logons").at("peer").as_string() == "192.0.2.7");
  CHECK(row("people", {{"person", "bob"}}).at("rights").as_string() ==
        "view kill rearm limits acknowledge");
}

TEST_CASE("year: an alert is told with who saw to it after how long, and stays text") {
  const auto alert = row("alerts", {{"kind", "odd"}});
  CHECK(alert.at("says").as_string() == odd);
  CHECK(alert.at("acknowledged_by").as_string() == "ann");
  CHECK(alert.at("after_s").as_int64() == 5);
  const std::string page = html(pack_of({journal().copy.path()}));
  CHECK(tests::ill_formed(page) == "");
  CHECK(page.find("<script") == std::string::npos);
  CHECK(page.find("&lt;script&gt;alert(1)") != std::string::npos);
  CHECK(csv(pack_of({journal().copy.path()}).table("releases")).find("'=cmd()") !=
        std::string::npos);
}

TEST_CASE("year: what the records do not cover is declared") {
  CHECK(row("gaps", {{"kind", "crashed"}}).at("seconds").as_int64() / 86'400 == 90);
  CHECK(rows("gaps", {{"kind", "stopped"}}).size() == 3);
  CHECK(row("gaps", {{"kind", "clock in doubt"}}).at("seconds").as_int64() == 1'800);
  CHECK(row("gaps", {{"kind", "no record yet"}}).at("from").as_string().starts_with("2026-01-01"));
  CHECK(row("gaps", {{"kind", "no record any more"}}).at("until").as_string().starts_with("2027"));
  const auto clock = row("clock");
  CHECK(clock.at("readings").as_int64() == 3);
  CHECK(clock.at("offset_ns_max").as_int64() == 2'500);
  CHECK(clock.at("not_synchronised").as_int64() == 1);
}

TEST_CASE("year: peaks are of the last six months, and set beside what was tested") {
  const auto messages = row("stress", {{"of", "messages_per_second"}});
  CHECK(messages.at("tested").as_int64() == 1'000);
  CHECK(messages.at("enough").as_string() == "yes");
  CHECK(messages.at("twice").as_int64() == 2 * messages.at("peak").as_int64());
  const auto trades = row("stress", {{"of", "trades_per_second"}});
  CHECK(trades.at("peak").as_int64() == 1);
  CHECK(trades.at("tested").as_string() == "never");
  CHECK(trades.at("enough").as_string() == "NO");
  CHECK(row("traffic", {{"day", "2026-01-05"}}).at("trades").as_int64() == 1);
  CHECK(rows("builds", {{"day", "2026-01-05"}, {"build", "scenario"}}).size() == 1);
}

TEST_CASE("year: the same files give the same bytes, and another year other rows") {
  const auto once = files(pack_of({journal().copy.path()}));
  CHECK(once == files(pack_of({journal().copy.path()})));
  CHECK(once != files(pack_of({journal().copy.path()}, 2027)));
  CHECK(std::ranges::find(once, "SHA256SUMS", &std::pair<std::string, std::string>::first) !=
        once.end());
}

TEST_CASE("year: a damaged journal is said on the first page, and ends what is used of it") {
  const tests::Scratch scratch;
  fs::copy(journal().copy.path(), scratch / "audit", fs::copy_options::recursive);
  std::uint64_t offset = 0;
  const auto read = audit::read(scratch / "audit", [&](const audit::Record& record) {
    if (record.kind == audit::Kind::release) offset = record.location.offset;
    return true;
  });
  REQUIRE(read);
  REQUIRE(offset != 0);
  const auto segment = scratch / "audit" / "journal-00000001.seg";
  std::string bytes = tests::bytes_of(segment);
  bytes.at(offset + 60) ^= 1;
  tests::put_bytes(segment, bytes);
  const Pack pack = pack_of({scratch / "audit"});
  CHECK_FALSE(pack.sound);
  CHECK(html(pack).find("NOT SOUND") < html(pack).find("<main>"));
  const auto all = tables(pack);
  CHECK(all.at("journals").at(0).at("finding").as_string() == "bad_crc");
  CHECK(all.at("releases").as_array().empty());
  CHECK(all.at("drills").as_array().empty());
  CHECK(pack_of({journal().copy.path()}).sound);
}

TEST_CASE("year: what no checkpoint covers is named, and is no evidence") {
  const tests::Scratch scratch;
  fs::copy(journal().copy.path(), scratch / "audit", fs::copy_options::recursive);
  const auto seal = scratch / "audit" / "seal";
  fs::resize_file(seal, fs::file_size(seal) - 8);  // the last checkpoint is cut short
  const Pack pack = pack_of({scratch / "audit"});
  CHECK_FALSE(pack.sound);
  const auto line = tables(pack).at("journals").at(0).as_object();
  CHECK(line.at("finding").as_string() != "whole");
  CHECK(line.at("unsealed").as_int64() > 0);
  CHECK(line.at("used_to") == line.at("sealed_to"));
  CHECK(line.at("used_to").as_int64() + line.at("unsealed").as_int64() ==
        line.at("records").as_int64());
}

TEST_CASE("year: what changed between two runs is a change, too, and hosts stand side by side") {
  Office office;
  office.edit("max_order_qty = 1_000", "max_order_qty = 2_000");
  office.restart();
  REQUIRE(office.core->floor().journal.sync());
  const Pack pack = pack_of({journal().copy.path(), office.core->floor().config.audit_dir});
  const auto all = tables(pack);
  CHECK(all.at("journals").as_array().size() == 2);
  CHECK(all.at("journals").at(1).at("host").as_string() == "gw-01 (2)");
  CHECK(all.at("journals").at(1).at("being_written").as_string() == "yes");
  CHECK(pack.sound);
  bool found = false;
  for (const auto& change : all.at("changes").as_array()) {
    if (change.at("how") != "start") continue;
    CHECK(change.at("host").as_string() == "gw-01 (2)");
    CHECK(change.at("direction").as_string() == "LOOSENED");
    CHECK(change.at("people").as_string() == "nobody has re-armed under it");
    found = true;
  }
  CHECK(found);
  CHECK_FALSE(gather(2026, {"/nowhere"}));
}

}  // namespace
}  // namespace interlock::scenarios

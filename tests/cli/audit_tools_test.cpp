// The audit tools on a real journal, which the demo is still writing: refusals, fills, a kill.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <boost/json.hpp>
#include <sstream>

#include "tests/cli/demo.hpp"

namespace json = boost::json;
using interlock::tests::bytes_of;
using interlock::tests::Demo;
using interlock::tests::put_bytes;
using interlock::tests::Ran;
using interlock::tests::Scratch;

namespace {

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) all.push_back(line);
  return all;
}

// A CSV as RFC 4180 has it: not by our own rules for writing one.
std::vector<std::vector<std::string>> rows_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char byte = text[at];
    if (quoted) {
      const bool ends = byte == '"' && (at + 1 == text.size() || text[at + 1] != '"');
      if (ends)
        quoted = false;
      else
        row.back() += byte == '"' ? text[++at] : byte;
    } else if (byte == '"') {
      quoted = true;
    } else if (byte == ',') {
      row.emplace_back();
    } else if (byte == '\r' && at + 1 < text.size() && text[at + 1] == '\n') {
      rows.push_back(std::exchange(row, {{}}));
      ++at;
    } else {
      row.back() += byte;
    }
  }
  return rows;
}

class Database {
 public:
  explicit Database(const std::filesystem::path& file) {
    REQUIRE(sqlite3_open_v2(file.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { sqlite3_close(database_); }
  // Rows with | between their cells.
  [[nodiscard]] std::vector<std::string> ask(const std::string& query) const {
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(database_, query.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    std::vector<std::string> rows;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      std::string row;
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const auto* const cell = reinterpret_cast<const char*>(sqlite3_column_text(statement, i));
        row += fmt::format("{}{}", i == 0 ? "" : "|", cell == nullptr ? "" : cell);
      }
      rows.push_back(row);
    }
    sqlite3_finalize(statement);
    return rows;
  }

 private:
  sqlite3* database_ = nullptr;
};

const Demo& demo() {
  static const Demo demo;  // its story takes seconds: once for all
  return demo;
}

Ran audit(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "audit");
  arguments.push_back(demo().journal().string());
  return interlock::tests::run(arguments);
}

std::string number_of(const std::string& line) { return line.substr(0, line.find(' ')); }

}  // namespace

TEST_CASE("audit query: of the demo's journal, what was asked for") {
  const auto blocked = audit({"query", "--reason", "ORDER_QTY"});
  CHECK(blocked.exit == 0);
  REQUIRE(lines(blocked.out).size() == 1);
  CHECK(blocked.says("router_message R1"));
  CHECK(blocked.says("ORDER_QTY: quantity 900000 is over 100000 of symbol ACME"));
  CHECK(blocked.says("limit_of=symbol ACME"));
  CHECK(blocked.says("parent=P-0"));
  CHECK(blocked.says("|11=R1-2|526=P-0|1=DESK|55=ACME|54=1|"));

  // R1-3 is cancelled by the kill: order, report, cancel of our own, its report.
  const auto chain = audit({"query", "--cl-ord-id", "R1-3", "--json"});
  std::string kinds;
  for (const auto& line : lines(chain.out))
    kinds += std::string(json::parse(line).at("kind").as_string()) + " ";
  CHECK(kinds == "router_message venue_message gateway_message venue_message ");

  const auto declared = audit({"query", "--person", "ann", "--kind", "parent"});
  CHECK(lines(declared.out).size() == 2);
  const auto killed =
      audit({"query", "--kind", "kill", "--router", "R1", "--reason", "PARENT_FILL"});
  CHECK(lines(killed.out).size() == 1);
  CHECK(audit({"query", "--account", "NOBODY"}).out.empty());
  CHECK(audit({"query", "--from", "2000-01-01", "--to", "2000-12-31"}).out.empty());
  const auto words = audit({"query", "--reason", "ORDER_QTY", "--fix"});
  CHECK(words.says("35 MsgType=D NewOrderSingle|"));
  CHECK(words.says("|54 Side=1 buy|"));
  CHECK(words.says("|38 OrderQty=900000|"));
}

TEST_CASE("audit query: a parent's children and their fills, by the names of the policy") {
  const auto parent = audit({"query", "--parent", "P-1", "--json"});
  int passed = 0, refused = 0, fills = 0;
  for (const auto& line : lines(parent.out)) {
    const auto record = json::parse(line);
    const auto& of = record.at("subjects").as_array().at(0).as_object();
    CHECK(of.at("parent").as_string() == "P-1");
    CHECK(of.at("account").as_string() == "DESK");
    const auto kind = record.at("kind").as_string();
    const bool is_refusal = line.find("\"reason\"") != std::string::npos;
    if (kind == "router_message") ++(is_refusal ? refused : passed);
    if (kind != "venue_message") continue;
    CHECK(of.at("router").as_string() == "R1");
    CHECK(of.at("venue").as_string() == "SIM");
    fills += line.find("\\u0001150=F\\u0001") != std::string::npos ? 1 : 0;
  }
  CHECK(passed == 12);
  CHECK(fills == 12);
  CHECK(refused >= 20);  // until the control killed its router
}

TEST_CASE("audit export: CSV, JSON lines and SQLite hold the same records") {
  const Scratch scratch;
  const auto to = [&](const char* name) { return (scratch / name).string(); };
  // The demo's sessions still beat: what is compared ends at a record.
  const std::string last = number_of(lines(audit({"tail", "-n", "1"}).out).at(0));
  for (const auto* form : {"csv", "jsonl", "sqlite"})
    CHECK(audit({"export", "--format", form, "-o", to(form), "--to", last}).exit == 0);
  const auto count = last.substr(1);

  const auto rows = rows_of(bytes_of(scratch / "csv"));
  REQUIRE(rows.size() > 1);
  CHECK(rows.front().at(0) == "sequence");
  CHECK(rows.back().at(0) == count);
  for (const auto& row : rows) CHECK(row.size() == rows.front().size());
  const auto objects = lines(bytes_of(scratch / "jsonl"));
  CHECK(std::to_string(objects.size()) == count);
  for (const auto& line : objects) CHECK(json::parse(line).is_object());

  const Database database(scratch / "sqlite");
  CHECK(database.ask("SELECT count(DISTINCT sequence), max(sequence) FROM records") ==
        std::vector<std::string>{count + "|" + count});
  std::string second;  // of the same row in both
  for (const auto& row : rows)
    if (row[0] == rows[1][0]) second = row[0] + "|" + row[2] + "|" + row[3];
  CHECK(database.ask("SELECT sequence, time, kind FROM records WHERE sequence = " + rows[1][0]) ==
        std::vector<std::string>{second});
}

TEST_CASE("audit export: in SQLite an order joins its parent, its route and its executions") {
  const Scratch scratch;
  const auto file = (scratch / "journal.sqlite").string();
  REQUIRE(audit({"export", "--format", "sqlite", "-o", file}).exit == 0);
  const Database database(file);
  CHECK(
      database.ask("SELECT r.router, r.venue, r.account, count(*), sum(m.last_qty) FROM records r "
                   "JOIN messages m USING (sequence) WHERE r.parent = 'P-1' AND m.direction = "
                   "'in' AND m.exec_type = 'F' GROUP BY 1, 2, 3") ==
      std::vector<std::string>{"R1|SIM|DESK|12|1200"});
  CHECK(database.ask("SELECT cl_ord_id, reason FROM records WHERE reason = 'ORDER_QTY'") ==
        std::vector<std::string>{"R1-2|ORDER_QTY"});
  CHECK(database.ask("SELECT value FROM fields WHERE name = 'limit_of' AND value LIKE 's%'") ==
        std::vector<std::string>{"symbol ACME"});
  CHECK(database.ask("SELECT order_qty, side, symbol FROM messages WHERE cl_ord_id = 'R1-2' AND "
                     "direction = 'in'") == std::vector<std::string>{"900000|1|ACME"});
}

TEST_CASE("audit export: a file that is there stays as it is") {
  const Scratch scratch;
  put_bytes(scratch / "mine", "mine");
  const auto file = (scratch / "mine").string();
  for (const auto* form : {"csv", "jsonl", "sqlite"})
    CHECK(audit({"export", "--format", form, "-o", file}).exit == 78);
  CHECK(bytes_of(scratch / "mine") == "mine");
  CHECK(audit({"export", "--format", "parquet", "-o", file + "2"}).exit == 2);
  CHECK(audit({"export", "--format", "sqlite", "-o", "-"}).exit == 2);
  CHECK(audit({"export", "--format", "csv", "-o", "-", "--kind", "start"})
            .says("sequence,position,"));
}

TEST_CASE("explain: a refusal with its control, its limit and the history of its parent") {
  const auto number = number_of(audit({"query", "--reason", "ORDER_QTY"}).out);
  const auto said = interlock::tests::run({"explain", number, demo().journal().string()});
  CHECK(said.exit == 0);
  CHECK(said.says(number + "  "));
  CHECK(said.says(
      "R1-2: buy 900000 ACME @ 10.00 refused, ORDER_QTY: quantity 900000 is over 100000"));
  CHECK(said.says("order-qty: "));
  CHECK(said.says("symbol ACME"));
  CHECK(
      said.says("parent P-0, size 1000000: before this record 1 children passed, 0 were refused, "
                "100 filled"));
  const auto as_json =
      interlock::tests::run({"explain", number.substr(1), demo().journal().string(), "--json"});
  const auto object = json::parse(as_json.out);
  CHECK(object.at("verdict").at("code").as_string() == "ORDER_QTY");
  CHECK(object.at("control").at("id").as_string() == "order-qty");
  CHECK(object.at("limit_of").as_string() == "symbol ACME");
  // As the demo said it itself: "(limit: demo.toml:80)".
  const auto at = demo().said().find("demo.toml:") + 10;
  const auto line = std::stoi(demo().said().substr(at));
  const auto& limit = object.at("limits").as_array().at(0);
  CHECK(limit.at("key").as_string() == "max_order_qty");
  CHECK(limit.at("value").as_string() == "100000");
  CHECK(limit.at("line").as_int64() == line);
  CHECK(limit.at("owner").as_string() == "whoever tries it");
  CHECK(
      said.says(fmt::format("max_order_qty of symbol ACME = 100000, line {} of the "
                            "configuration",
                            line)));
}

TEST_CASE("explain: the thirteenth child, the kill that came of it, and a fill") {
  const auto journal = demo().journal().string();
  const auto refused =
      lines(audit({"query", "--reason", "PARENT_FILL", "--kind", "router_message"}).out);
  REQUIRE_FALSE(refused.empty());
  const auto first = interlock::tests::run({"explain", number_of(refused.front()), journal});
  CHECK(first.says("before this record 12 children passed, 0 were refused, 1200 filled"));
  CHECK(first.says("declared: buy 1200 ACME for DESK, by ann"));
  CHECK(first.says("kill router R1, by breach: PARENT_FILL"));
  const auto kill = number_of(audit({"query", "--kind", "kill", "--router", "R1"}).out);
  const auto killed = interlock::tests::run({"explain", kill, journal});
  CHECK(killed.exit == 0);
  CHECK(killed.says("R1-3: OrderCancelRequest to SIM, kill "));
  CHECK(killed.says("refused, PARENT_FILL"));
  const auto fills = lines(audit({"query", "--kind", "venue_message", "--cl-ord-id", "R1-6"}).out);
  REQUIRE(fills.size() == 2);
  const auto fill = interlock::tests::run({"explain", number_of(fills.back()), journal});
  CHECK(fill.says("R1-6: trade 100 @ 10.00, 100 in all"));
  CHECK(interlock::tests::run({"explain", "B999999", journal}).exit == 1);
  CHECK(interlock::tests::run({"explain", "PARENT_FILL"}).exit == 0);
  CHECK(interlock::tests::run({"explain", "PARENT"}).exit == 2);
}

TEST_CASE("fix: reads what the audit tools write, and finds what the gateway refused") {
  const Scratch scratch;
  put_bytes(scratch / "log", audit({"query"}).out);
  const auto log = (scratch / "log").string();
  const auto said = interlock::tests::run(
      {"fix", log, "--parent-tag", "526", "--comp-id", "R1", "--size", "P-1=1200", "--json"});
  CHECK(said.exit == 1);  // the children that the gateway refused are there, and beyond the size
  const auto object = json::parse(said.out);
  CHECK(object.at("incomplete").as_int64() == 0);
  bool seen = false;
  for (const auto& each : object.at("parents").as_array()) {
    if (each.at("parent").as_string() != "P-1") continue;
    seen = true;
    CHECK(each.at("filled").as_string() == "1200");
    CHECK(each.at("open_worst").as_string() == "0");
    CHECK(each.at("beyond").as_int64() == each.at("rejected").as_int64());
    CHECK(each.at("first_beyond").as_string().starts_with("R1-18 at "));
    CHECK(each.at("would_be").as_string() == "1300");
  }
  CHECK(seen);
  const auto text = interlock::tests::run({"fix", "--parent-tag", "526", "--size", "P-1=5000"}, {},
                                          bytes_of(scratch / "log"));
  CHECK(text.says("P-1"));
  CHECK(text.exit == 0);
}

TEST_CASE("fix: exit codes") {
  CHECK(interlock::tests::run({"fix", "/nowhere"}).exit == 2);
  CHECK(interlock::tests::run({"fix", "--size", "P"}, {}, "").exit == 2);
  CHECK(interlock::tests::run({"fix"}, {}, "nothing").exit == 1);
  const std::string one = "8=FIX.4.4|9=5|35=D|49=R|56=G|11=a|55=X|54=1|38=5|10=000|\n";
  CHECK(interlock::tests::run({"fix", "-"}, {}, one).exit == 0);
  const Scratch scratch;
  put_bytes(scratch / "sizes", "parent,size\r\nP-1,1200\r\na,4\n");
  const auto sizes = (scratch / "sizes").string();
  const auto beyond = interlock::tests::run({"fix", "--sizes", sizes}, {}, one);
  CHECK(beyond.exit == 1);
  CHECK(beyond.says("1 beyond its size 4: a was the first, making 5"));
}

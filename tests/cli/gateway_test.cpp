#include <doctest/doctest.h>

#include "tests/cli/program.hpp"
#include "tests/console/web.hpp"

using interlock::tests::FakeDesk;

using interlock::tests::Ran;
using interlock::tests::Web;

namespace {

// The program, asked about the gateway under test.
Ran ask(const Web& web, std::vector<std::string> arguments,
        std::map<std::string, std::string> environment = {}) {
  environment["INTERLOCK_SOCKET"] = web.server.socket().string();
  return interlock::tests::run(arguments, environment);
}

interlock::gateway::Snapshot armed() {
  interlock::gateway::Snapshot snapshot;
  snapshot.state = "armed";
  for (const auto* id : {"R1", "SIM"}) {
    auto& session = snapshot.sessions.emplace_back();
    session.id = id;
    session.side = snapshot.sessions.size() == 1 ? "router" : "venue";
    session.state = snapshot.sessions.size() == 1 ? "on" : "connecting";
  }
  snapshot.limits = {{"order-rate", "router", "R1", "45", "50 / 1 s", 0.9, 12},
                     {"order-rate", "firm", "", "45", "500 / 1 s", 0.09, 14}};
  auto& parent = snapshot.parents.emplace_back();
  parent.id = "P-1\x1b[2J";  // what came over the wire must not steer a terminal
  parent.size = "1200";
  snapshot.parent_count = 1;
  snapshot.open_orders = 12;
  return snapshot;
}

// What the loop would publish about the latch's last kill.
void publish_last_kill(Web& web, std::uint32_t residual) {
  const auto kill = web.desk.latch.active().back();
  auto snapshot = armed();
  auto& view = snapshot.kills.emplace_back();
  view.id = kill.id;
  view.scope_kind = "venue";
  view.scope = "SIM";
  view.cause = kill.cause;
  view.closed_at_ns = FakeDesk::now_ns;
  view.residual_count = residual;
  if (residual != 0) {
    auto& order = view.residual.emplace_back();
    order.venue = "SIM";
    order.cl_ord_id = "R1-7";
    order.open = "100";
  }
  web.desk.show(snapshot);
}

}  // namespace

TEST_CASE("status: the first line says what is the matter") {
  Web web;
  web.desk.show(armed());
  const auto status = ask(web, {"status"});
  CHECK(status.exit == 0);
  CHECK(
      status.out.starts_with("ARMED gw-03.ny4 test build b01d config c0f1 sessions 1/2 kills 0 "
                             "open 12 journal ok age 20 ms\n"));
  CHECK(status.out.find('\x1b') == std::string::npos);
  const auto as_json = ask(web, {"status", "--json"});
  CHECK(boost::json::parse(as_json.out).at("state").as_string() == "armed");
}

TEST_CASE("status: a journal that nobody signs is said in the first line") {
  Web web;
  auto snapshot = armed();
  snapshot.signing.problem = "the signer does not answer";
  web.desk.show(snapshot);
  CHECK(ask(web, {"status"}).says(" open 12 journal not signed age"));
}

TEST_CASE("status: old figures are no answer") {
  Web web;
  auto stale = armed();
  stale.time_ns = FakeDesk::now_ns - 5'000'000'000;
  web.desk.show(stale);
  const auto status = ask(web, {"status"});
  CHECK(status.exit == 1);
  CHECK(status.out.starts_with("UNKNOWN "));
}

TEST_CASE("reading commands show columns, and the first N of them") {
  Web web;
  web.desk.show(armed());
  const auto limits = ask(web, {"limits", "--top", "1"});
  CHECK(limits.exit == 0);
  CHECK(limits.says("90 %"));
  CHECK(limits.says("50 / 1 s"));
  CHECK_FALSE(limits.says("500 / 1 s"));
  const auto parents = ask(web, {"parents"});
  CHECK(parents.says("P-1?[2J"));
  CHECK(ask(web, {"sessions"}).says("connecting"));
  const auto only = ask(web, {"sessions", "R1"});
  CHECK(only.exit == 0);
  CHECK_FALSE(only.says("connecting"));
  CHECK(ask(web, {"sessions", "R9"}).exit == 2);
  CHECK(boost::json::parse(ask(web, {"limits", "--json"}).out).at("limits").as_array().size() == 2);
}

TEST_CASE("kill: it takes no token, names its evidence, and is the same the second time") {
  Web web;
  const auto killed = ask(web, {"kill", "venue", "SIM", "--reason", "odd fills"});
  CHECK(killed.exit == 0);
  CHECK(killed.says("KILLED venue SIM"));
  CHECK(killed.says("gate closed after 0.4 ms, 3 cancels sent"));
  CHECK(killed.says("last to SIM: MsgSeqNum 41, 512 bytes may still leave"));
  CHECK(web.desk.latch.active().back().cause == "odd fills");
  CHECK(ask(web, {"kill", "venue", "SIM"}).says("since 2026-11-21T09:30:00"));
  CHECK(ask(web, {"kill", "everything"}).exit == 0);
  CHECK(ask(web, {"kill", "everything", "--json"}).says(R"("scope":"firm")"));
}

TEST_CASE("cut: it takes a venue and no token, and says what was done") {
  Web web;
  const auto cut = ask(web, {"cut", "SIM"});
  CHECK(cut.exit == 0);
  CHECK(cut.out == "so be it\n");
  REQUIRE(web.desk.acted.size() == 1);
  CHECK(std::get<interlock::gateway::CutVenue>(web.desk.acted[0].second).venue == "SIM");
  web.desk.action_outcome = {interlock::gateway::ActionOutcome::Answer::refused,
                             "SIM is not killed"};
  const auto refused = ask(web, {"cut", "SIM"});
  CHECK(refused.exit == 1);
  CHECK(refused.complains("SIM is not killed"));
}

TEST_CASE("session reset-seq: it proposes numbers with a reason, and names who approves next") {
  Web web;
  const std::map<std::string, std::string> ortiz{{"INTERLOCK_TOKEN", "ortizortiz"}};
  const std::vector<std::string> whole{"session", "reset-seq", "SIM",      "--in", "7",
                                       "--out",   "9",         "--reason", "lost"};
  CHECK(ask(web, whole).exit == 4);
  for (const auto& wrong : std::vector<std::vector<std::string>>{
           {"session", "reset-seq", "SIM", "--in", "7"},
           {"session", "reset-seq", "SIM", "--reason", "lost"},
           {"session", "reset-seq", "--in", "7", "--reason", "lost"},
           {"session", "reset-seq", "SIM", "--in", "seven", "--reason", "lost"},
           {"session", "reset-seq", "SIM", "--in", "-7", "--reason", "lost"},
           {"session", "reset-seq", "SIM", "--in", "0", "--reason", "lost"},
           {"session", "reset-seq", "SIM", "--out", "4294967297", "--reason", "lost"},
           {"session", "approve", "seven"}}) {
    const auto refused = ask(web, wrong, ortiz);
    CAPTURE(refused.err);
    CHECK(refused.exit == 2);
    CHECK_FALSE(refused.err.empty());
  }
  CHECK(web.desk.acted.empty());
  web.desk.action_outcome = {interlock::gateway::ActionOutcome::Answer::proposed,
                             "SIM: 1 -> 7\nanother person", 41, FakeDesk::now_ns};
  const auto proposed = ask(web, whole, ortiz);
  CHECK(proposed.exit == 0);
  CHECK(proposed.out ==
        "SIM: 1 -> 7\nanother person\nproposal 41, until 2026-11-21T09:30:00.000000001Z: "
        "interlock session approve 41\n");
  const auto asked = std::get<interlock::gateway::SetSequence>(web.desk.acted.at(0).second);
  CHECK(asked.session == "SIM");
  CHECK(asked.next_in == 7);
  CHECK(asked.next_out == 9);
  CHECK(asked.reason == "lost");
  web.desk.action_outcome = {interlock::gateway::ActionOutcome::Answer::done, "SIM: 1 -> 7\n", 42};
  const auto done = ask(web, {"session", "approve", "41"}, {{"INTERLOCK_TOKEN", "leelee"}});
  CHECK(done.out == "SIM: 1 -> 7\ndone\n");
  CHECK(std::get<interlock::gateway::ApproveSequence>(web.desk.acted.at(1).second).proposal == 41);
  web.desk.action_outcome = {interlock::gateway::ActionOutcome::Answer::conflict,
                             "SIM is connected"};
  const auto up = ask(web, whole, ortiz);
  CHECK(up.exit == 1);
  CHECK(up.complains("SIM is connected"));
}

TEST_CASE("kill: what is not confirmed is said, and is exit 5") {
  Web web;
  web.desk.closed.reset();
  const auto killed = ask(web, {"kill", "everything"});
  CHECK(killed.exit == 5);
  CHECK(killed.complains("NOT confirmed"));
}

TEST_CASE("kill --wait: ends when every order is dead, else names those that live") {
  Web web;
  REQUIRE(ask(web, {"kill", "venue", "SIM"}).exit == 0);
  publish_last_kill(web, 0);
  const auto dead = ask(web, {"kill", "venue", "SIM", "--wait", "30s"});
  CHECK(dead.exit == 0);
  CHECK(dead.says("confirmed dead"));
  publish_last_kill(web, 1);
  const auto alive = ask(web, {"kill", "venue", "SIM", "--wait", "150ms"});
  CHECK(alive.exit == 5);
  CHECK(alive.complains("SIM R1-7"));
}

TEST_CASE("kill: a wrong name is a wrong command, and kills nothing") {
  Web web;
  const auto wrong = ask(web, {"kill", "router", "R9"});
  CHECK(wrong.exit == 2);
  CHECK(wrong.complains("known: R1, R2"));
  CHECK(ask(web, {"kill"}).exit == 2);
  CHECK(ask(web, {"kill", "router"}).exit == 2);
  CHECK(ask(web, {"kill", "everything", "--wait", "30"}).exit == 2);
  CHECK(web.desk.latch.active().size() == 1);
}

TEST_CASE("rearm: two people with tokens from a file or the environment") {
  Web web;
  REQUIRE(ask(web, {"kill", "venue", "SIM"}).exit == 0);
  publish_last_kill(web, 0);
  const auto id = std::to_string(web.desk.latch.active().back().id);
  CHECK(ask(web, {"rearm", "status"}).says("interlock rearm begin " + id));
  CHECK(ask(web, {"rearm", "begin", id, "--reason", "fixed"}).exit == 4);
  const std::map<std::string, std::string> ortiz{{"INTERLOCK_TOKEN", "ortizortiz"}};
  const auto begun = ask(web, {"rearm", "begin", id, "--reason", "fixed"}, ortiz);
  CHECK(begun.exit == 0);
  CHECK(begun.says("rearm approve " + id));
  const auto alone = ask(web, {"rearm", "approve", id}, ortiz);
  CHECK(alone.exit == 1);
  CHECK(web.desk.latch.active().size() == 2);
  interlock::tests::put_bytes(web.desk.scratch / "token", "leelee\n");
  const auto token = (web.desk.scratch / "token").string();
  const auto cleared = ask(web, {"rearm", "approve", id, "--token-file", token});
  CHECK(cleared.exit == 0);
  CHECK(cleared.says("is cleared"));
  CHECK(web.desk.latch.active().size() == 1);
  CHECK(ask(web, {"rearm", "approve", id}, {{"INTERLOCK_TOKEN", "wrong"}}).exit == 4);
}

TEST_CASE("parent declare: who, what, and how much") {
  Web web;
  const std::vector<std::string> declare{"parent",     "declare",  "P-1",  "--account",
                                         "7731",       "--symbol", "ACME", "--side",
                                         "sell_short", "--size",   "1200"};
  CHECK(ask(web, declare).exit == 4);
  const auto declared = ask(web, declare, {{"INTERLOCK_TOKEN", "ortizortiz"}});
  CHECK(declared.exit == 0);
  CHECK(declared.says("P-1: added"));
  REQUIRE(web.desk.declared.size() == 1);
  CHECK(web.desk.declared[0].side == "5");
  CHECK(web.desk.declared[0].size == "1200");
}

TEST_CASE("a gateway that is not there is exit 3, with what to do") {
  const interlock::tests::Scratch scratch;
  const auto socket = (scratch / "interlock.sock").string();
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"status"}, {"parents"}, {"limits"}, {"kill", "everything"}, {"rearm", "status"}}) {
    auto arguments = command;
    arguments.insert(arguments.end(), {"--socket", socket});
    const auto ran = interlock::tests::run(arguments);
    CHECK(ran.exit == 3);
    CHECK(ran.complains(socket));
    CHECK(ran.complains("Is it running?"));
  }
}

#include <doctest/doctest.h>
#include <pwd.h>
#include <unistd.h>

#include "tests/console/web.hpp"

using interlock::killswitch::ScopeKind;
using interlock::tests::FakeDesk;
using interlock::tests::Web;
using interlock::tests::With;

namespace {

const With viewer{.token = "viewerviewer"};
const With ortiz{.token = "ortizortiz"};

With says(const With& person, std::string body) {
  With with = person;
  with.body = std::move(body);
  return with;
}

interlock::gateway::Snapshot armed() {
  interlock::gateway::Snapshot snapshot;
  snapshot.state = "armed";
  auto& session = snapshot.sessions.emplace_back();
  session.id = "R1";
  session.side = "router";
  session.state = "on";
  session.peer = "127.0.0.1:5";
  snapshot.limits = {{"order-rate", "router", "R1", "45", "50 / 1 s", 0.9, 12}};
  auto& parent = snapshot.parents.emplace_back();
  parent.id = "P-1";
  parent.size = "1200";
  snapshot.parent_count = 1;
  return snapshot;
}

std::uint64_t kill_id(const interlock::tests::Reply& reply) {
  return reply.json().at("kill_id").to_number<std::uint64_t>();
}

}  // namespace

TEST_CASE("api: ready means armed, and heard within two seconds") {
  Web web;
  web.desk.show(armed());
  CHECK(web.console("GET", "/readyz").status == 200);

  auto killed = armed();
  killed.state = "killed";
  web.desk.show(killed);
  const auto refused = web.console("GET", "/readyz");
  CHECK(refused.status == 503);
  CHECK(refused.json().at("error").at("message").as_string() == "the gate is killed");

  auto stale = armed();
  stale.time_ns = FakeDesk::now_ns - 2'000'000'000;
  web.desk.show(stale);
  CHECK(web.console("GET", "/readyz").status == 503);
  CHECK(web.console("GET", "/readyz").error() == "stale");
  web.desk.show_nothing();
  CHECK(web.console("GET", "/readyz").status == 503);
  CHECK(web.console("GET", "/api/v1/state", viewer).status == 503);
  CHECK(web.console("GET", "/healthz").status == 200);
}

TEST_CASE("api: version names what runs") {
  Web web;
  const auto version = web.console("GET", "/version").json();
  CHECK(version.at("build_id").as_string() == "b01d");
  CHECK(version.at("config_hash").as_string() == "c0f1");
  CHECK(version.at("git_revision").as_string() == "abc123");
  CHECK(version.at("node").as_string() == "gw-03.ny4");
}

TEST_CASE("api: the running build id is that of this file") {
  const auto id = interlock::console::running_build_id();
  CHECK(id.size() == 40);
  CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
}

TEST_CASE("api: the pages show the snapshot and its age") {
  Web web;
  web.desk.show(armed());
  const auto state = web.console("GET", "/api/v1/state", viewer).json();
  CHECK(state.at("age_ms").as_int64() == 20);
  CHECK(state.at("state").as_string() == "armed");
  CHECK(state.at("identity").at("node").as_string() == "gw-03.ny4");
  const auto limits = web.console("GET", "/api/v1/limits", viewer).json();
  CHECK(limits.at("limits").at(0).at("used").as_string() == "45");
  CHECK(limits.at("limits").at(0).at("line").as_int64() == 12);
  const auto parents = web.console("GET", "/api/v1/parents", viewer).json();
  CHECK(parents.at("parents").at(0).at("size").as_string() == "1200");
  CHECK(parents.at("count").as_int64() == 1);
  const auto sessions = web.console("GET", "/api/v1/sessions", viewer).json();
  CHECK(sessions.at("sessions").at(0).at("peer").as_string() == "127.0.0.1:5");
  CHECK(sessions.at("sessions").at(0).at("last_received").is_null());
}

TEST_CASE("api: a kill without a body is everything, and names its evidence") {
  Web web;
  const auto reply = web.console("POST", "/api/v1/kill", ortiz);
  REQUIRE(reply.status == 200);
  const auto kill = reply.json();
  CHECK(kill.at("scope").as_string() == "firm");
  CHECK(kill.at("id").as_string() == "");
  CHECK(kill.at("already").as_bool());  // a state directory without a latch starts killed
  CHECK(kill.at("closed_at").as_string() == "2026-11-21T09:30:00.000400001Z");
  CHECK(kill.at("last_sequence").at("SIM").as_int64() == 41);
  CHECK(kill.at("unsent").at("SIM").as_int64() == 512);
  CHECK(kill.at("cancels_sent").as_int64() == 3);
  CHECK(kill.at("purged").as_int64() == 1);
  CHECK(kill.at("residual").as_int64() == 3);
}

TEST_CASE("api: a kill of a scope is latched under the person's name, once") {
  Web web;
  const auto first = web.console("POST", "/api/v1/kill",
                                 says(ortiz, R"({"scope":"router","id":"R1","reason":"runaway"})"));
  REQUIRE(first.status == 200);
  CHECK_FALSE(first.json().at("already").as_bool());
  CHECK(first.json().at("persisted").as_bool());
  const auto again =
      web.console("POST", "/api/v1/kill", says(ortiz, R"({"scope":"router","id":"R1"})"));
  CHECK(again.json().at("already").as_bool());
  CHECK(kill_id(again) == kill_id(first));
  const auto active = web.desk.latch.active();
  REQUIRE(active.size() == 2);
  CHECK(active.back().actor == "ortiz");
  CHECK(active.back().cause == "runaway");
  CHECK(active.back().source == interlock::killswitch::Source::http);
}

TEST_CASE("api: a gate that has not answered is unconfirmed, never said to be closed") {
  Web web;
  web.desk.closed.reset();
  const auto kill = web.console("POST", "/api/v1/kill", ortiz).json();
  CHECK(kill.at("closed_at").as_string() == "unconfirmed");
  CHECK(kill.at("gate_ns").is_null());
}

TEST_CASE("api: a kill that names nothing known kills nothing and lists what is known") {
  Web web;
  const auto reply =
      web.console("POST", "/api/v1/kill", says(ortiz, R"({"scope":"router","id":"R9"})"));
  CHECK(reply.status == 404);
  CHECK(reply.json().at("error").at("hint").as_string() == "known: R1, R2");
  for (const auto* scope : {"venue", "account", "symbol"}) {
    const auto body = fmt::format(R"({{"scope":"{}","id":"R1"}})", scope);
    CHECK(web.console("POST", "/api/v1/kill", says(ortiz, body)).status == 404);
  }
  CHECK(web.desk.latch.active().size() == 1);
  const auto parent =
      web.console("POST", "/api/v1/kill", says(ortiz, R"({"scope":"parent","id":"P-later"})"));
  CHECK(parent.status == 200);
  CHECK(web.desk.latch.active().back().scope ==
        interlock::killswitch::Scope{ScopeKind::parent, "P-later"});
}

TEST_CASE("api: a kill that cannot be understood is refused, and nothing becomes everything") {
  Web web;
  for (const auto* body :
       {R"({"scop":"router","id":"R1"})", R"({"id":"R1"})", R"({"scope":"router"})",
        R"({"scope":"firm","id":"R1"})", R"({"scope":"rooter","id":"R1"})", R"(["router","R1"])",
        R"({"scope":"router","id":"R1","id":"R2"})", R"({"scope":5})", R"({"scope":"firm"} x)",
        R"({"scope":"router","id":"R1)", "null", R"({"level":"reduce"})", R"({"level":3})"}) {
    CAPTURE(body);
    const auto reply = web.console("POST", "/api/v1/kill", says(ortiz, body));
    CHECK(reply.status == 400);
    CHECK(reply.error() == "bad_body");
  }
  CHECK(web.desk.latch.active().size() == 1);
  CHECK(web.console("POST", "/api/v1/kill", says(ortiz, "{}")).status == 200);
  const auto long_reason = fmt::format(R"({{"reason":"{}"}})", std::string(2000, 'x'));
  CHECK(web.console("POST", "/api/v1/kill", says(ortiz, long_reason)).status == 200);
}

TEST_CASE("api: a lower level is latched as such, and a kill above it is another one") {
  Web web;
  const auto block = web.console("POST", "/api/v1/kill",
                                 says(ortiz, R"({"scope":"router","id":"R1","level":"block"})"));
  REQUIRE(block.status == 200);
  CHECK(block.json().at("level").as_string() == "block");
  CHECK(web.desk.latch.active().back().level == interlock::killswitch::Level::block);
  const auto lower = web.console(
      "POST", "/api/v1/kill", says(ortiz, R"({"scope":"router","id":"R1","level":"reduce-only"})"));
  CHECK(lower.json().at("already").as_bool());
  CHECK(lower.json().at("level").as_string() == "block");
  const auto kill =
      web.console("POST", "/api/v1/kill", says(ortiz, R"({"scope":"router","id":"R1"})"));
  CHECK(kill.json().at("level").as_string() == "kill");
  CHECK(kill_id(kill) != kill_id(block));
}

TEST_CASE("api: algo, trader and desk are scopes of a kill, by the names that the policy has") {
  Web web;
  for (const auto* scope : {"algo", "trader", "desk"}) {
    const auto known = fmt::format(R"({{"scope":"{0}","id":"{0}-1"}})", scope);
    CHECK(web.console("POST", "/api/v1/kill", says(ortiz, known)).status == 200);
    const auto unknown = fmt::format(R"({{"scope":"{0}","id":"{0}-2"}})", scope);
    CHECK(web.console("POST", "/api/v1/kill", says(ortiz, unknown)).status == 404);
  }
}

TEST_CASE("api: GET on kill does not kill") {
  Web web;
  const auto reply = web.console("GET", "/api/v1/kill", ortiz);
  CHECK(reply.status == 405);
  CHECK(reply.head.find("Allow: POST\r\n") != std::string::npos);
  CHECK(web.console("PUT", "/api/v1/parents", ortiz).head.find("Allow: GET, POST\r\n") !=
        std::string::npos);
}

TEST_CASE("api: each right is asked for, and a wrong token is nobody") {
  Web web;
  const With nobody{.token = "wrong"};
  const std::vector<std::pair<std::string, std::string>> all{
      {"GET", "/api/v1/state"},    {"GET", "/api/v1/parents"}, {"GET", "/api/v1/limits"},
      {"GET", "/api/v1/sessions"}, {"POST", "/api/v1/kill"},   {"POST", "/api/v1/rearm"},
      {"POST", "/api/v1/parents"}};
  for (const auto& [method, target] : all) {
    CAPTURE(target);
    CHECK(web.console(method, target, method == "GET" ? With{} : says({}, "{}")).status == 401);
    const auto wrong = web.console(method, target, method == "GET" ? nobody : says(nobody, "{}"));
    CHECK(wrong.status == 401);
    CHECK(wrong.head.find("WWW-Authenticate: Bearer") != std::string::npos);
    if (method == "POST") {
      CHECK(web.console(method, target, says(viewer, "{}")).status == 403);
    }
  }
  CHECK(web.desk.latch.active().size() == 1);
}

TEST_CASE("api: on the Unix socket view and kill need no token; re-arm and parents always do") {
  Web web;
  CHECK(web.local("GET", "/api/v1/state").status == 200);
  const auto kill = web.local("POST", "/api/v1/kill", says({}, R"({"scope":"venue","id":"SIM"})"));
  REQUIRE(kill.status == 200);
  const auto* user = ::getpwuid(::getuid());
  CHECK(web.desk.latch.active().back().actor == user->pw_name);
  CHECK(web.desk.latch.active().back().source == interlock::killswitch::Source::socket);
  const auto rearm =
      fmt::format(R"({{"action":"begin","kill_id":{},"reason":"x"}})", kill_id(kill));
  CHECK(web.local("POST", "/api/v1/rearm", says({}, rearm)).status == 401);
  CHECK(web.local("POST", "/api/v1/parents", says({}, "{}")).status == 401);
  CHECK(web.local("POST", "/api/v1/rearm", says(ortiz, rearm)).status == 200);
}

TEST_CASE("api: re-arming takes two people") {
  Web web;
  const auto killed =
      web.console("POST", "/api/v1/kill", says(ortiz, R"({"scope":"symbol","id":"ACME"})"));
  const auto id = kill_id(killed);
  const auto begin = fmt::format(R"({{"action":"begin","kill_id":{},"reason":"fixed"}})", id);
  const auto approve = fmt::format(R"({{"action":"approve","kill_id":{}}})", id);
  CHECK(web.console("POST", "/api/v1/rearm", says(ortiz, approve)).status == 409);
  const auto begun = web.console("POST", "/api/v1/rearm", says(ortiz, begin));
  REQUIRE(begun.status == 200);
  CHECK(begun.json().at("begun_by").as_string() == "ortiz");
  CHECK(begun.json().at("expires_at").as_string() == "2026-11-21T09:40:00.000000001Z");
  const auto alone = web.console("POST", "/api/v1/rearm", says(ortiz, approve));
  CHECK(alone.status == 409);
  CHECK(web.desk.latch.active().size() == 2);
  const auto cleared = web.console("POST", "/api/v1/rearm", says({.token = "leelee"}, approve));
  REQUIRE(cleared.status == 200);
  CHECK(cleared.json().at("cleared").as_bool());
  CHECK(web.desk.latch.active().size() == 1);
}

TEST_CASE("api: a drill is asked for by a person who may kill, or on the host by the user") {
  Web web;
  const std::string body = R"({"button":"rack"})";
  CHECK(web.console("POST", "/api/v1/button", says({}, body)).status == 401);
  CHECK(web.console("POST", "/api/v1/button", says(ortiz, R"({"buttons":"rack"})")).status == 400);
  CHECK(web.console("POST", "/api/v1/button", says(ortiz, R"({"button":""})")).status == 400);
  CHECK(web.console("POST", "/api/v1/button", says(ortiz, body)).status == 200);
  CHECK(web.local("POST", "/api/v1/button", says({}, body)).status == 200);
  REQUIRE(web.desk.acted.size() == 2);
  CHECK(web.desk.acted[0].first == "ortiz");
  CHECK(web.desk.acted[1].first == ::getpwuid(::getuid())->pw_name);
  using interlock::gateway::TestButton;
  CHECK(std::get<TestButton>(web.desk.acted[1].second).button == "rack");
}

TEST_CASE("api: a kill by a button is re-armed over the Unix socket, not over the network") {
  Web web;
  const auto id = web.desk.latch
                      .trip({interlock::killswitch::ScopeKind::router, "R1"},
                            interlock::killswitch::Source::button, "rack", "pressed", 1)
                      .kill.id;
  const auto begin = fmt::format(R"({{"action":"begin","kill_id":{},"reason":"x"}})", id);
  CHECK(web.console("POST", "/api/v1/rearm", says(ortiz, begin)).status == 409);
  CHECK(web.local("POST", "/api/v1/rearm", says(ortiz, begin)).status == 200);
}

TEST_CASE("api: a re-arm body is read strictly") {
  Web web;
  for (const auto* body : {R"({})", R"({"action":"begin"})", R"({"action":"arm","kill_id":1})",
                           R"({"action":"begin","kill_id":-1,"reason":"x"})",
                           R"({"action":"begin","kill_id":"1","reason":"x"})",
                           R"({"action":"begin","kill_id":1.5,"reason":"x"})",
                           R"({"action":"approve","kill_id":1,"reason":"x"})",
                           R"({"action":"begin","kill_id":1,"reason":"x","orders_signed_off":"A"})",
                           R"({"action":"begin","kill_id":1,"reason":"x","orders_signed_off":[1]})",
                           R"({"action":"begin","kill_id":1,"reason":"x","force":true})"}) {
    CAPTURE(body);
    CHECK(web.console("POST", "/api/v1/rearm", says(ortiz, body)).status == 400);
  }
}

TEST_CASE("api: a parent is declared by a person, with a side in words or as FIX has it") {
  Web web;
  const std::string body =
      R"({"parent":"P-1","account":"7731","symbol":"ACME","side":"sell_short","size":"1200"})";
  const auto added = web.console("POST", "/api/v1/parents", says(ortiz, body));
  REQUIRE(added.status == 201);
  CHECK(added.json().at("answer").as_string() == "added");
  CHECK(added.json().at("record").as_int64() == 17);
  REQUIRE(web.desk.declared.size() == 1);
  CHECK(web.desk.declared[0].side == "5");
  CHECK(web.desk.declared[0].actor == "ortiz");
  CHECK(web.desk.declared[0].size == "1200");

  using interlock::gateway::ParentAnswer;
  const auto status_of = [&](ParentAnswer answer) {
    web.desk.parent_outcome = interlock::gateway::ParentOutcome{answer, "why", 0};
    return web.console("POST", "/api/v1/parents", says(ortiz, body)).status;
  };
  CHECK(status_of(ParentAnswer::same) == 200);
  CHECK(status_of(ParentAnswer::conflict) == 409);
  CHECK(status_of(ParentAnswer::refused) == 422);
  web.desk.parent_outcome = std::unexpected("the loop did not answer");
  CHECK(web.console("POST", "/api/v1/parents", says(ortiz, body)).status == 503);
}

TEST_CASE("api: a parent that is not fully named is not declared") {
  Web web;
  for (const auto* body :
       {R"({"parent":"P-1","account":"7731","symbol":"ACME","side":"1"})",
        R"({"parent":"","account":"7731","symbol":"ACME","side":"1","size":"1"})",
        R"({"parent":"P-1","account":"7731","symbol":"ACME","side":"long","size":"1"})",
        R"({"parent":"P-1","account":"7731","symbol":"ACME","side":"1","size":1})",
        R"({"parent":"P\u0001","account":"7731","symbol":"ACME","side":"1","size":"1"})",
        R"({"parent":"P-1","account":"7731","symbol":"ACME","side":"1","size":"1","actor":"x"})"}) {
    CAPTURE(body);
    CHECK(web.console("POST", "/api/v1/parents", says(ortiz, body)).status == 400);
  }
  CHECK(web.desk.declared.empty());
}

TEST_CASE("api: pages of other sites are refused, with or without a token") {
  Web web;
  With rebound = ortiz;
  rebound.host = "evil.example";
  CHECK(web.console("POST", "/api/v1/kill", rebound).status == 403);
  With crossed = ortiz;
  crossed.extra = "Origin: http://evil.example\r\n";
  CHECK(web.console("POST", "/api/v1/kill", crossed).status == 403);
  crossed.extra = "Origin: null\r\n";
  CHECK(web.console("POST", "/api/v1/kill", crossed).status == 403);
  With form = says(ortiz, "scope=firm");
  form.type = "application/x-www-form-urlencoded";
  CHECK(web.console("POST", "/api/v1/kill", form).status == 415);
  form.type = "text/plain";
  CHECK(web.console("POST", "/api/v1/kill", form).status == 415);
  CHECK(web.desk.latch.active().size() == 1);
  CHECK(web.desk.latch.active().front().source == interlock::killswitch::Source::start);

  With own = says(ortiz, "{}");
  own.type = "application/json; charset=utf-8";
  own.host = fmt::format("localhost:{}", web.server.console_port());
  own.extra = fmt::format("Origin: http://{}\r\n", own.host);
  CHECK(web.console("POST", "/api/v1/kill", own).status == 200);
}

TEST_CASE("api: what is not listed does not exist") {
  Web web;
  for (const auto* target : {"/console", "/kill/", "/api/v1/killed", "/api/v1/state?x=1",
                             "/api/v1/state/", "/API/v1/kill", "//healthz", "/quitquitquit"}) {
    CAPTURE(target);
    CHECK(web.console("GET", target, ortiz).status == 404);
  }
}

#include <doctest/doctest.h>

#include "console/flow.hpp"
#include "console/form.hpp"
#include "gateway/notable.hpp"
#include "tests/console/web.hpp"

using interlock::console::as_html;
using interlock::console::Flow;
using interlock::console::read_form;
using interlock::tests::FakeDesk;
using interlock::tests::Web;
using interlock::tests::With;

namespace {

const With ortiz{.token = "ortizortiz"};

With form(std::string body) {
  return {.body = std::move(body), .type = "application/x-www-form-urlencoded"};
}

bool killed(const Web& web) { return web.desk.latch.active().size() > 1; }  // one is of the start

}  // namespace

TEST_CASE("form: fields are decoded, and none is unknown or twice") {
  const auto read = read_form("token=a%2Bb+c&sure=yes&id=", {"token", "sure", "id"});
  REQUIRE(read);
  CHECK(read->at("token") == "a+b c");
  CHECK(read->at("id").empty());
  CHECK_FALSE(read_form("scope=a&scope=b", {"scope"}));
  CHECK_FALSE(read_form("scop=a", {"scope"}));
  for (const auto* wrong : {"scope=%", "scope=%4", "scope=%zz", "scope=% 1"})
    CHECK_FALSE(read_form(wrong, {"scope"}));
  CHECK(as_html("<a href=\"x\">'&") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
}

TEST_CASE("form: it kills with the token of who may, and the tick, and only then") {
  Web web;
  CHECK(web.console("GET", "/kill").status == 200);
  const auto tried = [&](std::string body) { return web.console("POST", "/kill", form(body)); };
  CHECK(tried("scope=router&id=R1&sure=yes").status == 401);
  CHECK(tried("token=nobody&scope=router&id=R1&sure=yes").status == 401);
  CHECK(tried("token=viewerviewer&scope=router&id=R1&sure=yes").status == 403);
  CHECK(tried("token=ortizortiz&scope=router&id=R1").status == 400);
  CHECK(tried("token=ortizortiz&scope=router&id=R9&sure=yes").status == 404);
  CHECK(tried("token=ortizortiz&scope=router&id=R1&sure=yes&level=block").status == 400);
  CHECK_FALSE(killed(web));
  const auto done = tried("token=ortizortiz&scope=router&id=R1&sure=yes");
  CHECK(done.status == 200);
  CHECK(done.body.find("Killed: router R1") != std::string::npos);
  CHECK(killed(web));
}

TEST_CASE("form: nobody else's page sends it, and nothing but a form does") {
  Web web;
  const std::string body = "token=ortizortiz&scope=everything&sure=yes";
  With foreign = form(body);
  foreign.extra = "Origin: https://elsewhere.example\r\n";
  CHECK(web.console("POST", "/kill", foreign).status == 403);
  With sandboxed = form(body);
  sandboxed.extra = "Origin: null\r\n";
  CHECK(web.console("POST", "/kill", sandboxed).status == 403);
  CHECK(web.console("POST", "/kill", {.body = body}).status == 415);
  CHECK(web.console("POST", "/api/v1/kill", form(body)).status == 415);
  CHECK(web.metrics("POST", "/kill", form(body)).status == 404);
  CHECK_FALSE(killed(web));
}

TEST_CASE("page: what a browser gets may load nothing from elsewhere, and stands in no frame") {
  Web web;
  for (const auto* target : {"/", "/console.mjs", "/console.css", "/kill", "/healthz"}) {
    CAPTURE(target);
    const auto page = web.console("GET", target);
    CHECK(page.status == 200);
    CHECK(page.head.find("Content-Security-Policy: default-src 'none'; script-src 'self'") !=
          std::string::npos);
    CHECK(page.head.find("frame-ancestors 'none'") != std::string::npos);
    CHECK(page.head.find("X-Content-Type-Options: nosniff") != std::string::npos);
    CHECK(page.head.find("Set-Cookie") == std::string::npos);
  }
}

TEST_CASE("page: its figures are for one screen, parents that are done stand last") {
  Web web;
  interlock::gateway::Snapshot snapshot;
  snapshot.state = "armed";
  for (int i = 0; i < 100; ++i) {
    snapshot.limits.push_back(
        {i % 2 == 0 ? "parent-fill" : "order-rate", "router", "R1", "1", "2", 0.5, 1, 0});
    auto& parent = snapshot.parents.emplace_back();
    parent.id = "P-" + std::to_string(i);
    parent.exhausted = i < 50;
    parent.refused = i == 7 ? 1 : 0;
  }
  snapshot.alerts.resize(3);
  snapshot.alerts[2].acknowledged_by = "lee";
  snapshot.open_orders_by = {{"router", {{"R1", 3}}}};
  web.desk.show(snapshot);
  const auto page = web.console("GET", "/api/v1/console", ortiz).json();
  CHECK(page.at("limits").as_array().size() == 40);
  CHECK(page.at("limits_count").to_number<int>() == 50);
  CHECK(page.at("parents").at(0).at("parent").as_string() == "P-7");
  CHECK(page.at("parents").at(1).at("parent").as_string() == "P-50");
  CHECK(page.at("alerts_open").to_number<int>() == 2);
  CHECK(page.at("open_orders_by").at("router").at("R1").to_number<int>() == 3);
  CHECK(page.at("person").at("name").as_string() == "ortiz");
  CHECK(web.local("GET", "/api/v1/console").json().at("person").is_null());
}

TEST_CASE("flow: what has come since the last snapshot counts for its second") {
  constexpr std::int64_t s = 1'000'000'000;
  Flow flow;
  interlock::gateway::Snapshot snapshot;
  const auto note = [&](std::int64_t second, std::uint64_t passed, std::uint64_t refused) {
    snapshot.time_ns = second * s + 500'000'000;
    snapshot.passed_by_router = {{"R1", passed}};
    snapshot.refused_by_router = {{"R1", refused}};
    flow.note(snapshot);
  };
  note(1'000'000, 700, 70);  // of before: nobody knows when
  note(1'000'001, 710, 70);
  note(1'000'003, 715, 71);
  note(1'000'005, 715, 71);
  const auto at = [&](const char* which, std::size_t from_end) {
    const auto json = flow.json();
    const auto& counts = json.at(which).as_array();
    return counts[counts.size() - from_end].to_number<std::uint64_t>();
  };
  CHECK(flow.json().at("until").as_string().starts_with("1970-01-12T13:46:45"));
  CHECK(at("passed", 1) == 15);
  CHECK(at("refused", 1) == 1);
  CHECK(at("passed", 2) == 0);
  note(1'000'004, 720, 71);  // the clock was set back
  note(1'000'006, 720, 71);
  CHECK(flow.json().at("passed_per_s").to_number<std::uint64_t>() == 5);
  note(1'010'000, 721, 71);  // long after: nothing of before is left
  CHECK(at("passed", 1) == 0);
  CHECK(flow.json().at("passed").as_array().size() == 179);
}

TEST_CASE("flow: how long the orders of the last minute took, of all venues") {
  constexpr std::int64_t s = 1'000'000'000;
  Flow flow;
  interlock::gateway::Snapshot snapshot;
  const auto at = [&](std::int64_t second) {
    snapshot.time_ns = second * s;
    flow.note(snapshot);
    return flow.latency();
  };
  const auto took = [&](const char* venue, int orders, std::int64_t ns) {
    for (int i = 0; i < orders; ++i) snapshot.latency_by_venue[venue].note(ns);
  };
  const auto us = [](const auto& latency, const char* which) {
    return latency.at(which).template to_number<int>();
  };
  took("XNAS", 1'000, 900'000);  // of before: nobody knows when
  CHECK(at(1'000).at("orders").to_number<int>() == 0);
  CHECK(at(1'000).at("p99_us").is_null());
  took("XNAS", 98, 18'000);
  took("XNYS", 1, 40'000);
  took("XNYS", 1, 3'000'000);
  const auto first = at(1'001);
  CHECK(first.at("orders").to_number<int>() == 100);
  CHECK(us(first, "p50_us") == 20);
  CHECK(us(first, "p99_us") == 50);
  took("XNYS", 1, 3'000'000);
  CHECK(us(at(1'002), "p99_us") == 5'000);
  took("XNAS", 9, 2'000'000'000);  // above the last bound
  CHECK(at(1'061).at("p99_us").is_null());
  CHECK(at(1'061).at("orders").to_number<int>() == 10);
  CHECK(at(1'200).at("orders").to_number<int>() == 0);
}

TEST_CASE("records: what was done and what happened, in words, without single orders") {
  using interlock::audit::Field;
  using interlock::audit::FieldWriter;
  using interlock::audit::Kind;
  std::deque<interlock::gateway::RecordView> records;
  const auto note = [&](Kind kind, const FieldWriter& fields) {
    interlock::gateway::note_record(records, kind, records.size() + 1, 7, "interlock", fields);
  };
  FieldWriter kill;
  kill.put(Field::scope_kind, "router").put(Field::scope_id, "R1");
  kill.put(Field::level, std::uint64_t{3}).put(Field::actor, "ann").put(Field::text, "odd\x01");
  note(Kind::kill, kill);
  CHECK(records.front().kind == "kill");
  CHECK(records.front().actor == "ann");
  CHECK(records.front().text == "kill router R1: odd|");  // nothing that steers a screen
  note(Kind::router_message, kill);
  note(Kind::venue_message, kill);
  note(Kind::snapshot, kill);
  CHECK(records.size() == 1);
  FieldWriter parent;
  parent.put(Field::parent, "P-1").put(Field::quantity, "700").put(Field::symbol, "ACME");
  note(Kind::parent, parent);
  CHECK(records.front().text == "P-1 700 ACME");
  CHECK(records.front().actor == "interlock");
  FieldWriter alert;
  alert.put(Field::alert_kind, "cut").put(Field::text, std::string(500, 'x'));
  for (int i = 0; i < 60; ++i) note(Kind::alert, alert);
  CHECK(records.size() == 50);
  CHECK(records.front().text.size() == 200);
}

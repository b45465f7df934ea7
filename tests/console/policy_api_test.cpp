// What people change through the API: the policy, prices, one refused order.
#include <doctest/doctest.h>

#include "tests/console/web.hpp"

using namespace interlock;
using tests::Web;
using tests::With;

namespace {

With says(std::string token, std::string body) {
  With with;
  with.token = std::move(token);
  with.body = std::move(body);
  return with;
}

template <class Asked>
Asked last(const Web& web) {
  REQUIRE(!web.desk.acted.empty());
  CHECK(web.desk.acted.back().first == "ortiz");
  return std::get<Asked>(web.desk.acted.back().second);
}

}  // namespace

TEST_CASE("api: policy actions are read strictly, and only by who may change limits") {
  Web web;
  const std::string raise =
      R"({"action":"raise","scope":"account","id":"7731","key":"max_order_qty","value":"7_000",)"
      R"("for_s":60,"reason":"why"})";
  CHECK(web.console("POST", "/api/v1/policy", says("viewerviewer", raise)).status == 403);
  CHECK(web.local("POST", "/api/v1/policy", says("", raise)).status == 401);
  for (const auto* wrong :
       {R"({"action":"reload"})", R"({"action":"reload","reason":" "})", R"({"reason":"why"})",
        R"({"action":"relod","reason":"why"})", R"({"action":"approve","proposal":"7"})",
        R"({"action":"approve","proposal":7,"reason":"why"})",
        R"({"action":"reload","reason":"why","for_s":7})",
        R"({"action":"raise","scope":"firm","key":"k","value":"none","for_s":60,"reason":"w"})",
        R"({"action":"raise","scope":"firm","key":"k","value":"1","for_s":0,"reason":"w"})",
        R"({"action":"raise","scope":"firm","key":"k","value":"1","for_s":86401,"reason":"w"})",
        R"({"action":"raise","scope":"firms","key":"k","value":"1","for_s":60,"reason":"w"})"}) {
    CAPTURE(wrong);
    CHECK(web.console("POST", "/api/v1/policy", says("ortizortiz", wrong)).status == 400);
  }
  CHECK(web.desk.acted.empty());
  REQUIRE(web.console("POST", "/api/v1/policy", says("ortizortiz", raise)).status == 200);
  const auto raised = last<gateway::RaiseLimit>(web);
  CHECK(raised.scope == killswitch::Scope{killswitch::ScopeKind::account, "7731"});
  CHECK(raised.value == "7_000");
  CHECK(raised.duration == risk::seconds(60));
  web.desk.action_outcome.answer = gateway::ActionOutcome::Answer::proposed;
  const auto reload = web.console("POST", "/api/v1/policy",
                                  says("ortizortiz", R"({"action":"reload","reason":"why"})"));
  CHECK(reload.status == 202);
  CHECK(reload.json().at("answer").as_string() == "proposed");
  CHECK(last<gateway::Reload>(web).file.empty());
  CHECK(web.console("POST", "/api/v1/policy",
                    says("ortizortiz", R"({"action":"approve","proposal":7})"))
            .status == 202);
  CHECK(last<gateway::Approve>(web).proposal == 7);
}

TEST_CASE("api: the policy page shows rows, raises and proposals, and the hash in force") {
  Web web;
  gateway::Snapshot snapshot;
  auto policy = std::make_shared<gateway::PolicyView>();
  policy->hash = "feed";
  policy->rows = {{"account", "7731", "max_order_qty", "5000", 12, "why", "desk", "2027-03-31"}};
  policy->raises = {{4, "account", "7731", "max_order_qty", "5000", "7000", "r", "ann and bob", 1}};
  policy->accounts = {"NEW"};
  snapshot.policy = policy;
  snapshot.proposals = {{9, "ann", "why", "LOOSENED", 1}};
  web.desk.show(snapshot);
  const auto page = web.console("GET", "/api/v1/policy", says("viewerviewer", "")).json();
  CHECK(page.at("policy").at(0).at("owner").as_string() == "desk");
  CHECK(page.at("raises").at(0).at("before").as_string() == "5000");
  CHECK(page.at("proposals").at(0).at("id").as_int64() == 9);
  CHECK(web.console("GET", "/version").json().at("config_hash").as_string() == "feed");
  // An account that a reload has added can be killed, and one that was never there cannot.
  CHECK(web.console("POST", "/api/v1/kill", says("ortizortiz", R"({"scope":"account","id":"NEW"})"))
            .status == 200);
  CHECK(
      web.console("POST", "/api/v1/kill", says("ortizortiz", R"({"scope":"account","id":"7731"})"))
          .status == 404);
}

TEST_CASE("api: a release names one order, by its record or by its router's ClOrdID") {
  Web web;
  for (const auto* wrong :
       {R"({"record":7})", R"({"record":0,"reason":"why"})", R"({"router":"R1","reason":"why"})",
        R"({"record":7,"router":"R1","cl_ord_id":"a","reason":"why"})", R"({"reason":"why"})"}) {
    CAPTURE(wrong);
    CHECK(web.console("POST", "/api/v1/release", says("ortizortiz", wrong)).status == 400);
  }
  CHECK(web.desk.acted.empty());
  CHECK(web.console("POST", "/api/v1/release",
                    says("ortizortiz", R"({"router":"R1","cl_ord_id":"a","reason":"why"})"))
            .status == 200);
  CHECK(last<gateway::ReleaseOrder>(web).cl_ord_id == "a");
  CHECK(web.console("POST", "/api/v1/release", says("ortizortiz", R"({"record":7,"reason":"why"})"))
            .status == 200);
  CHECK(last<gateway::ReleaseOrder>(web).record == 7);
}

TEST_CASE("api: prices are put whole, each with its time, and by PUT only") {
  Web web;
  const std::string good =
      R"({"prices":[{"symbol":"ACME","price":"10.5","as_of":"2026-11-21T09:30:00Z"},)"
      R"({"symbol":"NVDA","price":"7","as_of":"2026-11-21T09:30:00Z"}],)"
      R"("rates":[{"currency":"EUR","price":"1.1","as_of":"2026-11-21T09:30:00Z"}]})";
  CHECK(web.console("POST", "/api/v1/prices", says("ortizortiz", good)).status == 405);
  CHECK(web.console("PUT", "/api/v1/prices", says("viewerviewer", good)).status == 403);
  for (const auto* wrong :
       {R"({})", R"({"prices":[]})", R"({"prices":[{"symbol":"ACME","price":"10"}]})",
        R"({"prices":[{"symbol":"ACME","price":10,"as_of":"2026-11-21T09:30:00Z"}]})",
        R"({"prices":[{"symbol":"ACME","price":"10","as_of":"today"}]})",
        R"({"prices":[{"symbol":"A","symbol":"B","price":"1","as_of":"2026-11-21T09:30:00Z"}]})",
        R"({"prices":[{"symbol":"A","prize":"1","as_of":"2026-11-21T09:30:00Z"}]})"}) {
    CAPTURE(wrong);
    CHECK(web.console("PUT", "/api/v1/prices", says("ortizortiz", wrong)).status == 400);
  }
  auto untyped = says("ortizortiz", good);
  untyped.type = "text/plain";
  CHECK(web.console("PUT", "/api/v1/prices", untyped).status == 415);
  CHECK(web.desk.acted.empty());
  REQUIRE(web.console("PUT", "/api/v1/prices", says("ortizortiz", good)).status == 200);
  const auto asked = last<gateway::SetPrices>(web);
  REQUIRE(asked.prices.size() == 2);
  CHECK(asked.prices[1].name == "NVDA");
  CHECK(asked.prices[0].price == *risk::Price::parse("10.5"));
  CHECK(asked.prices[0].as_of.ns == 1'795'253'400'000'000'000);
  REQUIRE(asked.rates.size() == 1);
}

TEST_CASE("api: a parent is changed by who may declare one, in words that leave no doubt") {
  Web web;
  const std::string good = R"({"action":"resize","parent":"P-1","quantity":"900","reason":"why"})";
  CHECK(web.console("POST", "/api/v1/parents/change", says("viewerviewer", good)).status == 403);
  for (const auto* wrong :
       {R"({"action":"resize","parent":"P-1","reason":"why"})",
        R"({"action":"cancel","parent":"P-1","quantity":"1","reason":"why"})",
        R"({"action":"executed","parent":"P-1","quantity":"-1","reason":"why"})",
        R"({"action":"resize","parent":"P-1","quantity":900,"reason":"why"})",
        R"({"action":"grow","parent":"P-1","quantity":"900","reason":"why"})",
        R"({"action":"cancel","parent":"P-1","reason":"why","proposal":1})"}) {
    CAPTURE(wrong);
    CHECK(web.console("POST", "/api/v1/parents/change", says("ortizortiz", wrong)).status == 400);
  }
  CHECK(web.desk.acted.empty());
  REQUIRE(web.console("POST", "/api/v1/parents/change", says("ortizortiz", good)).status == 200);
  CHECK(last<gateway::ChangeParent>(web).quantity == risk::Quantity::of(900));
  REQUIRE(web.console("POST", "/api/v1/parents/change",
                      says("ortizortiz", R"({"action":"cancel","parent":"P-1","reason":"why"})"))
              .status == 200);
  CHECK(last<gateway::ChangeParent>(web).what == gateway::ChangeParent::What::cancel);
  REQUIRE(web.console("POST", "/api/v1/parents/change",
                      says("ortizortiz", R"({"action":"approve","proposal":3})"))
              .status == 200);
  CHECK(last<gateway::ApproveParent>(web).proposal == 3);
}

TEST_CASE("api: sequence numbers are set by who may re-arm, and what is mistyped sets nothing") {
  Web web;
  const std::string target = "/api/v1/sessions/sequence";
  const std::string good =
      R"({"action":"set","session":"R1","next_in":1,"next_out":2147483647,"reason":"why"})";
  CHECK(web.console("POST", target, says("viewerviewer", good)).status == 403);
  CHECK(web.local("POST", target, says("", good)).status == 401);
  CHECK(web.console("GET", target, says("ortizortiz", "")).status == 405);
  for (const auto* wrong :
       {R"({"action":"set","session":"R1","reason":"why"})",
        R"({"action":"set","session":"R1","next_in":1})",
        R"({"action":"set","session":"R1","next_in":1,"reason":" "})",
        R"({"action":"set","next_in":1,"reason":"why"})",
        R"({"action":"set","session":"R1","next_in":0,"reason":"why"})",
        R"({"action":"set","session":"R1","next_in":-1,"reason":"why"})",
        R"({"action":"set","session":"R1","next_in":"1","reason":"why"})",
        R"({"action":"set","session":"R1","next_in":1.5,"reason":"why"})",
        R"({"action":"set","session":"R1","next_out":2147483648,"reason":"why"})",
        R"({"action":"set","session":"R1","next_out":4294967297,"reason":"why"})",
        R"({"action":"set","session":"R1","nextout":7,"reason":"why"})",
        R"({"action":"set","session":"R1","next_in":1,"reason":"why","proposal":1})",
        R"({"action":"reset","session":"R1","next_in":1,"reason":"why"})",
        R"({"action":"approve"})", R"({"action":"approve","proposal":3,"next_in":1})"}) {
    CAPTURE(wrong);
    CHECK(web.console("POST", target, says("ortizortiz", wrong)).status == 400);
  }
  CHECK(web.desk.acted.empty());
  REQUIRE(web.console("POST", target, says("ortizortiz", good)).status == 200);
  const auto asked = last<gateway::SetSequence>(web);
  CHECK(asked.session == "R1");
  CHECK(asked.next_in == 1);
  CHECK(asked.next_out == 2'147'483'647);
  CHECK(asked.reason == "why");
  REQUIRE(web.console("POST", target, says("ortizortiz", R"({"action":"approve","proposal":3})"))
              .status == 200);
  CHECK(last<gateway::ApproveSequence>(web).proposal == 3);
}

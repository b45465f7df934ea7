// Alerts through the API, and what the loop answers to a person.
#include <doctest/doctest.h>

#include "tests/console/web.hpp"

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

}  // namespace

TEST_CASE("api: alerts are shown open ones first, and acknowledged by a person who says why") {
  Web web;
  interlock::gateway::Snapshot snapshot;
  auto& alert = snapshot.alerts.emplace_back();
  alert.id = 12;
  alert.severity = "critical";
  alert.kind = "over_fill";
  alert.count = 3;
  web.desk.show(snapshot);
  const auto page = web.console("GET", "/api/v1/alerts", viewer).json();
  CHECK(page.at("alerts").at(0).at("id").as_int64() == 12);
  CHECK(page.at("alerts").at(0).at("count").as_int64() == 3);
  CHECK(page.at("alerts").at(0).at("acknowledged_at").is_null());

  const std::string body = R"({"action":"acknowledge","id":12,"reason":"seen"})";
  CHECK(web.console("POST", "/api/v1/alerts", says(viewer, body)).status == 403);
  CHECK(web.local("POST", "/api/v1/alerts", says({}, body)).status == 401);
  for (const auto* wrong :
       {R"({"action":"acknowledge","id":12})", R"({"action":"acknowledge","id":12,"reason":" "})",
        R"({"action":"acknowledge","id":"12","reason":"seen"})", R"({"id":12,"reason":"seen"})"}) {
    CAPTURE(wrong);
    CHECK(web.console("POST", "/api/v1/alerts", says(ortiz, wrong)).status == 400);
  }
  CHECK(web.desk.acted.empty());
  const auto done = web.console("POST", "/api/v1/alerts", says(ortiz, body));
  REQUIRE(done.status == 200);
  CHECK(done.json().at("answer").as_string() == "done");
  REQUIRE(web.desk.acted.size() == 1);
  CHECK(web.desk.acted[0].first == "ortiz");
  const auto asked = std::get<interlock::gateway::Acknowledge>(web.desk.acted[0].second);
  CHECK(asked.alert == 12);
  CHECK(asked.reason == "seen");
}

TEST_CASE("api: a venue is cut off by who may kill, on the host without a token") {
  Web web;
  const std::string body = R"({"venue":"SIM"})";
  CHECK(web.console("POST", "/api/v1/cut", says(viewer, body)).status == 403);
  for (const auto* wrong : {"", "{}", R"({"venue":""})", R"({"venue":"SIM","reason":"x"})"}) {
    CAPTURE(wrong);
    CHECK(web.console("POST", "/api/v1/cut", says(ortiz, wrong)).status >= 400);
  }
  CHECK(web.desk.acted.empty());  // an empty body is no "everything" here
  CHECK(web.console("POST", "/api/v1/cut", says(ortiz, body)).status == 200);
  CHECK(web.local("POST", "/api/v1/cut", says({}, body)).status == 200);
  REQUIRE(web.desk.acted.size() == 2);
  CHECK(web.desk.acted[0].first == "ortiz");
  CHECK_FALSE(web.desk.acted[1].first.empty());  // who is logged on there
  CHECK(std::get<interlock::gateway::CutVenue>(web.desk.acted[1].second).venue == "SIM");
}

TEST_CASE("api: what the loop answers to a person becomes one status each") {
  using Answer = interlock::gateway::ActionOutcome::Answer;
  Web web;
  const std::pair<Answer, unsigned> each[] = {{Answer::done, 200},    {Answer::proposed, 202},
                                              {Answer::unknown, 404}, {Answer::conflict, 409},
                                              {Answer::refused, 422}, {Answer::no_answer, 503}};
  for (const auto& [answer, status] : each) {
    web.desk.action_outcome.answer = answer;
    CHECK(web.console("POST", "/api/v1/alerts",
                      says(ortiz, R"({"action":"acknowledge","id":12,"reason":"seen"})"))
              .status == status);
  }
}

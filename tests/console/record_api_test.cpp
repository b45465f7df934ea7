// What people answer for, through the API.
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

}  // namespace

TEST_CASE("api: a statement is read strictly, and taken from who may change limits only") {
  Web web;
  const std::string test =
      R"({"subject":"control-test","text":"tried","result":"failed","controls":["order-qty"],)"
      R"("figures":[{"name":"orders","value":"12.50"}]})";
  CHECK(web.console("POST", "/api/v1/record", says("viewerviewer", test)).status == 403);
  CHECK(web.local("POST", "/api/v1/record", says("", test)).status == 401);
  for (const auto* wrong :
       {R"({"subject":"control-test","text":"tried","result":"passed"})",
        R"({"subject":"control-test","text":"tried","controls":["order-qty"]})",
        R"({"subject":"control-test","text":" ","result":"passed","controls":["order-qty"]})",
        R"({"subject":"stress-test","text":"x","result":"passed","controls":["order-qty"]})",
        R"({"subject":"stress-test","text":"x","result":"good"})",
        R"({"subject":"review","text":"held","result":"passed"})",
        R"({"subject":"opinion","text":"held"})", R"({"text":"held"})", R"({"subject":"review"})",
        R"({"subject":"review","text":"held","actor":"somebody"})",
        R"({"subject":"review","text":"held","figures":[{"name":"n"}]})",
        R"({"subject":"review","text":"held","figures":[{"name":"n","value":"-1"}]})",
        R"({"subject":"review","text":"held","figures":[{"name":"n","value":"many"}]})",
        R"({"subject":"review","text":"held","figures":{"n":"1"}})"}) {
    CAPTURE(wrong);
    CHECK(web.console("POST", "/api/v1/record", says("ortizortiz", wrong)).status == 400);
  }
  CHECK(web.desk.acted.empty());
  REQUIRE(web.console("POST", "/api/v1/record", says("ortizortiz", test)).status == 200);
  REQUIRE(web.desk.acted.size() == 1);
  CHECK(web.desk.acted[0].first == "ortiz");
  const auto& said = std::get<gateway::Statement>(web.desk.acted[0].second);
  CHECK(said.subject == "control-test");
  CHECK_FALSE(said.passed);
  CHECK(said.controls == std::vector<std::string>{"order-qty"});
  REQUIRE(said.figures.size() == 1);
  CHECK(said.figures[0].value == "12.5");
}

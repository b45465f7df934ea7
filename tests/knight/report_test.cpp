// `interlock knight`, as a program: what its JSON and its table say.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/cli/program.hpp"

namespace json = boost::json;
using interlock::tests::run;

namespace {

bool is_figure(const json::value& value) { return value.is_null() || value.is_number(); }

json::array controls_of(const std::string& text) {
  const json::value all = json::parse(text);
  REQUIRE(all.at("controls").is_array());
  return all.at("controls").as_array();
}

}  // namespace

TEST_CASE("knight --json: each run has its name and every figure, null where it never happened") {
  const auto ran = run({"knight", "--control", "none", "--json"});
  REQUIRE(ran.exit == 0);
  const json::array controls = controls_of(ran.out);
  REQUIRE(controls.size() == 1);
  const json::object& none = controls[0].as_object();
  CHECK(none.at("name").as_string() == "none");
  for (const auto* key :
       {"first_refusal_ms", "kill_ms", "roll_back_kill_ms", "child_orders_out", "executions",
        "shares_beyond_parents", "dollars_beyond_parents", "estimated_loss", "honest_refusals"}) {
    CHECK_MESSAGE(is_figure(none.at(key)), key);
  }
  CHECK(none.at("first_refusal_ms").is_null());
  CHECK(none.at("kill_ms").is_null());
  CHECK(none.at("executions").to_number<std::int64_t>() > 4'000'000);
}

TEST_CASE("knight: a control that does not exist is a mistake of the command line") {
  CHECK(run({"knight", "--control", "luck"}).exit == 2);
}

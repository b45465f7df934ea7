// What people put on record with the real program, and the pack made while it runs and after.
#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "tests/cli/running.hpp"

namespace interlock::tests {
namespace {

namespace json = boost::json;

json::object pack_in(const std::filesystem::path& folder) {
  return json::parse(bytes_of(folder / "evidence.json")).as_object();
}

TEST_CASE("evidence: what a person states is in the pack, made beside the gateway and after it") {
  Gateway gateway;
  gateway.arm();
  CHECK(gateway
            .as("first", {"record", "control-test", "--control", "order-qty", "--control",
                          "price-collar", "--passed", "--text", "tried"})
            .exit == 0);
  CHECK(gateway
            .as("second", {"record", "stress-test", "--messages", "500", "--figure", "hosts=1",
                           "--failed", "--text", "too slow"})
            .exit == 0);
  CHECK(gateway.as("first", {"record", "review", "--text", "held"}).exit == 0);
  const auto unknown = gateway.as("first", {"record", "control-test", "--control", "order-quantity",
                                            "--passed", "--text", "tried"});
  CHECK(unknown.exit != 0);
  CHECK(unknown.complains("there is no control 'order-quantity'"));
  CHECK(gateway.as("first", {"record", "review"}).exit == 2);

  const Scratch scratch;
  const auto state = json::parse(gateway.ask({"status", "--json"}).out);
  const std::string year(state.at("time").as_string().subview(0, 4));
  const auto make = [&](const std::string& name) {
    return gateway.ask({"evidence", year, "-o", (scratch / name).string()});
  };
  CHECK(make("live").exit == 0);
  CHECK(pack_in(scratch / "live").at("tables").at("journals").at(0).at("being_written") == "yes");
  gateway.signal(SIGTERM);
  REQUIRE(gateway.end() == 0);
  REQUIRE(make("after").exit == 0);
  const auto all = pack_in(scratch / "after");
  CHECK(all.at("sound").as_bool());
  const auto& tables = all.at("tables").as_object();
  CHECK(tables.at("statements").as_array().size() == 3);
  CHECK(tables.at("statements").at(1).at("figures") == "messages_per_second 500; hosts 1");
  CHECK(tables.at("statements").at(1).at("result") == "failed");
  CHECK(tables.at("people").as_array().size() == 2);
  const auto& kill = tables.at("kills").at(0).as_object();
  CHECK(kill.at("source") == "start");
  CHECK(kill.at("rearmed_by") == "first and second");
  CHECK(tables.at("limits").as_array().size() > 10);
}

}  // namespace
}  // namespace interlock::tests

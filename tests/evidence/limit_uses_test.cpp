// The fullest that each limit was, once an hour.
#include "gateway/limit_uses.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "audit/fields.hpp"
#include "evidence/played.hpp"

namespace interlock::scenarios {
namespace {

using audit::Field;

struct Written {
  std::string scope, used;
  std::uint64_t share = 0;
};

std::vector<Written> written(gateway::Floor& floor) {
  std::vector<Written> all;
  const auto read = floor.journal.replay([&](const audit::Record& record) {
    if (record.kind != audit::Kind::use) return;
    const audit::FieldReader fields(record.payload);
    all.push_back({std::string(fields.text(Field::scope_id).value_or("")),
                   std::string(fields.text(Field::used).value_or("")),
                   fields.number(Field::share).value_or(0)});
  });
  CHECK(read);
  return all;
}

gateway::LimitView limit(double fraction) {
  return {"order-rate", "router", "R1", fmt::format("{}", fraction), "100", fraction, 1, 0};
}

TEST_CASE("uses: an hour's record holds the fullest of each limit, and an empty one nothing") {
  Played played;
  gateway::Core& core = played.core();
  gateway::Floor& floor = core.floor();
  for (const double fraction : {0.5, 0.75, 0.25}) core.limit_uses().look({limit(fraction)});
  core.tick();
  CHECK(written(floor).empty());  // the hour is not over
  played.stage->advance(3'600'000);
  const auto first = written(floor);
  REQUIRE(first.size() == 1);
  CHECK(first[0].scope == "R1");
  CHECK(first[0].used == "0.75");
  CHECK(first[0].share == 750'000);
  played.stage->advance(3'600'000);
  core.limit_uses().look({limit(0)});
  played.stage->advance(3'600'000);
  CHECK(written(floor).size() == 1);
  core.limit_uses().look({limit(0.125)});
  played.stage->restart(true);  // the orderly stop does not wait for the hour
  const auto all = written(played.core().floor());
  REQUIRE(all.size() == 2);
  CHECK(all[1].share == 125'000);
}

}  // namespace
}  // namespace interlock::scenarios

// Old traffic, new limits.
#include "gateway/replay.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "scenarios/setting.hpp"
#include "scenarios/stage.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";

// What differs when the journal of `stage` is judged under a configuration, edited.
std::vector<std::string> differences(Stage& stage, const std::string& passage,
                                     const std::string& instead, gateway::Replayed& replayed,
                                     const std::string& config = "pair") {
  const Setting setting(configs, config, [&](std::string text) {
    const auto at = text.find(passage);
    REQUIRE(at != std::string::npos);
    return text.replace(at, passage.size(), instead);
  });
  const auto loaded = config::load(setting.file());
  REQUIRE_MESSAGE(loaded.config, config::render(loaded.problems));
  std::vector<std::string> found;
  const auto result = gateway::replay(
      *loaded.config, journal_of(stage), [&](const gateway::Difference& difference) {
        found.push_back(fmt::format("{} {} {} -> {} {}", difference.router, difference.cl_ord_id,
                                    difference.was, difference.would, difference.trip));
      });
  REQUIRE_MESSAGE(result, result.error());
  replayed = *result;
  return found;
}

TEST_CASE("replay: the same limits differ in nothing; other ones where they would have") {
  const tests::Scratch scratch;
  tests::put_bytes(scratch / "story.fix", R"(# Two orders pass, one is refused, one meets a kill.
config: pair
parent P-1 ACC ACME buy 5000
router R1> D 11=a 1=ACC 526=P-1 55=ACME 54=1 38=100 40=2 44=10.00
router R1> D 11=b 1=ACC 526=P-1 55=ACME 54=1 38=300 40=2 44=10.00
router R1> D 11=c 1=ACC 526=P-1 55=ACME 54=1 38=900 40=2 44=10.00
venue X< D 11=a
venue X< D 11=b
router R1< 8 11=c 150=8 58~ORDER_NOTIONAL
kill router R1
venue X< F 41=a
venue X< F 41=b
router R1> D 11=d 1=ACC 526=P-1 55=ACME 54=1 38=1 40=2 44=10.00
router R1< 8 11=d 150=8 58~KILLED
)");
  const auto stage = in_process(configs, "pair");
  REQUIRE(give(read_play(scratch / "story.fix"), *stage) == "");
  gateway::Replayed replayed;
  CHECK(differences(*stage, "max_order_qty = 1_000", "max_order_qty = 1_000", replayed).empty());
  CHECK(replayed.judged == 3);
  CHECK(replayed.not_compared == 1);
  CHECK(differences(*stage, "max_order_qty = 1_000", "max_order_qty = 200", replayed) ==
        std::vector<std::string>{"R1 b PASS -> ORDER_QTY ", "R1 c ORDER_NOTIONAL -> ORDER_QTY "});
}

TEST_CASE("replay: how old a price may be depends on the session of that time") {
  const auto stage = in_process(configs, "named");
  const auto play = tests::source_dir() / "tests/scenarios/pre-open-price.fix";
  REQUIRE(give(read_play(play), *stage) == "");
  gateway::Replayed replayed;
  const std::string age = "max_age_pre_open = \"10 min\"";
  CHECK(differences(*stage, age, age, replayed, "named").empty());
  CHECK(replayed.judged == 4);
  CHECK(differences(*stage, age, "max_age_pre_open = \"60 s\"", replayed, "named") ==
        std::vector<std::string>{"R1 P1-a PASS -> NO_REFERENCE_PRICE "});
}

}  // namespace
}  // namespace interlock::scenarios

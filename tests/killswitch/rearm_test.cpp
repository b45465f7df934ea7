#include "killswitch/rearm.hpp"

#include <doctest/doctest.h>

#include "tests/scratch.hpp"

using namespace interlock::killswitch;

namespace {

constexpr std::int64_t now = 1'795'253'400'000'000'000;
const Person anna{.name = "anna", .token_hash = {}, .may_rearm = true};
const Person bob{.name = "bob", .token_hash = {}, .may_rearm = true};
const Person watcher{.name = "watcher", .token_hash = {}, .may_kill = true, .may_declare = true};

struct Killed {
  interlock::tests::Scratch scratch;
  Latch latch{scratch / "latch", now};
  Rearm rearm{latch};
  std::uint64_t id = latch.active().front().id;

  auto begin(const Person& person, std::string reason = "fixed", std::string residual = "",
             RearmFacts facts = {}) {
    return rearm.begin(id, person,
                       {.reason = std::move(reason),
                        .residual_signed_off = std::move(residual),
                        .orders = facts.residual},
                       facts, now);
  }
  [[nodiscard]] bool killed() const { return Latch::firm_killed(latch.word()); }
};

bool says(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("rearm: two different people open the gate") {
  Killed gate;
  const auto request = gate.begin(anna, "router 1 rolled back");
  REQUIRE(request.has_value());
  CHECK(request->begun_by == "anna");
  CHECK(request->reason == "router 1 rolled back");
  CHECK(gate.killed());
  CHECK(gate.rearm.pending(now).size() == 1);
  const auto cleared = gate.rearm.approve(gate.id, bob, {}, {}, now + 1);
  REQUIRE(cleared.has_value());
  CHECK(cleared->id == gate.id);
  CHECK_FALSE(gate.killed());
  CHECK(gate.rearm.pending(now).empty());
}

TEST_CASE("rearm: the same person twice does not open it") {
  Killed gate;
  REQUIRE(gate.begin(anna).has_value());
  const auto refused = gate.rearm.approve(gate.id, anna, {}, {}, now + 1);
  REQUIRE_FALSE(refused.has_value());
  CHECK(says(refused.error(), "a second, different person"));
  CHECK(gate.killed());
  CHECK(gate.rearm.approve(gate.id, bob, {}, {}, now + 2).has_value());
}

TEST_CASE("rearm: approving without a beginning does not open it") {
  Killed gate;
  const auto refused = gate.rearm.approve(gate.id, bob, {}, {}, now);
  REQUIRE_FALSE(refused.has_value());
  CHECK(says(refused.error(), "nobody has begun"));
  CHECK(gate.killed());
}

TEST_CASE("rearm: a person without the right can neither begin nor approve") {
  Killed gate;
  CHECK_FALSE(gate.begin(watcher).has_value());
  CHECK_FALSE(gate.begin(Person{.name = "", .token_hash = {}, .may_rearm = true}).has_value());
  REQUIRE(gate.begin(anna).has_value());
  const auto refused = gate.rearm.approve(gate.id, watcher, {}, {}, now);
  REQUIRE_FALSE(refused.has_value());
  CHECK(says(refused.error(), "watcher may not re-arm"));
  CHECK(gate.killed());
}

TEST_CASE("rearm: a request holds for its own kill only") {
  Killed gate;
  const auto other =
      gate.latch.trip({ScopeKind::router, "R1"}, Source::breach, "R1", "fan-out", now).kill.id;
  REQUIRE(gate.begin(anna).has_value());
  CHECK_FALSE(gate.rearm.approve(other, bob, {}, {}, now).has_value());
  CHECK_FALSE(gate.rearm.begin(other + 1, anna, {.reason = "x"}, {}, now).has_value());
  REQUIRE(gate.rearm.approve(gate.id, bob, {}, {}, now).has_value());
  REQUIRE(gate.latch.active().size() == 1);
  CHECK(gate.latch.active().front().id == other);
}

TEST_CASE("rearm: a request lapses after ten minutes") {
  Killed gate;
  REQUIRE(gate.begin(anna).has_value());
  SUBCASE("not a nanosecond before") {
    CHECK(gate.rearm.pending(now + Rearm::valid_ns - 1).size() == 1);
    CHECK(gate.rearm.approve(gate.id, bob, {}, {}, now + Rearm::valid_ns - 1).has_value());
  }
  SUBCASE("and is gone then") {
    CHECK(gate.rearm.pending(now + Rearm::valid_ns).empty());
    const auto refused = gate.rearm.approve(gate.id, bob, {}, {}, now + Rearm::valid_ns);
    REQUIRE_FALSE(refused.has_value());
    CHECK(says(refused.error(), "older than 10 minutes"));
    CHECK_FALSE(gate.rearm.approve(gate.id, bob, {}, {}, now).has_value());
    CHECK(gate.killed());
  }
  SUBCASE("and a clock that goes back does not prolong it") {
    CHECK(gate.rearm.pending(now - 1).empty());
    CHECK_FALSE(gate.rearm.approve(gate.id, bob, {}, {}, now - 1).has_value());
    CHECK(gate.killed());
  }
}

TEST_CASE("rearm: a reason in words is required") {
  Killed gate;
  CHECK_FALSE(gate.begin(anna, "").has_value());
  const auto refused = gate.begin(anna, " \t\n");
  REQUIRE_FALSE(refused.has_value());
  CHECK(says(refused.error(), "a reason is missing"));
}

TEST_CASE("rearm: open orders need a sign-off, at both steps") {
  Killed gate;
  const RearmFacts three{.residual = {"R1/1", "R1/2", "R2/1"}};
  const auto refused = gate.begin(anna, "fixed", " ", three);
  REQUIRE_FALSE(refused.has_value());
  CHECK(says(refused.error(), "3 orders"));
  REQUIRE(gate.begin(anna).has_value());
  CHECK_FALSE(gate.rearm.approve(gate.id, bob, {}, {.residual = {"R1/1"}}, now).has_value());
  CHECK(gate.killed());
  REQUIRE(gate.begin(anna, "fixed", "venue confirmed by phone", three));
  CHECK(gate.rearm.approve(gate.id, bob, {}, three, now).has_value());
}

TEST_CASE("rearm: each order that may be open is named, and one that comes alive later refuses") {
  Killed gate;
  const RearmFacts two{.residual = {"R1/1", "R1/2"}};
  const auto begin = [&](std::vector<std::string> orders) {
    return gate.rearm.begin(
        gate.id, anna, {.reason = "x", .residual_signed_off = "seen", .orders = std::move(orders)},
        two, now);
  };
  const auto one = begin({"R1/1"});
  REQUIRE_FALSE(one.has_value());
  CHECK(says(one.error(), "1 orders in the scope of kill"));
  CHECK(says(one.error(), "(R1/2)"));
  REQUIRE(begin({"R1/2", "R1/1"}).has_value());
  const RearmFacts three{.residual = {"R1/1", "R1/2", "R1/3"}};
  const auto late = gate.rearm.approve(gate.id, bob, {}, three, now);
  REQUIRE_FALSE(late.has_value());
  CHECK(says(late.error(), "(R1/3)"));
  CHECK(gate.killed());
  CHECK(gate.rearm.approve(gate.id, bob, {}, two, now).has_value());
}

TEST_CASE("rearm: a button that is held, lost or failing refuses both people") {
  Killed gate;
  const RearmFacts held{.hardware = "button rack is pressed: release it"};
  const auto refused = gate.begin(anna, "fixed", "", held);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == "button rack is pressed: release it; then begin again");
  REQUIRE(gate.begin(anna).has_value());
  CHECK_FALSE(gate.rearm.approve(gate.id, bob, {}, held, now).has_value());
  CHECK(gate.killed());
}

TEST_CASE(
    "rearm: a kill by a button or by the file is re-armed on the host, unless it may be anywhere") {
  for (const Source source : {Source::button, Source::file}) {
    Killed gate;
    const auto id =
        gate.latch.trip({ScopeKind::router, "R1"}, source, "rack", "pressed", now).kill.id;
    const RearmWords words{.reason = "released"};
    const RearmFacts here{.on_host = true}, anywhere{.hardware_anywhere = true};
    const auto refused = gate.rearm.begin(id, anna, words, {}, now);
    REQUIRE_FALSE(refused.has_value());
    CHECK(says(refused.error(), "on the host: re-arm it there"));
    REQUIRE(gate.rearm.begin(id, anna, words, here, now).has_value());
    CHECK_FALSE(gate.rearm.approve(id, bob, {}, {}, now).has_value());
    SUBCASE("on the host") { CHECK(gate.rearm.approve(id, bob, {}, here, now).has_value()); }
    SUBCASE("anywhere") { CHECK(gate.rearm.approve(id, bob, {}, anywhere, now).has_value()); }
    CHECK(gate.begin(anna).has_value());  // the other kill came otherwise
  }
}

TEST_CASE("rearm: what runs is approved by its name, by both, when it is not what was armed last") {
  Killed gate;
  const RearmFacts changed{.running = "0123456789abcdef fedcba9876543210",
                           .approved = "0123456789abcdef aaaaaaaaaaaaaaaa"};
  const std::string name = "0123456789ab/fedcba987654";
  CHECK(short_identity(changed.running) == name);
  const auto begin = [&](std::string identity, const RearmFacts& facts) {
    return gate.rearm.begin(gate.id, anna, {.reason = "x", .identity = std::move(identity)}, facts,
                            now);
  };
  const auto unnamed = begin("", changed);
  REQUIRE_FALSE(unnamed.has_value());
  CHECK(says(unnamed.error(), name + " runs (build/configuration), and "
                                     "0123456789ab/aaaaaaaaaaaa was armed last"));
  CHECK_FALSE(begin("0123456789ab/aaaaaaaaaaaa", changed).has_value());
  REQUIRE(begin(name, changed).has_value());
  CHECK_FALSE(gate.rearm.approve(gate.id, bob, {}, changed, now).has_value());
  CHECK(gate.killed());
  SUBCASE("and stays the same between the two") {
    CHECK(gate.rearm.approve(gate.id, bob, {.identity = name}, changed, now).has_value());
  }
  SUBCASE("or the first person begins again") {
    RearmFacts reloaded = changed;
    reloaded.running = "0123456789abcdef 1111111111111111";
    const auto other =
        gate.rearm.approve(gate.id, bob, {.identity = "0123456789ab/111111111111"}, reloaded, now);
    REQUIRE_FALSE(other.has_value());
    CHECK(says(other.error(), "the first person begins again"));
    CHECK(gate.killed());
  }
  SUBCASE("unchanged it needs no name, and a wrong one is still refused") {
    const RearmFacts same{.running = changed.running, .approved = changed.running};
    CHECK(begin("", same).has_value());
    CHECK_FALSE(begin("x/y", same).has_value());
  }
}

TEST_CASE("rearm: nothing is re-armed while recovering") {
  Killed gate;
  CHECK_FALSE(gate.begin(anna, "fixed", "all known", {.recovering = "X is asked"}).has_value());
  REQUIRE(gate.begin(anna).has_value());
  const auto refused = gate.rearm.approve(gate.id, bob, {}, {.recovering = "X is asked"}, now);
  REQUIRE_FALSE(refused.has_value());
  CHECK(says(refused.error(), "recovering"));
  CHECK(gate.killed());
}

TEST_CASE("rearm: a later beginning replaces the earlier one") {
  Killed gate;
  REQUIRE(gate.begin(anna).has_value());
  REQUIRE(gate.begin(bob).has_value());
  CHECK(gate.rearm.pending(now).size() == 1);
  CHECK_FALSE(gate.rearm.approve(gate.id, bob, {}, {}, now).has_value());
  CHECK(gate.rearm.approve(gate.id, anna, {}, {}, now).has_value());
}

TEST_CASE("rearm: a kill ends every request") {
  Killed gate;
  REQUIRE(gate.begin(anna).has_value());
  gate.rearm.abort_all();
  CHECK(gate.rearm.pending(now).empty());
  CHECK_FALSE(gate.rearm.approve(gate.id, bob, {}, {}, now).has_value());
  CHECK(gate.killed());
}

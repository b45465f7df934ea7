// The year that year_test.cpp reads: what happened in it, month by month.
#pragma once

#include <filesystem>
#include <string_view>

#include "evidence/played.hpp"
#include "tests/scratch.hpp"

namespace interlock::scenarios {

inline constexpr std::string_view odd = "<script>alert(1)</script>";

// A journal of 2026, left behind without its gateway. What happens is listed beside it.
struct Journal {
  Journal() {
    Played year;  // 5 January, 14:30 UTC: the first start, re-armed by two people
    january(year);
    restart_after(*year.stage, 60 * day_ns, true);
    march(year);
    restart_after(*year.stage, 90 * day_ns, false);  // a crash: it starts killed
    june(year);
    restart_after(*year.stage, 1 * day_ns, true);
    REQUIRE(year.core().floor().journal.sync());
    std::filesystem::copy(journal_of(*year.stage), copy.path(),
                          std::filesystem::copy_options::recursive);
    std::filesystem::remove(copy / "lock");
  }
  tests::Scratch copy;
  std::uint64_t raise = 0, release = 0, release_used = 0, refused = 0;

 private:
  // Two orders pass, one of them filled; 3 refusals; a release; a raise; a kill with one order
  // open.
  void january(Played& year) {
    year.stage->parent("P-1", "ACC", "ACME", "buy", "5000");
    year.stage->price("ACME", "10.00");
    year.order("a", "100");
    year.report("a", "0", "0", "0", "100");
    year.report("a", "F", "100", "100", "0");
    refused = year.core().floor().journal.next_sequence();
    year.order("big", "1001");
    year.order("bigger", "1002");
    year.order("huge", "1003");
    release = year.act("ann", gateway::ReleaseOrder{0, "R1", "big", "=cmd() said so"}).id;
    REQUIRE(release != 0);
    release_used = year.core().floor().journal.next_sequence();
    year.order("big-2", "1001");
    year.stage->raise("account", "ACC", "max_order_notional", "7 K USD", 10'000);
    year.stage->approve();
    raise = year.core().snapshot()->policy->raises.at(0).id;
    year.core().limit_uses().look(year.core().snapshot()->limits);
    year.stage->advance(20'000);
    year.order("b", "100");
    year.stage->kill("router", "R1", "kill");
    year.report("b", "4", "0", "0", "0");
    year.report("big-2", "4", "0", "0", "0");
    year.stage->advance(10'000);
    year.stage->rearm();
    year.core().floor().alert("interlock",
                              {gateway::Severity::warning, "odd", {}, std::string(odd)});
    year.stage->advance(5'000);
    year.stage->acknowledge();
    tests_and_reviews(year);
    year.stage->link("R2", false);
    const auto set = year.act("ann", gateway::SetSequence{"R2", 9, 7, "its disk was lost"});
    REQUIRE(year.act("bob", gateway::ApproveSequence{set.id}).answer ==
            gateway::ActionOutcome::Answer::done);
  }
  static void tests_and_reviews(Played& year) {
    year.act("ann", gateway::Statement{"control-test", "tried", false, {"order-qty"}, {}});
    year.act("bob", gateway::Statement{
                        "control-test", "tried again", true, {"order-qty", "price-collar"}, {}});
    year.act("bob", gateway::Statement{
                        "stress-test", "driven", true, {}, {{"messages_per_second", "1000"}}});
    year.act("ann", gateway::Statement{"review", "held", true, {}, {}});
  }
  // A button's drill, a change by one and one by two people, a clock in doubt for an hour.
  static void march(Played& year) {
    year.stage->kill("firm", "", "block");
    year.wire_button();
    year.drill();
    year.stage->restart(true);
    year.stage->rearm();
    year.stage->reload("max_order_qty = 1_000", "max_order_qty = 900");
    year.stage->reload("max_order_qty = 900", "max_order_qty = 950");
    year.stage->approve();
    // The review date of what stands in [defaults.router], the first of the file.
    year.stage->reload("review = 2099-12-31", "review = 2026-05-31");
    for (const auto* state : {"synchronised", "unsynchronised", "synchronised"}) {
      audit::FieldWriter clock;
      clock.put(audit::Field::clock_offset, static_cast<std::uint64_t>(std::int64_t{-2'500}));
      clock.put(audit::Field::clock_error, std::uint64_t{9'000});
      clock.put(audit::Field::clock_state, state);
      year.core().floor().append(audit::Kind::clock, "interlock", clock);
      year.stage->advance(1'800'000);
    }
    year.core().refuse_garbage({"192.0.2.7", {}}, gateway::FrameError::bad_checksum);
  }
  // A parent that is exhausted, and a router that goes on: killed by the control. Then it is over.
  static void june(Played& year) {
    year.stage->rearm();
    year.stage->price("ACME", "10.00");
    year.stage->parent("P-2", "ACC", "ACME", "buy", "100");
    year.order("c", "100", "P-2");
    year.report("c", "0", "0", "0", "100");
    year.report("c", "F", "100", "100", "0");
    year.stage->advance(1'000);
    year.order("d", "100", "P-2");
    year.stage->advance(1'000);
    year.order("e", "100", "P-2");
    year.order("f", "100", "P-2");
    year.stage->advance(1'000);
    year.stage->rearm();
    using What = gateway::ChangeParent::What;
    const gateway::ChangeParent cancel{What::cancel, "P-2", {}, "it is done"};
    REQUIRE(year.act("ann", cancel).answer == gateway::ActionOutcome::Answer::done);
  }
};

}  // namespace interlock::scenarios

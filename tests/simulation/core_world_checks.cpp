// What has to hold in each world around a core.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/core.hpp"
#include "gateway/replay.hpp"
#include "scenarios/setting.hpp"
#include "simulation/core_world.hpp"
#include "simulation/failure.hpp"
#include "tests/source.hpp"

namespace interlock::simulation {

std::filesystem::path configs_of_plays() { return tests::source_dir() / "tests/scenarios/configs"; }

void CoreWorld::stays_shut(const Sent& order, const std::string& type) const {
  const gateway::Floor& floor = scenarios::core_of(*stage_).floor();
  risk::Order asked;
  asked.router = floor.directory.routers.find(order.router);
  asked.venue = floor.directory.venues.find(order.router == "R1" ? "X" : "Y");
  asked.account = floor.directory.accounts.find(order.account);
  asked.symbol = floor.directory.symbols.find(order.symbol);
  asked.parent = floor.directory.parents.find(order.parent);
  for (const killswitch::Kill& kill : kills_) {
    demand(!gateway::covers(kill, floor.directory, asked),
           fmt::format("a {} left after the {} of {} {}", type, name(kill.level),
                       name(kill.scope.kind), kill.scope.id));
  }
}

std::int64_t CoreWorld::used(const std::string& parent) const {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < orders_.size(); ++i) {
    if (orders_[i].parent != parent) continue;
    std::int64_t worst = orders_[i].worst();
    for (const Venue& venue : venues_) {
      for (const Mail& mail : venue.mail) {
        if (mail.type == "G" && mail.order == i && orders_[i].is_alive) {
          worst = std::max(worst, mail.quantity);
        }
      }
    }
    sum += worst;
  }
  return sum;
}

// What is sent of a parent is at most its size, and the books know of all of it.
void CoreWorld::covers_truth() const {
  const gateway::Floor& floor = scenarios::core_of(*stage_).floor();
  for (std::uint32_t i = 0; i < parents_of_a_core; ++i) {
    const std::string id = fmt::format("P-{}", i);
    const std::int64_t truth = used(id);
    const risk::Parent& known = *floor.books.parent(floor.directory.parents.find(id));
    demand(truth <= size_of_a_parent, fmt::format("{} of parent {} are at venues", truth, id));
    demand(known.used() >= risk::Quantity::of(truth),
           fmt::format("the books say that parent {} uses {}, and it uses {}", id,
                       known.used().text(), truth));
  }
}

// With all reports in, the books say what is true.
void CoreWorld::is_exact() const {
  const gateway::Floor& floor = scenarios::core_of(*stage_).floor();
  for (std::uint32_t i = 0; i < parents_of_a_core; ++i) {
    const std::string id = fmt::format("P-{}", i);
    const risk::Parent& known = *floor.books.parent(floor.directory.parents.find(id));
    demand(known.used() == risk::Quantity::of(used(id)),
           fmt::format("all is said: the books say that parent {} uses {}, and it uses {}", id,
                       known.used().text(), used(id)));
  }
}

void CoreWorld::replays_the_same() {
  const scenarios::Setting setting(configs_of_plays(), "pair");
  const auto loaded = config::load(setting.file());
  const auto replayed = gateway::replay(
      *loaded.config, scenarios::journal_of(*stage_), [&](const gateway::Difference& difference) {
        demand(false, fmt::format("the verdict of {} {} was {} and would be {}", difference.router,
                                  difference.cl_ord_id, difference.was, difference.would));
      });
  demand(replayed.has_value(), replayed ? "" : replayed.error());
  tally_.judged += static_cast<std::uint32_t>(replayed->judged);
}

void CoreWorld::hear_out() {
  for (int turn = 0; turn < 30; ++turn) {
    stage_->advance(turn == 0 ? 1'600 : 50);
    listen();
    for (Venue& venue : venues_) {
      answer(venue);
      speak(venue);
    }
    covers_truth();
  }
  stage_->price("ACME", "10.00");
}

void CoreWorld::demand(bool holds, const std::string& what) const {
  if (!holds) throw Failure(fmt::format("{}\nOnce more, in full: tests/sim core {}", what, seed_));
}

void CoreWorld::tell(const std::string& what) const {
  if (out_) *out_ << what << '\n';
}

CoreTally& CoreTally::operator+=(const CoreTally& other) {
  entered += other.entered, reports += other.reports, kills += other.kills;
  rearms += other.rearms, restarts += other.restarts, lost += other.lost;
  shut_out += other.shut_out, judged += other.judged;
  asked += other.asked, held_back += other.held_back;
  return *this;
}

}  // namespace interlock::simulation

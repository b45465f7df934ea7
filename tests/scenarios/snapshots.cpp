#include "scenarios/snapshots.hpp"

#include <stdexcept>

#include "gateway/snapshot_taking.hpp"

namespace interlock::scenarios {

void Snapshots::turn(const config::Config& config, audit::Journal& journal) {
  if (every == 0 || ++turns % every != 0) return;
  if (!journal.sync()) throw std::runtime_error(journal.problem());
  const auto taken = gateway::take_snapshot(config, build, false);
  if (!taken) throw std::runtime_error(taken.error());
  gone_on += taken->is_new && taken->begun_at > 0;
}

}  // namespace interlock::scenarios

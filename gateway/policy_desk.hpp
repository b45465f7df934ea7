// The policy while the gateway runs: reloaded whole or not at all, loosened by two people, raised
// for a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/policy_rows.hpp"
#include "gateway/actions.hpp"
#include "gateway/floor.hpp"

namespace interlock::gateway {

// A limit that two people have raised until a time.
struct LiveRaise {
  std::uint64_t id = 0;  // the number of its record
  RaiseLimit what;
  std::string before;  // the value that comes back
  std::string people;  // "ann and bob"
  std::int64_t until_ns = 0;
};

// On the loop's thread. Between two messages all of `Floor::config` changes, or nothing.
class PolicyDesk {
 public:
  // `applied` is called when another policy has taken hold.
  PolicyDesk(Floor& floor, std::function<void()> applied);

  // `person` is empty where nobody can be named (a signal): what loosens then waits for two.
  ActionOutcome reload(const std::string& person, const Reload& action);
  ActionOutcome raise(const std::string& person, const RaiseLimit& action);
  ActionOutcome approve(const std::string& person, const Approve& action);
  void tick();  // raises that end
  // The file's settings as records, at a start and after each reload: evidence needs no other file.
  void write_down() const;

  // --- again from the journal, after a restart ---
  void raised(LiveRaise raise);
  void ended(std::uint64_t raise);
  void recovered();

  // As it stands, for the snapshot.
  [[nodiscard]] const std::shared_ptr<const PolicyView>& view() const { return view_; }
  [[nodiscard]] std::vector<ProposalView> proposals() const;

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [floor, applied, filed, standing, proposals, raises, view] = *this;
    archive(raises);
  }

 private:
  struct Proposal {
    std::uint64_t id = 0;             // the number of its record
    std::vector<std::string> people;  // who stands for it
    std::string reason;
    std::int64_t expires_at_ns = 0;
    std::string base_hash;                       // of the policy that it would change
    std::shared_ptr<const config::Config> next;  // of a reload
    std::optional<RaiseLimit> raise;
    std::vector<config::Change> changes;
  };
  ActionOutcome propose(const std::string& person, Proposal proposal);
  ActionOutcome apply(const Proposal& proposal);
  ActionOutcome apply_reload(const Proposal& proposal);
  ActionOutcome apply_raise(const Proposal& proposal);
  void end_raise(const LiveRaise& raise, std::string_view why);
  void adopt(config::Config next);
  void take_hold();

  Floor& floor_;
  std::function<void()> applied_;
  config::Config filed_;     // as the file says it
  config::Config standing_;  // the same by our ids, without raises
  std::vector<Proposal> proposals_;
  std::vector<LiveRaise> raises_;
  std::shared_ptr<const PolicyView> view_;
};

}  // namespace interlock::gateway

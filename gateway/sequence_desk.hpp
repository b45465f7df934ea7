// The sequence numbers of a session that is down, set by two people.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/actions.hpp"
#include "gateway/floor.hpp"

namespace interlock::gateway {

// On the loop's thread. What waits for the second person is gone after a restart.
class SequenceDesk {
 public:
  // A number so far beyond the present one is a slip of the keys.
  static constexpr std::uint32_t most_ahead = 10'000'000;

  // `changed` is called when numbers of the session have been set.
  SequenceDesk(Floor& floor, std::function<void(const Leg&)> changed);

  ActionOutcome propose(const std::string& person, const SetSequence& action);
  ActionOutcome approve(const std::string& person, const ApproveSequence& action);
  // What was proposed while it was down is about other numbers now.
  void logged_on(const Leg& leg);

  // As it stands, for the snapshot.
  [[nodiscard]] std::vector<ProposalView> proposals() const;

 private:
  struct Proposal {
    std::uint64_t id = 0;  // the number of its record
    std::string person;
    SetSequence what;
    std::uint32_t next_in = 1, next_out = 1;  // as they stood
    std::int64_t expires_at_ns = 0;
    bool came_up = false;  // since
  };
  [[nodiscard]] std::optional<ActionOutcome> in_the_way(const Leg& leg,
                                                        const SetSequence& action) const;
  [[nodiscard]] std::string meaning(const Leg& leg, const SetSequence& action) const;

  Floor& floor_;
  std::function<void(const Leg&)> changed_;
  std::vector<Proposal> proposals_;
};

}  // namespace interlock::gateway

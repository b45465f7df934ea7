// What a run of the replay comes to: counted at the venue and at the gate's door, never from the
// books that are under test.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/knight_morning.hpp"
#include "risk/verdict.hpp"

namespace interlock::cli::knight {

// The loss model: what the order's 460 m dollars are over its 397 m shares.
inline constexpr double loss_a_share = 1.16;

struct Figures {
  std::string name;  // "none", a control's id, "all"
  std::string ran;   // how: in process, over sockets, ...
  // From 09:30, of R8; nullopt: never.
  std::optional<double> first_refusal_ms;
  std::optional<double> stop_ms;  // a latch that lets no order of R8 pass: a block, or a kill
  std::optional<double> kill_ms;  // a latch of level kill: what R8 has open is cancelled, too
  std::string latch;              // the highest that stops R8: "block", "kill"; empty: none
  std::string reason;             // code of that latch, or of the first refusal
  bool has_roll_back = false;  // a stress run has none
  // Of the other seven, from the roll-back: the slowest; nullopt: not all of them.
  std::optional<double> roll_back_stop_ms, roll_back_kill_ms;
  // Of the 212 parents.
  std::uint64_t child_orders_out = 0;
  std::uint64_t child_orders_refused = 0;
  std::uint64_t executions = 0;
  std::int64_t shares = 0;
  std::int64_t shares_beyond_parents = 0;
  double dollars_beyond_parents = 0;
  double bought_dollars = 0, sold_dollars = 0;
  double estimated_loss = 0;  // shares beyond × loss_a_share
  // Of what the seven routers do honestly.
  std::uint64_t honest_orders_out = 0;
  std::uint64_t honest_refusals = 0;  // before the roll-back
};

// Listens to a run.
class Tally {
 public:
  Tally(const Morning& morning, const Flow& flow);

  void left(const Event& child);  // for the venue
  void refused(const Event& child, std::int64_t at_ns, std::string_view code);
  void executed(std::uint32_t parent, std::int64_t shares);
  // A latch closed that stops the router's orders.
  void stopped(std::uint32_t router, std::int64_t at_ns, std::string_view latch,
               std::string_view code);
  [[nodiscard]] bool is_stopped(std::uint32_t router) const {
    return stopped_ns_[router].has_value();
  }
  [[nodiscard]] bool is_killed(std::uint32_t router) const {
    return killed_ns_[router].has_value();
  }
  [[nodiscard]] Figures figures(std::string name, std::string ran) const;

 private:
  const Morning& morning_;
  const Flow& flow_;
  Figures so_far_;
  std::vector<std::int64_t> executed_;  // by parent
  using Times = std::array<std::optional<std::int64_t>, router_count>;
  // Of the seven that are not R8, from the roll-back.
  [[nodiscard]] std::optional<double> slowest(const Times& times) const;
  Times stopped_ns_{}, killed_ns_{};
};

}  // namespace interlock::cli::knight

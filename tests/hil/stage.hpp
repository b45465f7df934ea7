// A gateway between a router and a venue, a press, and what has to be true after it.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/hil/flow.hpp"
#include "tests/hil/gateway.hpp"

namespace interlock::hil {

// A kill of everything, once the loop has confirmed it.
struct Confirmed {
  boost::json::object kill;         // as the API has it
  std::int64_t closed_ns = 0;       // CLOCK_MONOTONIC
  std::uint32_t last_sequence = 0;  // of the venue's session
};

class Stage {
 public:
  explicit Stage(std::string_view settings);
  // The gateway ends in order, unless the case has ended it.
  ~Stage() noexcept(false);
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Two people re-arm all that is killed, and orders flow again from the router to the venue.
  void arm();
  // Until everything is killed and the gate is closed.
  [[nodiscard]] Confirmed confirmed();
  // The router goes on sending and is refused; the venue gets no order after the kill's number.
  void check_that_nothing_follows(const Confirmed& kill);
  // Orders come from the router, and each is refused; for a gate that is shut already.
  void check_that_all_is_refused();
  // Until a button says that of its state.
  void wait_for_button(std::string_view state) const;
  // Both, after `press`; what it took from contact to gate goes into the table at the end.
  Confirmed press(std::string_view source, const std::function<void()>& press);

  [[nodiscard]] std::string state() const;
  [[nodiscard]] Flow& flow() { return flow_; }
  [[nodiscard]] Gateway& gateway() { return gateway_; }

 private:
  Flow flow_;
  Gateway gateway_;
};

// A duration for the table.
void note(std::string_view source, std::int64_t latency_ns);
// A line a source: how many presses, and from contact to gate the median and the longest.
[[nodiscard]] std::string table();

}  // namespace interlock::hil

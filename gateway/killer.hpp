// What follows a kill: the gate is shut for its scope, buffers are purged, cancels go out, the
// residual is known.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/desk.hpp"
#include "gateway/floor.hpp"

namespace interlock::gateway {

class Killer {
 public:
  explicit Killer(Floor& floor) : floor_(floor) {}

  // Takes over the latch's kills when its word changed: shut, purge, note `closed_at`, tell who
  // waits, cancel.
  void acknowledge();
  // One cancel of our own (F) for each, through its venue; orders whose venue is down wait for its
  // logon. Returns how many went out.
  std::uint32_t cancel(const std::vector<risk::OrderId>& orders, std::string_view cause);
  // A venue came back, or time passed: cancels for what is still alive in a killed scope.
  void chase();
  // A report made an order live or changed its name: under a kill it is cancelled again.
  void after_report(risk::OrderId order);
  // What it is to end and may still execute; nothing at a lower level, which leaves orders open.
  [[nodiscard]] std::vector<risk::OrderId> residual(const killswitch::Kill& kill) const;
  [[nodiscard]] const std::map<std::uint64_t, Closed>& closed() const { return closed_; }
  // Called on the loop's thread when a kill has been acknowledged, before its cancels.
  void on_closed(std::function<void(std::uint64_t kill_id, const Closed&)> tell) {
    tell_ = std::move(tell);
  }
  // A frame that never left is released and refused to its router. Also used when a venue proves it
  // had none.
  void undelivered(const Named& named, risk::Reason reason, std::string_view fact);
  // What `undelivered` does to the books; again from the journal after a restart.
  void release(const Named& named, risk::Time at);

 private:
  bool send_cancel(risk::OrderId id, std::string_view cause);
  struct Purged {
    const Named* named;  // nullptr: not known to us
    std::string venue;
    risk::Reason reason;
  };
  std::vector<Purged> purge();

  Floor& floor_;
  std::map<std::uint64_t, Closed> closed_;  // by kill id
  std::function<void(std::uint64_t, const Closed&)> tell_;
};

}  // namespace interlock::gateway

// What follows a kill: the gate is shut for its scope, buffers are purged, cancels go out, the
// residual is known.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/desk.hpp"
#include "gateway/floor.hpp"

namespace interlock::gateway {

// The kill covers all that our session at the venue holds.
[[nodiscard]] bool covers_session(const killswitch::Kill& kill, std::string_view venue);

class Killer {
 public:
  explicit Killer(Floor& floor);

  // Takes over the latch's kills when its word changed: shut, purge, note `closed_at`, tell who
  // waits, cancel.
  void acknowledge();
  // One cancel of our own (F) for each, through its venue; orders whose venue is down wait for its
  // logon. Returns how many went out.
  std::uint32_t cancel(const std::vector<risk::OrderId>& orders, std::string_view cause);
  // A venue came back, or time passed: cancels for what is still alive in a killed scope.
  void chase();
  // A person asks for them, now. Returns how many went out.
  std::uint32_t cancel_again(const killswitch::Kill& kill, std::string_view person);
  // Time passed: venues whose cancels do not get away are cut off, and those that take cancels
  // again get them at once.
  void tick();
  // The kill in force that covers all that this venue's session holds; nullptr: there is none.
  [[nodiscard]] const killswitch::Kill* whole_session(risk::VenueId venue) const;
  // Resets its connection: what waits for it, in the kernel too, is lost. Its orders stay in the
  // residual, since nobody has said that they are cancelled. Returns what was done, in words.
  std::string cut(risk::VenueId venue, const killswitch::Kill& kill, std::string_view actor,
                  std::string_view why);
  // The venue does not take our q: each order that it was for is cancelled by itself, at once.
  void mass_cancel_refused(risk::VenueId venue);
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
  // At a venue whose whole session is killed: where our cancels end in all that we write to it, as
  // long as they are not away.
  struct Handing {
    struct Mark {
      std::uint64_t end = 0;
      std::int64_t since_ns = 0;
    };
    std::optional<Mark> due;  // which `cut_after` counts from
    Mark last;
    bool takes_none = false;  // within one of its no_cancel periods
  };
  using ByVenue = std::map<std::uint32_t, std::vector<risk::OrderId>>;

  // `person`: who asked for it, when nobody else did.
  bool send_cancel(risk::OrderId id, std::string_view cause, std::string_view person = {});
  bool send_mass_cancel(risk::VenueId venue, const std::vector<risk::OrderId>& orders,
                        std::string_view cause);
  // The venues at which one q stands for all these orders, taken out of `orders`.
  ByVenue by_mass_cancel(const killswitch::Kill& kill, std::vector<risk::OrderId>& orders) const;
  std::uint32_t cancel(const killswitch::Kill& kill);
  // How many messages will cancel these.
  [[nodiscard]] std::uint32_t cancels_due(const killswitch::Kill& kill,
                                          std::vector<risk::OrderId> alive) const;
  void write_record(const killswitch::Kill& kill);
  void note_handing();
  void after_no_cancel(risk::VenueId venue);
  struct Purged {
    Named* named;  // nullptr: not known to us
    std::string venue;
    risk::Reason reason;
  };
  // Takes out of a venue's buffer what the kills in force cover, and before a cancel all that waits
  // for the disk, since the cancel must not wait behind it.
  enum class Before : std::uint8_t { shutting, cancel };
  void purge(Leg& venue, Before before, std::vector<Purged>& purged);
  void refuse(const std::vector<Purged>& purged);
  void clear_the_way(Leg& venue);  // for a cancel

  Floor& floor_;
  std::map<std::uint64_t, Closed> closed_;  // by kill id
  std::vector<Handing> handing_;            // by VenueId
  std::function<void(std::uint64_t, const Closed&)> tell_;
};

}  // namespace interlock::gateway

// The way back: what a venue says is journalled, booked, and handed to its router under the
// router's own names.
#pragma once

#include <string>
#include <vector>

#include "gateway/floor.hpp"
#include "gateway/gaps.hpp"
#include "gateway/reconcile.hpp"
#include "gateway/translate.hpp"

namespace interlock::gateway {

class Killer;

class Returns {
 public:
  Returns(Floor& floor, Killer& killer)
      : floor_(floor), killer_(killer), gaps_(floor), checks_(floor, killer, gaps_) {}

  void message(Leg& venue, const Inbound& message);
  [[nodiscard]] Gaps& gaps() { return gaps_; }
  [[nodiscard]] Reconciliation& checks() { return checks_; }
  [[nodiscard]] const Reconciliation& checks() const { return checks_; }
  // The venue sent 35=3 (or a j with 45): an order that it names never lived (rule 19).
  void rejected(Leg& venue, const Parsed& reject);
  // The requests that such a reject names (each order of a list), as far as the venue has said
  // nothing about them before.
  std::vector<Named*> refused_requests(Leg& venue, const Parsed& reject);
  // An order that the venue asked to be sent again, and that a gap fill replaced: it never had it.
  void not_resent(Leg& venue, std::uint32_t sequence);

  // Field::event of a report that says the order is unknown, and so is not booked.
  static constexpr std::string_view unknown_order = "unknown order";

  // What an 8 or a 9 does to the books and to what we know of the order; live and from the journal.
  struct Booked {
    const Named* named = nullptr;  // nullptr: maps to no order
    risk::Learned learned;
    risk::Report report;
  };
  Booked book(const Parsed& message, risk::VenueId venue, risk::Time at);
  Booked book(const Parsed& message, risk::Report translated, risk::Time at);

  // A ListStatus (N) that says of orders that they have ended; live and from the journal.
  void book_list(const Parsed& message, risk::VenueId venue, risk::Time at);

 private:
  std::vector<Named*> unanswered(Leg& venue, std::uint32_t sequence);
  void execution(Leg& venue, const Inbound& message);  // 8 and 9
  void answer_to_own_cancel(Leg& venue, const Inbound& message, const Named& own);
  // A status that answers a question of ours; false: it is none.
  bool answer(Leg& venue, const Inbound& message, const Named* named);
  void pass_on(Leg& venue, const Inbound& message, Leg* router, std::string_view body,
               std::string_view event = {});
  void mass_cancel_answered(Leg& venue, const Inbound& message);  // r
  bool is_by_mass_cancel(const Parsed& report, const Named& named);
  void inform(Leg& venue, const Inbound& message);  // h f d B r and the like
  void note(risk::Anomaly anomaly, std::string_view venue, const Parsed& message);
  void after(const Booked& booked, std::string_view venue, const Parsed& message);
  const Named* named_by(const Parsed& message, risk::VenueId venue);

  Floor& floor_;
  Killer& killer_;
  Gaps gaps_;
  Reconciliation checks_;
};

}  // namespace interlock::gateway

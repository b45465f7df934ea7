// What a venue says was executed and no ExecutionReport has told. Rule 11: a CumQty that is more
// than the fills is asked after, with an OrderStatusRequest (H) of our own, whose answer the router
// never sees. A trade of a TradeCaptureReport (AE) that no report tells in time is an alert.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "gateway/floor.hpp"
#include "gateway/wire.hpp"

namespace interlock::gateway {

class Gaps {
 public:
  // So many questions a venue, each time that `tick` is called; the others wait.
  static constexpr std::uint32_t most_a_tick = 2;

  explicit Gaps(Floor& floor) : floor_(floor) {}

  static constexpr risk::Duration wait = risk::seconds(5);  // for the report of a trade

  // A TradeCaptureReport came.
  void trade(const Parsed& capture, risk::VenueId venue);
  // The order's 14 says this much, and its fills say less.
  void found(risk::OrderId order, risk::Quantity claimed);
  // Asks once about each order and gap, unless its fills have come in the meantime.
  void tick();
  // Asks with an H about this order; false: its venue is not on, or the journal took no record.
  bool ask(risk::OrderId order, std::string_view why);
  // The router asks about the order itself: where answers do not say which question they are for,
  // the next one is the router's.
  void asked_by_router(risk::OrderId order) { asked_.erase(order); }
  // Whether such a status report (150=I, or 20=3) answers a question of ours; it then counts as
  // answered.
  bool answers(const Parsed& report, risk::OrderId order);

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [floor, trades, open, known, asked] = *this;
    archive(trades, open, known, asked);
  }

 private:
  void look_for_trades();
  struct Trade {
    risk::VenueId venue;
    std::string exec_id;  // empty: it has none
    std::string text;
    risk::Time until;
    template <class Archive>
    void serialize(Archive& archive) {
      auto& [of, id, what, end] = *this;
      archive(of, id, what, end);
    }
  };

  Floor& floor_;
  std::deque<Trade> trades_;                       // in the order of their time
  std::map<risk::OrderId, risk::Quantity> open_;   // not asked about yet: what 14 said
  std::map<risk::OrderId, risk::Quantity> known_;  // the most that we have asked about
  std::map<risk::OrderId, std::string> asked_;     // questions without an answer: their 790
};

}  // namespace interlock::gateway

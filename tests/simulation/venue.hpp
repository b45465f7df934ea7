// The truth: what one venue has of each order, what it did with it, and what it said of that.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "risk/request.hpp"
#include "simulation/chance.hpp"

namespace interlock::simulation {

struct TrueTrade {
  std::string exec_id;  // the latest
  std::int64_t quantity = 0;
  std::int64_t most = 0;
  bool stands = true;
};

struct TrueOrder {
  risk::NewOrder first;
  std::size_t number = 0;  // of the order, in the order of entry
  std::string cl_ord_id;   // the last that the venue accepted
  std::int64_t quantity = 0;
  std::vector<TrueTrade> trades;
  bool has_arrived = false;
  bool is_alive = false;
  bool is_closed = false;          // by a report that says so, not by being filled
  bool is_of_earlier_day = false;  // nothing was said of it since the roll
  bool never_left = false;         // and we know it
  std::int64_t unforeseeable = 0;  // executed against the rules, and not reported yet
  std::vector<std::pair<std::string, std::int64_t>> replaces_in_flight;

  [[nodiscard]] std::int64_t executed() const;
  [[nodiscard]] std::int64_t leaves() const;
  // The most that may be executed in the end, of what anybody could know of.
  [[nodiscard]] std::int64_t worst() const;
};

// A report on its way.
struct Flight {
  risk::Report report;
  std::size_t order = SIZE_MAX;
  bool is_odd = false;  // an anomaly is due
  int rolls = 0;
};

class Venue {
 public:
  // `tick`: so many reports in a row have the same time; 0: none has any.
  // `tells_cum`: 14 of busts and corrections, too; the other reports always have it.
  Venue(risk::VenueId id, Chance& chance, std::int64_t tick, bool tells_cum)
      : id_(id), chance_(chance), tick_(tick), tells_cum_(tells_cum) {}

  void receive(const risk::Request& request) { inbox_.push_back(request); }
  [[nodiscard]] bool has_mail() const { return !inbox_.empty(); }
  void answer(std::deque<TrueOrder>& orders);
  // One thing that happens at a venue without being asked for.
  void act(std::deque<TrueOrder>& orders);

  std::deque<Flight> outbox;

 private:
  Flight& say(risk::Fact fact, TrueOrder& order, const std::string& cl_ord_id);
  TrueOrder* pick(std::deque<TrueOrder>& orders, bool alive);
  void execute(TrueOrder& order);
  void execute_wrongly(TrueOrder& order);
  void bust(TrueOrder& order);
  void correct(TrueOrder& order);
  void close(TrueOrder& order, const std::string& cl_ord_id);
  void restate(TrueOrder& order);
  void reuse_exec_id(TrueOrder& order, const std::deque<TrueOrder>& orders);
  void say_nonsense(TrueOrder& order);
  void settle(TrueOrder& order) const;
  std::string fresh_exec_id();

  risk::VenueId id_;
  Chance& chance_;
  std::int64_t tick_;
  bool tells_cum_;
  std::deque<risk::Request> inbox_;
  std::uint32_t executions_ = 0;
  std::int64_t clock_ = 0;
};

}  // namespace interlock::simulation

// A day of ordinary flow: what a mid-sized desk sends and venues answer, from a seed. The model is
// in docs/knight.md; it is made after such flow, not after any limit.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "risk/request.hpp"

namespace interlock::tests {

inline constexpr std::int64_t day_begins_ns = 1'700'058'600'000'000'000;  // 2023-11-15T14:30:00Z
inline constexpr std::uint32_t desk_routers = 4;  // each reaches the venue of its index
inline constexpr std::uint32_t desk_accounts = 8;
inline constexpr std::uint32_t desk_symbols = 100;

// Who stands between the desk and the venues.
struct DayGate {
  std::function<void(const risk::ParentDeclaration&, risk::Time)> declare;
  std::function<bool(const risk::Request&, risk::Time)> ask;  // may it go?
  std::function<void(const risk::Report&, risk::Time)> learn;
  std::function<void(std::uint32_t symbol, risk::Price, risk::Time)> price;
  std::function<void(risk::Time)> tick;  // every second
};

struct DayCounts {
  std::uint64_t orders = 0;  // D and G
  std::uint64_t replaces = 0, cancels = 0, fills = 0, partial = 0, immediate = 0, busts = 0;
  std::uint64_t too_late = 0;  // a cancel or replace that met a fill
  std::uint64_t venue_rejects = 0, parents = 0;
};

class OrdinaryDay {
 public:
  OrdinaryDay(std::uint64_t seed, DayGate gate);
  DayCounts play(std::int64_t until_ns = std::numeric_limits<std::int64_t>::max());

 private:
  enum class Kind : std::uint8_t {
    slice,
    fill,
    amend,
    withdraw,
    answer,
    bust,
    minute,
    second,
    news
  };
  struct Event {
    std::int64_t at_ns = 0;
    std::uint64_t turn = 0;  // among those at the same time
    Kind kind = Kind::slice;
    std::uint32_t index = 0;  // a parent's or an order's
    friend bool operator>(const Event& a, const Event& b) {
      return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.turn > b.turn;
    }
  };
  struct Parent {
    std::uint32_t router = 0, account = 0, symbol = 0;
    bool is_buy = false;
    std::int64_t size = 0, filled = 0, open = 0;
  };
  struct Order {
    std::uint32_t parent = 0;
    std::int64_t quantity = 0, cum = 0;
    risk::Price limit;
    bool is_done = false, is_refresh = false;
    std::string cl_ord_id;               // accepted
    std::optional<risk::Request> asked;  // a G or F that the venue has not answered
    std::string last_exec_id;
    std::int64_t last_fill = 0;
  };

  void at(std::int64_t ns, Kind kind, std::uint32_t index = 0);
  void handle(const Event& event);
  void start_parent(std::int64_t delay_ns);
  void slice(std::uint32_t parent);
  void send(std::uint32_t parent, std::int64_t quantity, risk::Price limit, bool is_refresh);
  void plan(std::uint32_t order, bool is_immediate);
  void fill(std::uint32_t order);
  void amend(std::uint32_t order);
  void withdraw(std::uint32_t order);
  void answer(std::uint32_t order);
  void bust(std::uint32_t order);
  void end(Order& order);
  void move_prices();
  void news();
  [[nodiscard]] risk::Report report(const Order& order, risk::Fact fact);
  [[nodiscard]] risk::Price near(std::uint32_t symbol, double share) const;
  [[nodiscard]] risk::Time now() const { return {day_begins_ns + now_ns_}; }
  [[nodiscard]] double activity() const;  // of the time of day: a U
  double draw() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  std::int64_t wait(double mean_s);

  DayGate gate_;
  std::mt19937_64 random_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::vector<Parent> parents_;
  std::vector<Order> orders_;
  std::vector<double> prices_;     // by symbol, in dollars
  std::vector<char> side_, busy_;  // by account and symbol: the last side, one at work
  std::uint32_t at_work_ = 0;      // parents
  std::int64_t now_ns_ = 0;
  std::uint64_t turns_ = 0, ids_ = 0, executions_ = 0;
  DayCounts counts_;
};

}  // namespace interlock::tests

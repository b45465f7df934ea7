// A venue with a ledger of its own: what it holds against each parent and account is the truth that
// the gateway's books are compared with.
#pragma once

#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "crash/end.hpp"

namespace interlock::crash {

struct Use {
  std::int64_t cum = 0;     // executed
  std::int64_t open = 0;    // may still execute
  std::int64_t net = 0;     // executed, sells negative
  std::int64_t orders = 0;  // that are open
};

struct Ledger {
  std::map<std::string, Use> parents, accounts;
};

class Venue : public End {
 public:
  struct Order {
    std::string cl_ord_id, account, parent;
    std::string name;  // what its router called it, which it carries along as Text (58)
    bool buys = true;
    bool open = true;
    bool rests = false;  // nobody trades with it
    std::int64_t quantity = 0, cum = 0;
  };

  Venue(std::vector<std::string>& faults, std::uint64_t seed);
  ~Venue() override;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  // Takes connections, and lets what is due happen, whether anybody is connected or not.
  bool turn();
  void trades(bool on) { trades_ = on; }  // executions and cancels that nobody asked for
  [[nodiscard]] Ledger ledger() const;
  [[nodiscard]] const std::deque<Order>& orders() const { return orders_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }  // D, G and F that came
  [[nodiscard]] std::uint64_t new_orders() const { return new_orders_; }

 private:
  void heard(const Message& message) override;
  void order(const Message& message);
  void replace(const Message& message);
  void cancel(const Message& message);
  void status(const Message& message);
  void mass_status(const Message& message);
  bool is_new(const Message& message);
  Order* by_name(std::string_view cl_ord_id);
  void report(const Order& order, char what, std::string_view more = {});
  void reject_change(const Message& message, char to, const Order* order, std::string_view why);
  void happen(Order& order);
  [[nodiscard]] bool chance(std::uint32_t percent) { return random_() % 100 < percent; }

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::mt19937_64 random_;
  std::deque<Order> orders_;
  std::map<std::string, std::size_t, std::less<>> named_;  // each ClOrdID that an order ever had
  std::set<std::string, std::less<>> seen_;                // ClOrdIDs and Texts of what came
  struct Due {
    std::int64_t at_ns = 0;
    std::size_t order = 0;
  };
  std::deque<Due> due_;
  bool trades_ = true;
  std::uint32_t resting_ = 0;
  std::uint64_t executions_ = 0, requests_ = 0, new_orders_ = 0;
};

}  // namespace interlock::crash

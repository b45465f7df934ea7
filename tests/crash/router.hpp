// A router that sends orders as fast as it is told to, changes and cancels some of them, and keeps
// its own account of what it was told.
#pragma once

#include <map>
#include <random>
#include <string>
#include <vector>

#include "crash/end.hpp"

namespace interlock::crash {

class Router : public End {
 public:
  struct Order {
    std::string cl_ord_id;  // the one that the last change was accepted under
    std::string account, parent;
    bool buys = true;
    bool answered = false, open = true;
    bool changing = false;  // a replace or cancel is under way
    std::int64_t quantity = 0, cum = 0;
  };

  // It trades in one account, under a parent that buys and one that sells.
  Router(std::string name, std::string account, std::vector<std::string>& faults,
         std::uint64_t seed);
  void connect(std::uint16_t port);  // of this machine; nothing happens when nobody listens
  void request();                    // one more: two in three are orders
  [[nodiscard]] const std::map<std::string, Order, std::less<>>& orders() const { return orders_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] std::uint64_t unanswered() const { return unanswered_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }  // by the gateway

 private:
  void heard(const Message& message) override;
  void report(const Message& message);
  void new_order();
  void change(Order& order, std::string name);
  Order* by_name(std::string_view cl_ord_id);

  std::string account_;
  std::mt19937_64 random_;
  std::map<std::string, Order, std::less<>> orders_;         // by their first ClOrdID
  std::map<std::string, std::string, std::less<>> changes_;  // ClOrdID of a change: its order
  std::vector<std::string> recent_;                          // that a change may be asked of
  std::map<std::string, bool, std::less<>> executions_;
  std::uint32_t count_ = 0;
  std::uint64_t requests_ = 0, unanswered_ = 0, refused_ = 0;
};

}  // namespace interlock::crash

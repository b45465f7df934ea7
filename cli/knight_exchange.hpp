// A simulated venue of the replay: takes every order, executes it whole at its limit, and answers
// cancels; it speaks FIX and knows nothing of how its bytes travel.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "gateway/wire.hpp"

namespace interlock::cli::knight {

class Exchange {
 public:
  using Send = std::function<void(std::string type, std::string body)>;
  // What it has done, for the tally: an order came in, so many shares of it executed.
  using Took = std::function<void(std::string_view cl_ord_id)>;
  using Executed = std::function<void(std::string_view cl_ord_id, std::int64_t shares)>;

  struct Manners {
    std::int64_t fill_after_ns = 0;  // of an order's arrival; 0: at once
    bool rejects = false;            // every order, with 39=8
  };
  Exchange(Manners manners, Send send, Took took, Executed executed);

  void hear(const gateway::Parsed& message, std::int64_t now_ns);
  void poll(std::int64_t now_ns);  // executes what is due
  // When the next execution is due; the end of time when none is.
  [[nodiscard]] std::int64_t due_ns() const;
  Manners manners;

 private:
  struct Order {
    std::string cl_ord_id, symbol, side, quantity, price;
  };
  void report(const Order& order, std::string_view kind, std::string_view status,
              std::string_view last, std::string_view own_cl_ord_id = {});
  void execute(const Order& order);
  void cancel(const gateway::Parsed& message);

  Send send_;
  Took took_;
  Executed executed_;
  std::map<std::string, Order, std::less<>> working_;
  std::deque<std::pair<std::int64_t, std::string>> due_;
  std::uint64_t executions_ = 0;
};

}  // namespace interlock::cli::knight

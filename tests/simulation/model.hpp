// What the books should say, computed from the list of all that happened: nothing is kept, each
// question walks the list again. It knows no file of risk/ but its units, names and requests.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "risk/request.hpp"
#include "risk/units.hpp"

namespace interlock::simulation {

// A request that was let through, a report, and what people and files said.
struct Priced {
  std::vector<risk::Price> by_symbol;
};
struct Rolled {};
struct Loaded {
  risk::AccountId account;
  risk::SymbolId symbol;
  risk::Quantity position;
};
struct Located {
  risk::AccountId account;
  risk::SymbolId symbol;
  risk::Quantity shares;
};
struct Sized {
  risk::ParentId parent;
  risk::Quantity size;
  bool is_first = false;
};
struct Cancelled {
  risk::ParentId parent;
};
struct Executed {  // as its OMS says
  risk::ParentId parent;
  risk::Quantity quantity;
};
struct Event {
  risk::Time at;
  std::variant<risk::Request, risk::Report, Priced, Rolled, Loaded, Located, Sized, Cancelled,
               Executed>
      what;
};
using Events = std::vector<Event>;

// All in raw units.
struct Order {
  risk::NewOrder first;
  std::int64_t quantity = 0;
  std::int64_t cum = 0;
  std::int64_t open = 0;
  std::int64_t counted = 0;  // to its parent
  // A bust said that nothing is left (151), and nothing since that something is. Books believe it
  // of an order that looked filled when they heard it, and hold a live one until it is said to be
  // over.
  bool may_be_over = false;
  std::int64_t open_if_over = 0;
  std::optional<risk::Price> limit;
};
struct Parent {
  std::int64_t size = 0;
  std::int64_t cum = 0;
  std::int64_t reported = 0;
  std::int64_t open = 0;
  bool is_cancelled = false;
  [[nodiscard]] std::int64_t used() const { return (cum < reported ? reported : cum) + open; }
};
struct Gross {
  std::int64_t positions = 0;
  std::int64_t open_buys = 0;
  std::int64_t open_sells = 0;
  friend bool operator==(const Gross&, const Gross&) = default;
};
enum class Of : std::uint8_t { firm, router, venue, account, symbol };

class Model {
 public:
  // Of the first `size` events. The collar is that of every symbol.
  Model(const Events& events, std::size_t size, std::int64_t collar_ppm);

  [[nodiscard]] const std::vector<Order>& orders() const { return orders_; }
  // Takes the order to be over, which may be.
  void believe_over(std::size_t order) { orders_[order].open = orders_[order].open_if_over; }
  [[nodiscard]] Parent parent(risk::ParentId id) const;
  [[nodiscard]] std::int64_t position(risk::AccountId account, risk::SymbolId symbol) const;
  [[nodiscard]] Gross gross(Of of, std::uint32_t id) const;
  // By how much the request raises what may still execute of its order.
  [[nodiscard]] std::int64_t increment(const risk::Request& request) const;
  [[nodiscard]] std::optional<std::size_t> find(risk::RouterId router,
                                                const std::string& cl_ord_id) const;

 private:
  struct Asked {
    std::vector<const risk::Replace*> replaces;
    std::vector<const risk::Report*> reports;  // each once
  };
  enum class Loads : bool { skipped, taken };
  Model(const Events& events, std::size_t size, std::int64_t collar_ppm, Loads loads);
  void collect(const Events& events, std::size_t size, Loads loads);
  void take(const risk::Report& report);
  [[nodiscard]] std::optional<std::size_t> of_execution(const risk::Report& report) const;
  void compute(std::size_t index);
  [[nodiscard]] std::int64_t executed(risk::AccountId account, risk::SymbolId symbol) const;
  [[nodiscard]] std::int64_t value(std::int64_t position, risk::SymbolId symbol) const;

  std::vector<Order> orders_;
  std::vector<Asked> asked_;
  std::map<std::pair<std::uint32_t, std::string>, std::size_t> names_;
  std::map<std::uint32_t, Parent> parents_;
  std::vector<risk::Price> prices_;
  std::int64_t collar_ppm_ = 0;
  struct Base {
    std::int64_t position = 0;
    std::int64_t executed_before = 0;  // up to the roll before it
  };
  std::map<std::pair<std::uint32_t, std::uint32_t>, Base> loaded_;
};

}  // namespace interlock::simulation

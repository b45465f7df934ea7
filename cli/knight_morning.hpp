// The morning of 1 August 2012 as data and as a flow of orders: docs/knight.md says what of it is
// the SEC's finding, what is arithmetic on it, and what this replay assumes.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "risk/units.hpp"

namespace interlock::cli::knight {

inline constexpr std::uint32_t router_count = 8;
inline constexpr std::uint32_t sick_router = 7;  // R8: the server that the new build never reached
inline constexpr std::uint32_t affected_count = 212;
inline constexpr std::uint32_t symbol_count = 154;
inline constexpr std::uint32_t bought_count = 80;  // of the symbols; the other 74 were sold
inline constexpr std::uint32_t account_count = 20;
inline constexpr std::uint32_t reject_count = 97;
inline constexpr std::int64_t child_shares = 99;  // of one Power Peg child: 397 m over 4 m

// Nanoseconds from 09:30 in New York; before it they are negative.
inline constexpr std::int64_t open_utc_ns = 1'343'827'800'000'000'000;  // 2012-08-01T13:30:00Z
inline constexpr std::int64_t second_ns = 1'000'000'000;
inline constexpr std::int64_t minute_ns = 60 * second_ns;

struct Symbol {
  std::string name;
  bool is_bought = false;
  risk::Price price;  // reference, and where everything executes
};

struct Parent {
  std::string id;
  std::uint32_t router = 0;
  std::uint32_t account = 0;
  std::uint32_t symbol = 0;
  bool is_buy = false;
  std::int64_t size = 0;     // shares
  bool is_affected = false;  // one of the 212
};

// How Power Peg is worse than it was, or better.
enum class Variant : std::uint8_t {
  none,
  others_parents,  // children for the parents of all routers
  new_parents,     // each child names a parent of its own
  wrong_side,      // it sells what was to be bought, and the other way round
  slow_leak,       // one child in ten seconds
  honest,          // none of this: R8 counts, and sends what its parents want, as fast
};

// What differs from run to run.
struct Script {
  Variant variant = Variant::none;
  bool is_stress = false;              // R8 alone, at the mean pace of the whole day
  bool has_rejects = false;            // the 97 are visible on the wire as 39=8
  std::int64_t roll_back_minute = 20;  // the order names none
  std::int64_t length_minutes = 45;
};

struct Morning {
  explicit Morning(Script the_script);

  Script script;
  std::int64_t interval_ns = 0;   // between two Power Peg children of one router
  std::int64_t roll_back_ns = 0;  // from then on all eight run Power Peg; the end, in a stress run
  std::int64_t end_ns = 0;
  std::vector<Symbol> symbols;
  std::vector<Parent> affected;  // received before the open, for the auction
};

[[nodiscard]] std::string router_name(std::uint32_t router);    // "R8"
[[nodiscard]] std::string venue_name(std::uint32_t router);     // "V8": each router has its own
[[nodiscard]] std::string account_name(std::uint32_t account);  // "A07"

// One thing that happens on the side of the firm; venues answer it.
struct Event {
  enum class Kind : std::uint8_t { declare, child };
  Kind kind = Kind::child;
  bool is_power_peg = false;
  bool is_rejected = false;  // by the venue: one of the 97
  std::uint32_t router = 0;
  std::uint32_t parent = 0;  // of Flow::parent
  std::int64_t quantity = 0;
  std::int64_t at_ns = 0;
};

// Every declaration and every child of the morning, in order of time. No router listens: Power Peg
// ignores its fills, and the honest ones send what their parents want, once.
class Flow {
 public:
  explicit Flow(const Morning& morning);
  // The next event; nullopt when the morning has ended.
  [[nodiscard]] std::optional<Event> next();
  [[nodiscard]] const Parent& parent(std::uint32_t index) const { return parents_[index]; }
  [[nodiscard]] std::uint32_t parent_count() const {
    return static_cast<std::uint32_t>(parents_.size());
  }

 private:
  struct Worker {  // of one router, honest or Power Peg
    bool is_power_peg = false;
    std::uint32_t router = 0;
    std::int64_t next_ns = 0;
    std::vector<std::uint32_t> parents;  // its share of the 212
    std::size_t turn = 0;                // in `parents`
    std::uint32_t parent = 0;            // that an honest one works
    std::int64_t left = 0;               // shares of it that are not sent
  };
  [[nodiscard]] Worker power_peg_of(std::uint32_t router) const;
  void step(Worker& worker);
  void take_parent(Worker& worker);
  void reject_one();
  std::uint32_t draw(std::uint32_t below);

  const Morning& morning_;
  std::deque<Parent> parents_;  // the 212, then others as they arrive
  std::vector<Worker> workers_;
  std::deque<Event> ready_;
  std::uint32_t rejects_left_ = 0;
  std::uint64_t seed_ = 2012;
};

}  // namespace interlock::cli::knight

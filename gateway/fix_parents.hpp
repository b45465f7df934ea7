// What a FIX log tells of parents: how much their children sent and filled, what may still be open
// at worst, and what Interlock would not have let pass.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gateway/wire.hpp"
#include "risk/units.hpp"

namespace interlock::gateway {

struct ParentSheet {
  std::string parent;  // as its tag has it; of an order without: its first ClOrdID
  std::string symbol, side;
  std::string first, last;  // SendingTime (52)
  std::uint64_t children = 0, replaces = 0, cancels = 0;
  std::uint64_t rejected = 0;             // children that the other side refused
  risk::Quantity sent;                    // 38 of the children, and what replaces added
  risk::Quantity filled;                  // 32 of each ExecID once, less what was busted
  risk::Quantity open;                    // what may still execute, at worst
  risk::Quantity over_orders;             // filled beyond an order's quantity
  std::uint64_t repeated_executions = 0;  // an ExecID again, over the same session
  std::uint64_t poss_dups = 0;            // 43=Y or 97=Y
  std::uint64_t repeated_ids = 0;         // a ClOrdID that was used before
  std::uint64_t orphans = 0;              // executions of no order in the log
  std::uint64_t silent_executions = 0;    // orders of which 14 says more than the executions here
  // Where a size is known:
  std::optional<risk::Quantity> size;
  std::uint64_t beyond = 0;  // children and replaces that would not have fitted
  std::string first_beyond;  // ClOrdID and SendingTime of the first of them
  risk::Quantity would_be;   // what it would have made of the parent
  [[nodiscard]] bool is_flagged() const;
};

class FixParents {
 public:
  struct Settings {
    std::vector<Tag> parent_tags;  // the first that an order has names its parent
    std::map<std::string, risk::Quantity, std::less<>> sizes;  // of parents
    std::set<std::string, std::less<>> comp_ids;  // only messages from or to one of these; or all
  };
  explicit FixParents(Settings settings) : settings_(std::move(settings)) {}

  // With SOH. What says nothing of an order, and what does not read, only counts.
  void take(std::string_view frame);

  [[nodiscard]] std::vector<ParentSheet> sheets() const;  // in the order of their first message
  [[nodiscard]] std::uint64_t messages() const { return messages_; }
  [[nodiscard]] std::uint64_t repeated_lines() const { return repeated_lines_; }
  [[nodiscard]] std::uint64_t passed_on() const { return passed_on_; }
  // Sessions that carry orders, "R1>GW".
  [[nodiscard]] std::vector<std::string> order_sessions() const;
  // Of the tags that often name a parent: how many orders share a value of each.
  [[nodiscard]] const std::map<Tag, std::uint64_t>& shared_tags() const { return shared_tags_; }

 private:
  struct Hop {  // from whom to whom
    std::string sender, target;
    friend auto operator<=>(const Hop&, const Hop&) = default;
  };
  struct Child {
    std::size_t sheet = 0;
    Hop hop;
    std::string symbol, side;
    risk::Quantity quantity;                  // that the other side may think it has
    std::optional<risk::Quantity> replacing;  // that it was asked to become
    risk::Quantity filled;
    bool has_ended = false;
    bool fitted = true;  // in its parent's size
    bool is_silent = false;
    std::map<std::string, std::pair<Hop, risk::Quantity>, std::less<>> executions;
    [[nodiscard]] risk::Quantity most() const;   // that it may ever execute
    [[nodiscard]] risk::Quantity worst() const;  // filled and open
  };

  void request(const Parsed& message, const Hop& hop, std::string_view time);
  void order(const Parsed& message, const Hop& hop, std::string_view time);
  void replace(const Parsed& message, const Hop& hop, Child& child, std::string_view time);
  void report(const Parsed& message, const Hop& hop, std::string_view time);
  void execution(const Parsed& message, const Hop& hop, ParentSheet& sheet, Child& child);
  void judge(Child& child, std::string_view cl_ord_id, std::string_view time,
             risk::Quantity before);
  ParentSheet& seen(std::size_t sheet, const Parsed& message, std::string_view time);
  std::size_t sheet_of(const Parsed& message, std::string_view otherwise);
  [[nodiscard]] Child* find(const Hop& hop, std::string_view cl_ord_id);
  [[nodiscard]] Child* passed_on_from(const Parsed& message, const Hop& hop);
  void count_tags(const Parsed& message);

  Settings settings_;
  std::deque<Child> children_;
  std::map<std::pair<Hop, std::string>, Child*> by_id_;
  std::map<std::string, std::vector<Child*>, std::less<>> by_cl_ord_id_;  // over all sessions
  std::vector<ParentSheet> sheets_;
  std::map<std::string, std::size_t, std::less<>> by_parent_;
  std::vector<risk::Quantity> fitted_;  // of each sheet: what children that fitted may execute
  std::set<std::string> order_sessions_;
  std::map<Tag, std::set<std::string>> tag_values_;
  std::map<Tag, std::uint64_t> shared_tags_;
  boost::unordered_flat_set<std::size_t> lines_;  // hashes
  std::uint64_t messages_ = 0, repeated_lines_ = 0, passed_on_ = 0;
};

}  // namespace interlock::gateway

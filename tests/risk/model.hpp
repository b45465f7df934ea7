// A slow and simple model of the books: lists of what was asked and what was reported, and every
// sum computed anew from them. The real books are compared with it after each step.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "risk/books.hpp"

namespace interlock::risk::test {

class Model {
 public:
  struct Asked {
    std::string cl_ord_id;
    std::int64_t quantity = 0;
    std::optional<Price> limit;
    bool is_waiting = true;
  };
  struct Child {
    NewOrder first;
    std::vector<Asked> asked;  // the D, then every G
    std::size_t current = 0;   // in asked: the last accepted
    std::int64_t quantity = 0;
    std::optional<Price> limit;
    std::optional<std::int64_t> claimed;  // by 14: at the end, else the most
    OrderState state = OrderState::sent;
    bool was_ended_by_venue = false;
    bool has_cancel_in_flight = false;
  };
  struct Done {
    std::size_t child = 0;
    VenueId venue;
    std::string exec_id;
    std::int64_t quantity = 0;
    bool counts = true;
    std::size_t corrected_by = none;
    std::int64_t in_parent = 0;
  };
  struct Awaited {  // a bust (by none) or a correction of what has not come
    std::size_t child = 0;
    VenueId venue;
    std::string exec_id;
    std::size_t by = none;
  };
  static constexpr std::size_t none = SIZE_MAX;

  void enter(const Request& request, Time now) {
    if (const auto* order = std::get_if<NewOrder>(&request)) {
      Child child;
      child.first = *order;
      child.asked = {{order->cl_ord_id, order->quantity.raw(), order->limit, false}};
      child.quantity = order->quantity.raw();
      child.limit = order->limit;
      names_.push_back({order->router, order->cl_ord_id, children.size()});
      children.push_back(child);
      attempts.push_back({*order, now});
    } else if (const auto* replace = std::get_if<Replace>(&request)) {
      const std::size_t found = find(replace->router, replace->orig_cl_ord_id);
      if (found == none) return;
      Child& child = children[found];
      child.asked.push_back({replace->cl_ord_id, replace->quantity.raw(), replace->limit, true});
      names_.push_back({replace->router, replace->cl_ord_id, found});
      attempts.push_back({child.first, now});
    } else if (const auto* cancel = std::get_if<Cancel>(&request)) {
      const std::size_t found = find(cancel->router, cancel->orig_cl_ord_id);
      if (found == none) return;
      children[found].has_cancel_in_flight = true;
      names_.push_back({cancel->router, cancel->cl_ord_id, found});
    }
  }

  void learn(const Report& report) {
    const bool takes_back = report.fact == Fact::busted || report.fact == Fact::corrected;
    std::size_t found = find(report.router, report.cl_ord_id);
    if (found == none) found = find(report.router, report.orig_cl_ord_id);
    if (found == none && takes_back) {
      const std::size_t fill = referenced(report, none);
      if (fill != none) found = done[fill].child;
    }
    if (was_seen(report)) return;
    if (found == none) {
      if (report.fact != Fact::filled && report.fact != Fact::corrected) return;
      ++quarantined;
      return;
    }
    apply(report, found);
    Child& child = children[found];
    const bool moves_nothing = report.fact == Fact::pending || report.fact == Fact::status;
    if (report.cum && !moves_nothing) {
      const std::int64_t said = report.cum->raw();
      if (!child.claimed || report.fact == Fact::ended) child.claimed = said;
      if (!child.was_ended_by_venue) child.claimed = std::max(*child.claimed, said);
    }
    const bool nobody_waits = std::none_of(child.asked.begin(), child.asked.end(),
                                           [](const Asked& asked) { return asked.is_waiting; });
    if (child.state == OrderState::live && open(found) == 0 && nobody_waits) {
      child.state = OrderState::ended;
      child.has_cancel_in_flight = false;
    }
  }

  [[nodiscard]] std::int64_t cum(std::size_t child) const {
    std::int64_t sum = 0;
    for (const Done& each : done) sum += each.child == child && each.counts ? each.quantity : 0;
    return sum;
  }

  [[nodiscard]] std::int64_t open(std::size_t id) const {
    const Child& child = children[id];
    const std::int64_t unseen = std::max<std::int64_t>(0, child.claimed.value_or(0) - cum(id));
    if (child.state == OrderState::ended) return unseen;
    std::int64_t worst = child.quantity;
    for (const Asked& asked : child.asked) {
      if (asked.is_waiting) worst = std::max(worst, asked.quantity);
    }
    return std::max(unseen, worst - cum(id));
  }

  [[nodiscard]] std::optional<Price> limit(std::size_t id) const {
    std::optional<Price> worst = children[id].limit;
    for (const Asked& asked : children[id].asked) {
      if (asked.is_waiting && asked.limit && (!worst || *worst < *asked.limit)) worst = asked.limit;
    }
    return worst;
  }

  [[nodiscard]] bool is_open(std::size_t id) const {
    return children[id].state != OrderState::ended || open(id) > 0;
  }

  std::vector<Child> children;
  std::vector<Done> done;                           // every fill
  std::map<std::uint32_t, std::int64_t> executed;   // by parent: never less
  std::vector<std::pair<NewOrder, Time>> attempts;  // whose order it was
  std::uint32_t quarantined = 0;

 private:
  struct Named {
    RouterId router;
    std::string cl_ord_id;
    std::size_t child;
  };

  [[nodiscard]] std::size_t find(RouterId router, const std::string& cl_ord_id) const {
    for (const Named& named : names_) {
      if (named.router == router && named.cl_ord_id == cl_ord_id) return named.child;
    }
    return none;
  }

  bool was_seen(const Report& report) {
    if (report.fact == Fact::pending || report.fact == Fact::status) return false;
    if (report.exec_id.empty()) return false;
    const auto fields = [](const Report& r) {
      return std::tie(r.venue, r.fact, r.router, r.cl_ord_id, r.orig_cl_ord_id, r.exec_id,
                      r.exec_ref_id, r.symbol, r.last_quantity, r.last_price, r.quantity, r.limit,
                      r.cum, r.leaves);
    };
    for (const Report& before : reports_) {
      if (fields(before) == fields(report)) return true;
    }
    reports_.push_back(report);
    return false;
  }

  [[nodiscard]] std::size_t last_of(std::size_t i) const {
    while (done[i].corrected_by != none) i = done[i].corrected_by;
    return i;
  }

  [[nodiscard]] bool was_done(const Report& report, std::size_t child) const {
    return std::any_of(done.begin(), done.end(), [&](const Done& each) {
      return each.child == child && each.venue == report.venue && !each.exec_id.empty() &&
             each.exec_id == report.exec_ref_id;
    });
  }

  // The latest fill by that ExecID, or what now stands for it, that still counts.
  [[nodiscard]] std::size_t referenced(const Report& report, std::size_t child) const {
    for (std::size_t i = done.size(); i-- > 0;) {
      if (done[i].venue != report.venue || done[i].exec_id.empty()) continue;
      if (done[i].exec_id != report.exec_ref_id) continue;
      const std::size_t last = last_of(i);
      if (done[last].counts && (child == none || done[last].child == child)) return last;
    }
    for (const Awaited& each : awaited_) {
      if (each.child != child || each.venue != report.venue || each.by == none) continue;
      if (each.exec_id == report.exec_ref_id && done[last_of(each.by)].counts) {
        return last_of(each.by);
      }
    }
    return none;
  }

  void await(const Report& report, std::size_t child, std::size_t by) {
    if (report.exec_ref_id.empty() || was_done(report, child)) return;
    for (const Awaited& each : awaited_) {
      if (each.child == child && each.venue == report.venue && each.exec_id == report.exec_ref_id) {
        return;
      }
    }
    awaited_.push_back({child, report.venue, report.exec_ref_id, by});
  }

  // Adds the execution; what was awaited of it takes it back at once. The parent counts a trade
  // once, with the most that it ever was: `with` is what it takes the place of.
  void book(const Report& report, std::size_t id, std::size_t with = none) {
    const std::size_t number = done.size();
    done.push_back({id, report.venue, report.exec_id, report.last_quantity.raw(), true, none, 0});
    if (with != none) {
      done[with].counts = false;
      done[with].corrected_by = number;
    }
    for (std::size_t i = 0; i < awaited_.size(); ++i) {
      const Awaited each = awaited_[i];
      if (each.child != id || each.venue != report.venue || report.exec_id.empty()) continue;
      if (each.exec_id != report.exec_id) continue;
      done[number].counts = false;
      done[number].corrected_by = each.by;
      awaited_.erase(awaited_.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
    std::int64_t most = done[number].quantity;
    std::int64_t before = 0;
    for (const std::size_t other : {with, last_of(number)}) {
      if (other == none) continue;
      most = std::max(most, done[other].in_parent);
      before += std::exchange(done[other].in_parent, 0);
    }
    done[last_of(number)].in_parent = most;
    executed[children[id].first.parent.value] += most - before;
  }

  void fill(const Report& report, std::size_t id) {
    if (!report.last_quantity.is_positive()) return;
    if (children[id].state == OrderState::sent) children[id].state = OrderState::live;
    book(report, id);
  }

  void live_on(const Report& report, std::size_t id) {
    Child& child = children[id];
    if (child.state == OrderState::sent) child.state = OrderState::live;
    if (child.state != OrderState::ended) return;
    if (report.leaves && report.leaves->is_zero()) return;
    child.state = OrderState::live;
    if (open(id) == 0) {
      child.state = OrderState::ended;
      return;
    }
    child.was_ended_by_venue = false;
  }

  void reopen(const Report& report, std::size_t id) {
    Child& child = children[id];
    if (child.state != OrderState::ended || child.was_ended_by_venue) return;
    if (report.leaves && report.leaves->is_zero() && report.cum) return;
    if (cum(id) < child.quantity) child.state = OrderState::live;
  }

  void take_back(const Report& report, std::size_t id) {
    const std::size_t found = referenced(report, id);
    const bool is_correction = report.fact == Fact::corrected;
    if (is_correction && !report.last_quantity.is_positive()) return;
    const std::int64_t before = cum(id);
    if (found == none) {
      const std::size_t number = done.size();
      if (is_correction) fill(report, id);
      return await(report, id, is_correction ? number : none);
    }
    Child& child = children[id];
    if (child.claimed) {
      *child.claimed += (is_correction ? report.last_quantity.raw() : 0) - done[found].quantity;
    }
    if (is_correction) {
      book(report, id, found);
    } else {
      done[found].counts = false;
    }
    if (cum(id) < before) reopen(report, id);
  }

  void take_terms(const Report& report, Child& child) {
    if (report.quantity && report.quantity->is_positive()) child.quantity = report.quantity->raw();
    if (report.limit) child.limit = report.limit;
  }

  [[nodiscard]] static std::size_t asked_by(const Child& child, const std::string& cl_ord_id) {
    for (std::size_t i = 0; i < child.asked.size(); ++i) {
      if (child.asked[i].cl_ord_id == cl_ord_id) return i;
    }
    return none;
  }

  void replaced(const Report& report, std::size_t id) {
    Child& child = children[id];
    const std::size_t i = asked_by(child, report.cl_ord_id);
    if (i != none) {
      const bool was_waiting = child.asked[i].is_waiting;
      child.asked[i].is_waiting = false;
      if (i <= child.current) return;
      child.current = i;
      if (was_waiting) {
        child.quantity = child.asked[i].quantity;
        child.limit = child.asked[i].limit;
      }
    }
    take_terms(report, child);
    live_on(report, id);
  }

  void end(std::size_t id) {
    Child& child = children[id];
    child.state = OrderState::ended;
    child.was_ended_by_venue = true;
    child.has_cancel_in_flight = false;
  }

  void apply(const Report& report, std::size_t id) {
    Child& child = children[id];
    switch (report.fact) {
      case Fact::pending:
      case Fact::status:
        return;
      case Fact::acknowledged:
      case Fact::suspended:
        return live_on(report, id);
      case Fact::replaced:
        return replaced(report, id);
      case Fact::filled:
        return fill(report, id);
      case Fact::ended:
        return end(id);
      case Fact::restated:
        take_terms(report, child);
        return live_on(report, id);
      case Fact::busted:
      case Fact::corrected:
        return take_back(report, id);
      case Fact::replace_rejected: {
        const std::size_t i = asked_by(child, report.cl_ord_id);
        if (i != none) child.asked[i].is_waiting = false;
        return;
      }
      case Fact::cancel_rejected:
        child.has_cancel_in_flight = false;
        return;
      case Fact::new_rejected:
        if (child.state != OrderState::sent) return;
        for (Asked& asked : child.asked) asked.is_waiting = false;
        return end(id);
    }
  }

  std::vector<Named> names_;
  std::vector<Report> reports_;
  std::vector<Awaited> awaited_;
};

}  // namespace interlock::risk::test

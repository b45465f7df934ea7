#include "cli/knight_alone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "cli/folder.hpp"
#include "cli/knight_policy.hpp"
#include "risk/asking.hpp"

namespace interlock::cli::knight {
namespace {

constexpr std::int64_t fill_after_ns = 1'000'000;
constexpr std::int64_t tick_ns = second_ns / 5;

// A gate with one row: refuses what it refuses, and shuts what it trips.
class OneRow {
 public:
  OneRow(const Morning& morning, const Flow& flow, Tally& tally, const risk::Control& control);
  void give(const Event& event);
  void fill_until(std::int64_t now_ns);

 private:
  struct Due {
    std::int64_t at_ns = 0;
    std::uint32_t router = 0;
    std::uint32_t parent = 0;
    std::int64_t shares = 0;
    std::uint64_t number = 0;
    bool is_rejected = false;
  };
  void declare(const Parent& parent, std::int64_t now_ns);
  void send(const Event& event);
  [[nodiscard]] const risk::Trip* covering(const risk::NewOrder& order) const;
  [[nodiscard]] std::optional<risk::Breach> judge(const risk::Request& request,
                                                  risk::Time now) const;
  void watch(risk::Occasion occasion, const risk::Touched& touched, std::int64_t now_ns);
  void raise(const risk::Breach& breach, risk::Time now);
  void shut(const risk::Breach& breach, std::int64_t now_ns);
  void learn(const Due& due);
  [[nodiscard]] risk::NewOrder order_of(const Event& event) const;
  static risk::Time time_of(std::int64_t now_ns) { return {open_utc_ns + now_ns}; }

  const Morning& morning_;
  const Flow& flow_;
  Tally& tally_;
  const risk::Control& control_;
  const risk::Control* alarm_ = nullptr;  // whose alerts the control goes by
  Folder folder_;
  config::Config config_;
  risk::Directory directory_;
  risk::References references_;
  risk::Books books_;
  risk::Health health_;
  std::vector<risk::Trip> shut_;
  std::deque<Due> due_;
  std::uint64_t number_ = 0;
  std::int64_t ticked_ns_ = -91 * minute_ns;
};

OneRow::OneRow(const Morning& morning, const Flow& flow, Tally& tally, const risk::Control& control)
    : morning_(morning),
      flow_(flow),
      tally_(tally),
      control_(control),
      config_(policy(topology(), folder_.path)),
      directory_(config_.directory()) {
  for (const Symbol& symbol : morning.symbols) {
    references_.by_symbol.emplace_back(
        risk::ReferencePrice{symbol.price, time_of(-90 * minute_ns)});
  }
  if (control.id == "alert-unacknowledged") {
    for (const risk::Control& other : risk::controls()) {
      if (other.id == "reject-storm") alarm_ = &other;
    }
  }
  books_.size_for(directory_, config_.limits);
  books_.mark(references_);
}

void OneRow::give(const Event& event) {
  for (; control_.watch.look != nullptr && ticked_ns_ <= event.at_ns; ticked_ns_ += tick_ns) {
    fill_until(ticked_ns_);
    watch(risk::Occasion::tick, {}, ticked_ns_);
  }
  fill_until(event.at_ns);
  if (event.kind == Event::Kind::declare) {
    return declare(flow_.parent(event.parent), event.at_ns);
  }
  send(event);
}

void OneRow::declare(const Parent& parent, std::int64_t now_ns) {
  const risk::ParentId id = directory_.parents.intern(parent.id);
  books_.declare({.parent = id,
                  .account = {parent.account},
                  .symbol = {parent.symbol},
                  .side = parent.is_buy ? risk::Side::buy : risk::Side::sell,
                  .size = risk::Quantity::of(parent.size)},
                 time_of(now_ns));
  watch(risk::Occasion::parent,
        {{parent.router}, {parent.router}, {parent.account}, {parent.symbol}, id, {}, {}}, now_ns);
}

risk::NewOrder OneRow::order_of(const Event& event) const {
  const Parent& parent = flow_.parent(event.parent);
  risk::NewOrder order;
  order.router = {event.router};
  order.venue = {event.router};
  order.account = {parent.account};
  order.symbol = {parent.symbol};
  order.parent = {event.parent};  // declared in the flow's order
  order.cl_ord_id = std::to_string(number_);
  order.side = parent.is_buy ? risk::Side::buy : risk::Side::sell;
  order.quantity = risk::Quantity::of(event.quantity);
  order.limit = morning_.symbols[parent.symbol].price;
  return order;
}

// The highest latch that covers the child.
const risk::Trip* OneRow::covering(const risk::NewOrder& order) const {
  const risk::Trip* highest = nullptr;
  for (const risk::Trip& trip : shut_) {
    const auto covers = [&](risk::Scope scope) { return trip.scope == scope; };
    const bool is_covered =
        covers({}) || covers(risk::scope_of(order.router)) || covers(risk::scope_of(order.venue)) ||
        covers(risk::scope_of(order.account)) || covers(risk::scope_of(order.symbol)) ||
        covers(risk::scope_of(order.parent));
    if (is_covered && (highest == nullptr || highest->level < trip.level)) highest = &trip;
  }
  return highest;
}

void OneRow::send(const Event& event) {
  ++number_;
  if (tally_.is_stopped(event.router)) return tally_.refused(event, event.at_ns, "KILLED");
  const risk::Request request = order_of(event);
  const auto& order = std::get<risk::NewOrder>(request);
  const risk::Time now = time_of(event.at_ns);
  const risk::Touched touched{order.router, order.venue, order.account, order.symbol, order.parent,
                              {},           {}};
  books_.message(order.router, now);
  watch(risk::Occasion::message, touched, event.at_ns);
  if (const auto breach = judge(request, now)) {
    tally_.refused(event, event.at_ns, risk::code(breach->reason));
    books_.refuse(request, *breach, now);
    shut(*breach, event.at_ns);
  } else {
    books_.enter(request, now);
    books_.message(order.venue, now);
    tally_.left(event);
    due_.push_back({event.at_ns + fill_after_ns, event.router, event.parent, event.quantity,
                    number_, event.is_rejected});
  }
  watch(risk::Occasion::attempt, touched, event.at_ns);
}

std::optional<risk::Breach> OneRow::judge(const risk::Request& request, risk::Time now) const {
  const auto& order = std::get<risk::NewOrder>(request);
  const risk::Trip* trip = covering(order);
  const auto latched = [&](risk::Reason reason) {
    risk::Breach breach;
    breach.reason = reason;
    breach.scope = trip->scope;
    return breach;
  };
  const risk::Question question{.books = books_,
                                .limits = config_.limits,
                                .references = references_,
                                .directory = directory_,
                                .request = request,
                                .now = now};
  const risk::Subject subject = risk::subject_of(question);
  if (trip != nullptr && trip->level == risk::Level::kill) return latched(risk::Reason::killed);
  if (trip != nullptr && trip->level == risk::Level::block) return latched(risk::Reason::blocked);
  if (trip != nullptr && !subject.worked_out.reduces) {
    return latched(risk::Reason::reduce_only);
  }
  risk::Verdict verdict;
  if (control_.ask != nullptr) static_cast<void>(control_.ask(question, subject, verdict));
  return std::move(verdict.breach);
}

void OneRow::watch(risk::Occasion occasion, const risk::Touched& touched, std::int64_t now_ns) {
  const risk::Time now = time_of(now_ns);
  const risk::Watch what{.books = books_,
                         .limits = config_.limits,
                         .references = references_,
                         .directory = directory_,
                         .health = health_,
                         .occasion = occasion,
                         .touched = touched,
                         .now = now};
  const auto ask = [&](const risk::Control* control) {
    std::vector<risk::Breach> breaches;
    if (control != nullptr && control->watch.watches(occasion)) control->watch.look(what, breaches);
    return breaches;
  };
  for (const risk::Breach& breach : ask(alarm_)) raise(breach, now);
  for (const risk::Breach& breach : ask(&control_)) shut(breach, now_ns);
}

// Nobody acknowledges it. What shuts something is an alert that has to be seen, too.
void OneRow::raise(const risk::Breach& breach, risk::Time now) {
  if (!breach.needs_a_person && !breach.trip) return;
  const bool is_open = std::ranges::find(health_.alerts, breach.scope, &risk::OpenAlert::scope) !=
                       health_.alerts.end();
  if (!is_open) health_.alerts.push_back({breach.scope, now});
}

// A latch of a router, of its venue or of the firm stops the router.
void OneRow::shut(const risk::Breach& breach, std::int64_t now_ns) {
  if (!breach.trip || std::ranges::find(shut_, *breach.trip) != shut_.end()) return;
  shut_.push_back(*breach.trip);
  if (breach.trip->level == risk::Level::reduce_only) return;
  for (std::uint32_t router = 0; router < router_count; ++router) {
    const risk::Scope scope = breach.trip->scope;
    if (scope == risk::Scope{} || scope == risk::scope_of(risk::RouterId{router}) ||
        scope == risk::scope_of(risk::VenueId{router})) {
      tally_.stopped(router, now_ns, risk::name(breach.trip->level), risk::code(breach.reason));
    }
  }
}

void OneRow::fill_until(std::int64_t now_ns) {
  while (!due_.empty() && due_.front().at_ns <= now_ns) {
    learn(due_.front());
    due_.pop_front();
  }
}

void OneRow::learn(const Due& due) {
  const Parent& parent = flow_.parent(due.parent);
  risk::Report report;
  report.venue = {due.router};
  report.router = {due.router};
  report.fact = due.is_rejected ? risk::Fact::ended : risk::Fact::filled;
  report.cl_ord_id = std::to_string(due.number);
  report.exec_id = report.cl_ord_id;
  report.symbol = {parent.symbol};
  if (due.is_rejected) {
    report.reject_code.push_back('0');
  } else {
    report.last_quantity = risk::Quantity::of(due.shares);
    report.last_price = morning_.symbols[parent.symbol].price;
    report.cum = report.last_quantity;
    tally_.executed(due.parent, due.shares);
  }
  const risk::Learned learned = books_.learn(report, time_of(due.at_ns));
  const risk::Touched touched{report.router, report.venue, {parent.account}, report.symbol,
                              {due.parent},  {},           learned.order};
  watch(risk::Occasion::report, touched, due.at_ns);
}

}  // namespace

Figures without_control(const Morning& morning) {
  Flow flow(morning);
  Tally tally(morning, flow);
  while (const auto event = flow.next()) {
    if (event->kind == Event::Kind::declare) continue;
    tally.left(*event);
    if (!event->is_rejected) tally.executed(event->parent, event->quantity);
  }
  return tally.figures("none", "in process, no gateway");
}

Figures with_one_control(const Morning& morning, const risk::Control& control) {
  Flow flow(morning);
  Tally tally(morning, flow);
  OneRow gate(morning, flow, tally, control);
  while (const auto event = flow.next()) gate.give(*event);
  gate.fill_until(morning.end_ns + second_ns);
  return tally.figures(std::string(control.id), "in process, one row of the controls on the books");
}

}  // namespace interlock::cli::knight

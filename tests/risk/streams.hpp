// Two plays that any bytes describe, for random tests and for the fuzzer: a venue that reports
// anything at all, compared with the model, and an honest venue, whose truth the books must cover.
#pragma once

#include <deque>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>

#include "tests/risk/model.hpp"
#include "tests/risk/world.hpp"

namespace interlock::risk::test {

struct Mismatch : std::logic_error {
  using std::logic_error::logic_error;
};
inline void demand(bool holds, const char* what) {
  if (!holds) throw Mismatch(what);
}

class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool is_empty() const { return bytes_.empty(); }
  std::uint32_t below(std::uint32_t n) {
    if (bytes_.empty() || n == 0) return 0;
    const std::uint32_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value % n;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

// What both plays share: a world with four parents, and routers that ask for this and that.
struct Play {
  explicit Play(std::span<const std::uint8_t> bytes) : choices(bytes) {
    for (int i = 0; i < 4; ++i) {
      const Side side = i % 2 == 0 ? Side::buy : Side::sell;
      parents.push_back(world.declare("Q" + std::to_string(i), shares(500), side));
    }
  }

  std::string fresh() { return "o" + std::to_string(named++); }
  std::string some_name() { return "o" + std::to_string(named > 0 ? choices.below(named + 1) : 0); }
  RouterId some_router() { return choices.below(4) == 0 ? world.r2 : world.r1; }

  NewOrder some_order() {
    NewOrder order = world.order(fresh(), choices.below(60));
    order.router = some_router();
    order.venue = choices.below(3) == 0 ? world.v2 : world.v1;
    const std::uint32_t parent = choices.below(4);
    order.parent = parents[parent];
    order.side = parent % 2 == 0 ? Side::buy : Side::sell;
    if (choices.below(4) == 0) {
      order.type = OrderType::market;
      order.limit.reset();
    } else {
      order.limit = dollars(95 + choices.below(15));
    }
    return order;
  }
  Replace some_replace() {
    const std::string orig = some_name();
    Replace replace = world.replace(fresh(), orig, choices.below(120));
    replace.router = some_router();
    replace.side = some_side(replace);
    replace.limit = dollars(95 + choices.below(15));
    return replace;
  }
  Cancel some_cancel() {
    const std::string orig = some_name();
    Cancel cancel = world.cancel(fresh(), orig);
    cancel.router = some_router();
    cancel.by_gateway = choices.below(4) == 0;
    return cancel;
  }
  [[nodiscard]] Side some_side(const Replace& replace) const {
    const OrderId order = world.books.find(replace.router, replace.orig_cl_ord_id);
    return order.known() ? world.books.order(order).side : Side::buy;
  }

  World world;
  Choices choices;
  std::vector<ParentId> parents;
  std::uint32_t named = 0;
};

// --- a venue that reports anything ---

class Chaos : Play {
 public:
  explicit Chaos(std::span<const std::uint8_t> bytes) : Play(bytes) {}

  // Returns the digest at the end. `before_step` may put other books in place of these.
  std::uint64_t run(const std::function<void(Books&)>& before_step = {}) {
    for (int step = 0; !choices.is_empty() && step < 300; ++step) {
      if (before_step) before_step(world.books);
      world.now = world.now + milliseconds(choices.below(50));
      const std::uint32_t what = choices.below(16);
      if (what < 3) ask(some_order());
      if (what == 3) ask(some_replace());
      if (what == 4) ask(some_cancel());
      if (what == 5) mark();
      if (what > 5) learn();
      compare();
    }
    return world.books.digest();
  }

 private:
  void ask(const Request& request) {
    const Verdict verdict = world.ask(request);
    if (!verdict.breach) {
      world.books.enter(request, world.now);
      model_.enter(request, world.now);
    } else {
      demand(verdict.breach->fact.size() <= 80, "a fact is longer than 80 bytes");
      world.books.refuse(request, *verdict.breach, world.now);
    }
  }

  void mark() {
    reference_ = dollars(90 + choices.below(20));
    world.references.by_symbol[0] = ReferencePrice{reference_, world.now};
    world.books.mark(world.references);
  }

  void learn() {
    Report report;
    report.venue = choices.below(5) == 0 ? world.v2 : world.v1;
    report.fact = static_cast<Fact>(choices.below(13));
    report.router = some_router();
    report.cl_ord_id = some_name();
    if (choices.below(3) == 0) report.orig_cl_ord_id = some_name();
    if (choices.below(4) != 0) report.exec_id = "e" + std::to_string(choices.below(40));
    if (choices.below(2) == 0) report.exec_ref_id = "e" + std::to_string(choices.below(40));
    report.last_quantity = shares(std::int64_t{choices.below(50)} - 2);
    report.last_price = dollars(100);
    if (choices.below(3) == 0) report.quantity = shares(std::int64_t{choices.below(90)} - 2);
    if (choices.below(3) == 0) report.limit = dollars(95 + choices.below(15));
    if (choices.below(3) == 0) report.cum = shares(choices.below(60));
    if (choices.below(3) == 0) report.leaves = shares(choices.below(3));
    world.learn(report);
    model_.learn(report);
  }

  [[nodiscard]] std::int64_t value(std::int64_t quantity, Price price) const {
    return notional(Quantity::of_raw(quantity), price)->raw();
  }
  [[nodiscard]] std::int64_t open_value(std::size_t id) const {
    Price price = Price::of_raw(reference_.raw() / 10 * 11);
    if (const auto limit = model_.limit(id)) price = std::max(price, *limit);
    return value(model_.open(id), price);
  }

  void compare() const {
    const Books& books = world.books;
    demand(books.order_count() == model_.children.size(), "the number of orders differs");
    std::size_t open_orders = 0;
    for (std::uint32_t i = 0; i < books.order_count(); ++i) {
      const Order& order = books.order(OrderId{i});
      const Model::Child& child = model_.children[i];
      demand(order.state == child.state, "a state differs");
      demand(order.cum.raw() == model_.cum(i), "an order's cum differs");
      demand(order.open.raw() == model_.open(i), "an order's open differs");
      demand(order.quantity.raw() == child.quantity, "a quantity differs");
      demand(order.limit == model_.limit(i), "a limit differs");
      demand(order.cancel_in_flight == child.has_cancel_in_flight, "a cancel in flight differs");
      demand(order.cl_ord_id == child.asked[child.current].cl_ord_id, "a ClOrdID differs");
      open_orders += model_.is_open(i);
    }
    demand(books.open_orders().size() == open_orders, "the open orders differ");
    demand(books.quarantine().fills == model_.quarantined, "the quarantine differs");
    compare_parents();
    compare_scopes();
  }

  void compare_parents() const {
    for (const ParentId id : parents) {
      const Parent& parent = *world.books.parent(id);
      std::int64_t open = 0;
      for (std::size_t i = 0; i < model_.children.size(); ++i) {
        open += model_.children[i].first.parent == id ? model_.open(i) : 0;
      }
      const auto executed = model_.executed.find(id.value);
      const std::int64_t cum = executed == model_.executed.end() ? 0 : executed->second;
      demand(parent.cum.raw() == cum, "a parent's cum differs");
      demand(parent.open.raw() == open, "a parent's open differs");
    }
  }

  template <class IsIn>
  void compare_scope(Scope scope, IsIn is_in) const {
    std::int64_t position = 0, buys = 0, sells = 0;
    std::uint32_t open_orders = 0;
    for (std::size_t i = 0; i < model_.children.size(); ++i) {
      const NewOrder& order = model_.children[i].first;
      if (!is_in(order)) continue;
      position += is_buy(order.side) ? model_.cum(i) : -model_.cum(i);
      (is_buy(order.side) ? buys : sells) += open_value(i);
      open_orders += model_.is_open(i);
    }
    const Exposure exposure = world.books.exposure(scope);
    demand(exposure.positions.raw() == value(std::abs(position), reference_), "positions differ");
    demand(exposure.open_buys.raw() == buys, "open buys differ");
    demand(exposure.open_sells.raw() == sells, "open sells differ");
    demand(exposure.open_orders == open_orders, "counts of open orders differ");
  }

  void compare_scopes() const {
    const auto all = [](const NewOrder&) { return true; };
    compare_scope({}, all);
    compare_scope({ScopeKind::account, world.a1.value}, all);
    compare_scope({ScopeKind::symbol, world.aaa.value}, all);
    for (const RouterId id : {world.r1, world.r2}) {
      compare_scope({ScopeKind::router, id.value},
                    [&](const NewOrder& order) { return order.router == id; });
    }
    for (const VenueId id : {world.v1, world.v2}) {
      compare_scope({ScopeKind::venue, id.value},
                    [&](const NewOrder& order) { return order.venue == id; });
    }
  }

  Model model_;
  Price reference_ = dollars(100);
};

// --- an honest venue, with what is on its way in both directions ---

class Honest : Play {
 public:
  explicit Honest(std::span<const std::uint8_t> bytes) : Play(bytes) {}

  void run() {
    for (int step = 0; !choices.is_empty() && step < 400; ++step) {
      world.now = world.now + milliseconds(choices.below(50));
      switch (choices.below(8)) {
        case 0:
          send(some_order());
          break;
        case 1:
          send(some_replace());
          break;
        case 2:
          send(some_cancel());
          break;
        case 3:
        case 4:
          answer();
          break;
        case 5:
          execute();
          break;
        default:
          deliver();
          break;
      }
      covers_truth();
    }
    while (!inbox_.empty()) answer();
    while (!outbox_.empty()) deliver();
    is_exact();
  }

 private:
  struct Standing {  // an order as the venue knows it
    OrderId id;
    RouterId router;
    std::string cl_ord_id;
    std::int64_t quantity = 0;
    std::int64_t executed = 0;
    bool is_alive = false;
    [[nodiscard]] std::int64_t leaves() const { return is_alive ? quantity - executed : 0; }
  };

  void send(const Request& request) {
    const Verdict verdict = world.send(request);
    if (verdict.breach) return;
    if (const auto* order = std::get_if<NewOrder>(&request)) {
      orders_.push_back({world.books.find(order->router, order->cl_ord_id), order->router,
                         order->cl_ord_id, order->quantity.raw()});
      if (choices.below(10) == 0) {  // it never left, and we know it
        report(Fact::new_rejected, orders_.back(), order->cl_ord_id);
        return;
      }
    }
    inbox_.push_back(request);
  }

  Report& report(Fact fact, const Standing& order, const std::string& cl_ord_id) {
    Report report = world.report(fact, cl_ord_id, "e" + std::to_string(executions_++));
    report.router = order.router;
    report.cum = Quantity::of_raw(order.executed);
    report.leaves = Quantity::of_raw(order.leaves());
    return outbox_.emplace_back(std::move(report));
  }

  Standing* standing(RouterId router, const std::string& cl_ord_id) {
    const OrderId id = world.books.find(router, cl_ord_id);
    for (Standing& order : orders_) {
      if (order.id == id) return &order;
    }
    return nullptr;
  }

  void answer() {
    if (inbox_.empty()) return;
    const Request request = std::move(inbox_.front());
    inbox_.pop_front();
    const bool refuses = choices.below(4) == 0;
    if (const auto* order = std::get_if<NewOrder>(&request)) {
      Standing& known = *standing(order->router, order->cl_ord_id);
      known.is_alive = !refuses;
      report(refuses ? Fact::ended : Fact::acknowledged, known, known.cl_ord_id);
    } else if (const auto* replace = std::get_if<Replace>(&request)) {
      Standing& known = *standing(replace->router, replace->orig_cl_ord_id);
      if (refuses || !known.is_alive) {
        report(Fact::replace_rejected, known, replace->cl_ord_id);
        return;
      }
      known.quantity = std::max(replace->quantity.raw(), known.executed);
      known.is_alive = known.quantity > known.executed;
      Report& replaced = report(Fact::replaced, known, replace->cl_ord_id);
      replaced.orig_cl_ord_id = known.cl_ord_id;
      replaced.quantity = replace->quantity;
      known.cl_ord_id = replace->cl_ord_id;
    } else if (const auto* cancel = std::get_if<Cancel>(&request)) {
      Standing* known = standing(cancel->router, cancel->orig_cl_ord_id);
      if (!known) return;
      const bool is_too_late = refuses || !known->is_alive;
      if (!is_too_late) known->is_alive = false;
      report(is_too_late ? Fact::cancel_rejected : Fact::ended, *known, cancel->cl_ord_id);
    }
  }

  void execute() {
    if (orders_.empty()) return;
    Standing& order = orders_[choices.below(static_cast<std::uint32_t>(orders_.size()))];
    if (order.leaves() <= 0) return;
    const std::int64_t quantity =
        std::min(order.leaves(), shares(1 + std::int64_t{choices.below(60)}).raw());
    order.executed += quantity;
    Report& fill = report(Fact::filled, order, order.cl_ord_id);
    fill.last_quantity = Quantity::of_raw(quantity);
    fill.last_price = dollars(100);
    if (order.executed == order.quantity) order.is_alive = false;
  }

  void deliver() {
    if (outbox_.empty()) return;
    const Report report = std::move(outbox_.front());
    outbox_.pop_front();
    const Learned learned = world.learn(report);
    demand(learned.anomaly == Anomaly::none, "an honest report is an anomaly");
    demand(learned.order.known(), "an honest report maps to no order");
    if (choices.below(8) == 0 && report.fact == Fact::filled) {
      demand(world.learn(report).duplicate, "a fill counts twice");
    }
  }

  void covers_truth() const {
    for (const Standing& order : orders_) {
      const Order& known = world.books.order(order.id);
      demand(known.cum.raw() + known.open.raw() >= order.executed + order.leaves(),
             "the venue may execute more than is counted");
    }
    for (const ParentId id : parents) {
      std::int64_t truth = 0;
      for (const Standing& order : orders_) {
        if (world.books.order(order.id).parent == id) truth += order.executed + order.leaves();
      }
      const Parent& parent = *world.books.parent(id);
      demand(parent.used().raw() >= truth, "a parent uses more than is counted");
      demand(parent.used() <= parent.size, "more was sent than the parent's size");
    }
  }

  // Once everything is answered, nothing is reserved that cannot execute.
  void is_exact() const {
    for (const Standing& order : orders_) {
      const Order& known = world.books.order(order.id);
      demand(known.cum.raw() == order.executed, "executions are not what the venue executed");
      demand(known.open.raw() == order.leaves(), "a reservation leaked");
      demand((known.state == OrderState::ended) == !order.is_alive, "an end was missed");
    }
  }

  std::deque<Standing> orders_;
  std::deque<Request> inbox_;
  std::deque<Report> outbox_;
  std::uint32_t executions_ = 0;
};

}  // namespace interlock::risk::test

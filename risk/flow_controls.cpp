#include "risk/flow_controls.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"
#include "risk/subject.hpp"
#include "risk/watching.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

// Whether as many as the limit came in its window, without counting them: the last of so many is
// not older than that.
bool is_used_up(const Window& window, const Rate& rate, Time now) {
  if (window.size() < rate.count) return false;
  return rate.count == 0 || now - window.at(window.size() - rate.count) < rate.window;
}

std::optional<Breach> ask_order_rate(const Question& question, const Subject& subject) {
  const ParentRecord* parent = question.books.state().declared(subject.parent);
  const auto attempts_of = [&](Kind kind) -> const Window* {
    if (kind == Kind::parent) return parent ? &parent->attempts : nullptr;
    const ScopeRecord* record = record_in(subject, kind);
    return record ? &record->attempts : nullptr;
  };
  const auto asked = ask_scopes<Kind::parent, Kind::router, Kind::account, Kind::symbol,
                                Kind::venue, Kind::algo, Kind::trader, Kind::desk, Kind::firm>(
      question, subject, &ScopeLimits::order_rate, [&](Scope scope, const Rate& rate) {
        const Window* attempts = attempts_of(scope.kind);
        if (!attempts) return Wide{1};
        if (!is_used_up(*attempts, rate, question.now)) [[likely]]
          return Wide{0};
        return Wide{attempts->within(rate.window, question.now)} + 1;
      });
  if (asked.unset) return no_limit(question.directory, "order-rate", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string limit = limit_text(*asked.limit);
  const std::string count = std::to_string(static_cast<std::uint32_t>(asked.observed));
  const std::string who = words(question.directory, *asked.broken);
  return limit_breach(Reason::order_rate, *asked.broken, count, limit,
                      is_own(*asked.broken)
                          ? fmt::format("order {} of at most {} for {}", count, limit, who)
                          : fmt::format("the rate of {} is reached", who));
}

void use_order_rate(Inventory& inventory) {
  list_use(inventory, "order-rate",
           {Kind::firm, Kind::router, Kind::venue, Kind::account, Kind::symbol, Kind::algo,
            Kind::trader, Kind::desk, Kind::parent},
           &ScopeLimits::order_rate, [&](Scope scope, const Rate& rate) {
             return std::optional<Wide>{
                 inventory.books.entered_within(scope, rate.window, inventory.now)};
           });
}

std::optional<Breach> ask_duplicate(const Question& question, const Subject& subject) {
  // The first may be followed by as many alike as the limit says.
  const auto asked = ask_scopes<Kind::router>(
      question, subject, &ScopeLimits::duplicates, [&](Scope, const Rate& rate) {
        return Wide{
            alike_within(question.books.state(), subject, rate.window, question.now, rate.count)};
      });
  if (asked.unset) return no_limit(question.directory, "duplicate", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string count = use_text(asked.observed, *asked.limit);
  return limit_breach(
      Reason::duplicate, *asked.broken, count, limit_text(*asked.limit),
      fmt::format("{} orders like this one in {}", count, words(asked.limit->window)));
}

const Window* messages_of(const Books::State& state, Scope scope) {
  if (scope.kind == Kind::router) {
    const auto* router = entry(state.activity.routers, RouterId{scope.id});
    return router ? &router->messages : nullptr;
  }
  const auto* venue = entry(state.activity.venues, VenueId{scope.id});
  return venue ? &venue->messages : nullptr;
}

Wide messages_within(const Books& books, Scope scope, const Rate& rate, Time now) {
  const Window* messages = messages_of(books.state(), scope);
  return messages ? messages->within(rate.window, now) : 0;
}

std::optional<Breach> ask_message_rate(const Question& question, const Subject& subject) {
  return ask_is_set<Kind::router, Kind::venue>(question, subject, &ScopeLimits::message_rate,
                                               "message-rate");
}

void watch_message_rate(const Watch& watch, std::vector<Breach>& breaches) {
  if (watch.occasion != Occasion::message) return;
  watch_scopes(
      watch, Scopes(watch.touched, {Kind::router, Kind::venue}), &ScopeLimits::message_rate,
      [&](Scope scope, const Rate& rate) {
        return messages_within(watch.books, scope, rate, watch.now);
      },
      [&](Scope scope, Wide count, const Rate& rate) {
        breaches.push_back(
            shutting(Reason::message_rate, Level::block, scope, scope, count, rate,
                     fmt::format("{} messages in {}: {}", use_text(count, rate), words(rate.window),
                                 words(watch.directory, scope))));
      });
}

void use_message_rate(Inventory& inventory) {
  list_use(
      inventory, "message-rate", {Kind::router, Kind::venue}, &ScopeLimits::message_rate,
      [&](Scope scope, const Rate& rate) {
        return std::optional<Wide>{messages_within(inventory.books, scope, rate, inventory.now)};
      });
}

const MoneyWindow* money_of(const Activity& activity, Scope scope) {
  if (scope.kind == Kind::firm) return &activity.firm;
  return scope.kind == Kind::account ? entry(activity.accounts, AccountId{scope.id})
                                     : entry(activity.symbols, SymbolId{scope.id});
}

Wide entered_within(const Books& books, Scope scope, const MoneyRate& rate, Time now) {
  const MoneyWindow* money = money_of(books.state().activity, scope);
  return money ? money->within(rate.window, now) : 0;
}

std::optional<Breach> ask_notional_rate(const Question& question, const Subject& subject) {
  const Reference* reference = reference_of(question, subject);
  if (!reference) return no_reference(question, subject);
  const auto added = money_added(subject, *reference);
  if (!added) return does_not_fit(subject);
  const auto asked = ask_scopes<Kind::account, Kind::symbol, Kind::firm>(
      question, subject, &ScopeLimits::notional_rate, [&](Scope scope, const MoneyRate& rate) {
        const MoneyWindow* money = money_of(question.books.state().activity, scope);
        if (!money) return *added;
        const Wide most = money->remembered() + *added;
        if (most <= rate.amount.raw()) [[likely]]
          return most;
        return money->within(rate.window, question.now) + *added;
      });
  if (asked.unset) return no_limit(question.directory, "notional-rate", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string amount = use_text(asked.observed, *asked.limit);
  const std::string limit = limit_text(*asked.limit);
  const std::string who = words(question.directory, *asked.broken);
  return shutting(Reason::notional_rate, Level::block, *asked.broken, *asked.broken, asked.observed,
                  *asked.limit,
                  is_own(*asked.broken)
                      ? fmt::format("makes {} of at most {} for {}", amount, limit, who)
                      : fmt::format("the notional rate of {} is reached", who));
}

void use_notional_rate(Inventory& inventory) {
  list_use(
      inventory, "notional-rate", {Kind::account, Kind::symbol, Kind::firm},
      &ScopeLimits::notional_rate, [&](Scope scope, const MoneyRate& rate) {
        return std::optional<Wide>{entered_within(inventory.books, scope, rate, inventory.now)};
      });
}

const Window* executions_of(const Activity& activity, Scope scope) {
  if (scope.kind == Kind::router) {
    const auto* router = entry(activity.routers, RouterId{scope.id});
    return router ? &router->executions : nullptr;
  }
  if (scope.kind == Kind::algo) return entry(activity.algos, AlgoId{scope.id});
  const auto* parent = entry(activity.parents, ParentId{scope.id});
  return parent ? &parent->executions : nullptr;
}

Wide executed_within(const Books& books, Scope scope, const Rate& rate, Time now) {
  const Window* executions = executions_of(books.state().activity, scope);
  return executions ? executions->within(rate.window, now) : 0;
}

std::optional<Breach> ask_execution_rate(const Question& question, const Subject& subject) {
  return ask_is_set<Kind::parent, Kind::router, Kind::algo>(
      question, subject, &ScopeLimits::execution_rate, "execution-rate");
}

void watch_execution_rate(const Watch& watch, std::vector<Breach>& breaches) {
  if (watch.occasion != Occasion::report || !watch.books.state().activity.news.executed) return;
  watch_scopes(
      watch, Scopes(watch.touched, {Kind::parent, Kind::router, Kind::algo}),
      &ScopeLimits::execution_rate,
      [&](Scope scope, const Rate& rate) {
        return executed_within(watch.books, scope, rate, watch.now);
      },
      [&](Scope scope, Wide count, const Rate& rate) {
        breaches.push_back(
            shutting(Reason::execution_rate, Level::block, scope, scope, count, rate,
                     fmt::format("{} executions in {}: {}", use_text(count, rate),
                                 words(rate.window), words(watch.directory, scope))));
      });
}

void use_execution_rate(Inventory& inventory) {
  list_use(
      inventory, "execution-rate", {Kind::parent, Kind::router, Kind::algo},
      &ScopeLimits::execution_rate, [&](Scope scope, const Rate& rate) {
        return std::optional<Wide>{executed_within(inventory.books, scope, rate, inventory.now)};
      });
}

}  // namespace

constinit const Control order_rate_control{
    .id = "order-rate",
    .rule = "15c3-5(c)(1)(ii), RTS 6 15(1)(d)",
    .reason = Reason::order_rate,
    .action = Action::refuse,
    .scopes = "firm, router, venue, account, symbol, parent, algo, trader, desk",
    .keys = "max_orders",
    .asks = "How many new orders and replaces, refused ones too, came in the last window?",
    .why = "A router that repeats itself shows in its rate before it shows in any position.",
    .ask = ask_order_rate,
    .use = use_order_rate,
};

constinit const Control duplicate_control{
    .id = "duplicate",
    .rule = "15c3-5(c)(1)(ii)",
    .reason = Reason::duplicate,
    .action = Action::refuse,
    .scopes = "router",
    .keys = "max_duplicates",
    .asks =
        "How many orders of the same symbol, side, quantity, price, account and parent did this "
        "router enter in the last window? A replace counts as the order that it would make.",
    .why =
        "An order sent twice is bought twice. Slices of one parent that are alike need a limit "
        "above zero.",
    .releasable = true,
    .ask = ask_duplicate,
};

constinit const Control message_rate_control{
    .id = "message-rate",
    .rule = "RTS 6 15(1)(d)",
    .reason = Reason::message_rate,
    .action = Action::block,
    .scopes = "router, venue",
    .keys = "max_messages",
    .asks =
        "How many messages of any kind, cancels too, came from the router, or went to the venue, "
        "in the last window?",
    .why =
        "A loop of orders and cancels opens no position that any other limit sees. The router or "
        "venue is blocked; cancels still pass.",
    .ask = ask_message_rate,
    .watch = watch_message_rate,
    .use = use_message_rate,
};

constinit const Control notional_rate_control{
    .id = "notional-rate",
    .rule = "15c3-5(c)(1)(i)",
    .reason = Reason::notional_rate,
    .action = Action::block,
    .scopes = "account, symbol, firm",
    .keys = "max_notional_rate",
    .asks =
        "How much notional was entered in the last window, with this order? The order that goes "
        "beyond is refused, and the scope blocked.",
    .why =
        "Money that moves faster than people can look is stopped before the day's limits are "
        "full.",
    .ask = ask_notional_rate,
    .use = use_notional_rate,
};

constinit const Control execution_rate_control{
    .id = "execution-rate",
    .rule = "RTS 6 15(3)",
    .reason = Reason::execution_rate,
    .action = Action::block,
    .scopes = "parent, router, algo",
    .keys = "max_executions",
    .asks = "How often did orders of the scope execute in the last window?",
    .why =
        "A strategy that executes over and over is halted until a person re-enables it. Knight's "
        "router executed 1,481 times a second.",
    .ask = ask_execution_rate,
    .watch = watch_execution_rate,
    .use = use_execution_rate,
};

}  // namespace interlock::risk

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

Breach order_rate_breach(const Question& question, const Broken<Rate>& broken) {
  const std::string limit = limit_text(broken.limit);
  const std::string count = std::to_string(static_cast<std::uint32_t>(broken.observed));
  const std::string who = words(question.directory, broken.scope);
  return limit_breach(Reason::order_rate, broken.scope, count, limit,
                      is_own(broken.scope)
                          ? fmt::format("order {} of at most {} for {}", count, limit, who)
                          : fmt::format("the rate of {} is reached", who));
}

bool ask_order_rate(const Question& question, const Subject& subject, Verdict& verdict) {
  const auto with_order = [&](Scope scope, const Rate& rate) __attribute__((always_inline))->Wide {
    const ParentRecord* parent = subject.worked_out.parent;
    const Window& attempts = scope.kind == Kind::parent && parent
                                 ? parent->attempts
                                 : record_in(subject, scope.kind).attempts;
    if (!attempts.reaches(rate.count, rate.window, question.now)) [[likely]]
      return 0;
    return Wide{attempts.within(rate.window, question.now)} + 1;
  };
  return ask_scopes<Kind::parent, Kind::router, Kind::account, Kind::symbol, Kind::venue,
                    Kind::algo, Kind::trader, Kind::desk, Kind::firm>(
      question, subject, verdict, "order-rate", &ScopeLimits::order_rate, with_order,
      [&question](const Broken<Rate>& broken) { return order_rate_breach(question, broken); });
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

bool ask_duplicate(const Question& question, const Subject& subject, Verdict& verdict) {
  // The first may be followed by as many alike as the limit says.
  return ask_scopes<Kind::router>(
      question, subject, verdict, "duplicate", &ScopeLimits::duplicates,
      [&](Scope, const Rate& rate) -> Wide {
        return alike_within(question.books.state(), subject, rate.window, question.now, rate.count);
      },
      [](const Broken<Rate>& broken) {
        const std::string count = use_text(broken.observed, broken.limit);
        return limit_breach(
            Reason::duplicate, broken.scope, count, limit_text(broken.limit),
            fmt::format("{} orders like this one in {}", count, words(broken.limit.window)));
      });
}

const Window* messages_of(const Books::State& state, Scope scope) {
  if (scope.kind == Kind::router) {
    const auto* router = entry(state.activity.routers, RouterId{scope.id});
    return router ? &router->messages : nullptr;
  }
  const auto* venue = entry(state.activity.venues, VenueId{scope.id});
  return venue ? &venue->messages : nullptr;
}

bool ask_message_rate(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_are_set<Kind::router, Kind::venue>(question, subject, verdict, "message-rate",
                                                &ScopeLimits::message_rate);
}

void watch_message_rate(const Watch& watch, std::vector<Breach>& breaches) {
  watch_scopes<Kind::router, Kind::venue>(
      watch, &ScopeLimits::message_rate,
      [&](Scope scope, const Rate& rate) {
        return beyond(messages_of(watch.books.state(), scope), rate, watch.now);
      },
      [&](Scope scope, Wide count, const Rate& rate) {
        breaches.push_back(
            shutting(Reason::message_rate, Level::block, scope, scope, count, rate,
                     fmt::format("{} messages in {}: {}", use_text(count, rate), words(rate.window),
                                 words(watch.directory, scope))));
      });
}

void use_message_rate(Inventory& inventory) {
  list_use(inventory, "message-rate", {Kind::router, Kind::venue}, &ScopeLimits::message_rate,
           [&](Scope scope, const Rate& rate) {
             return std::optional{
                 within(messages_of(inventory.books.state(), scope), rate, inventory.now)};
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

Breach notional_rate_breach(const Question& question, const Broken<MoneyRate>& broken) {
  const std::string amount = use_text(broken.observed, broken.limit);
  const std::string limit = limit_text(broken.limit);
  const std::string who = words(question.directory, broken.scope);
  return shutting(Reason::notional_rate, Level::block, broken.scope, broken.scope, broken.observed,
                  broken.limit,
                  is_own(broken.scope)
                      ? fmt::format("makes {} of at most {} for {}", amount, limit, who)
                      : fmt::format("the notional rate of {} is reached", who));
}

bool ask_notional_rate(const Question& question, const Subject& subject, Verdict& verdict) {
  const auto& added = subject.worked_out.added;
  if (!added) return cannot_be_valued(question, subject, verdict);
  const auto with_order = [&question, added = *added ](Scope scope, const MoneyRate& rate)
                              __attribute__((always_inline))
                                  ->Wide {
    const MoneyWindow* money = money_of(question.books.state().activity, scope);
    if (!money) return added;
    if (money->remembered() + added <= rate.amount.raw()) [[likely]]
      return 0;
    return money->within(rate.window, question.now) + added;
  };
  return ask_scopes<Kind::account, Kind::symbol, Kind::firm>(
      question, subject, verdict, "notional-rate", &ScopeLimits::notional_rate, with_order,
      [&question](const Broken<MoneyRate>& broken) {
        return notional_rate_breach(question, broken);
      });
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

bool ask_execution_rate(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_are_set<Kind::parent, Kind::router, Kind::algo>(
      question, subject, verdict, "execution-rate", &ScopeLimits::execution_rate);
}

void watch_execution_rate(const Watch& watch, std::vector<Breach>& breaches) {
  if (!watch.books.state().activity.news.executed) return;
  watch_scopes<Kind::parent, Kind::router, Kind::algo>(
      watch, &ScopeLimits::execution_rate,
      [&](Scope scope, const Rate& rate) {
        return beyond(executions_of(watch.books.state().activity, scope), rate, watch.now);
      },
      [&](Scope scope, Wide count, const Rate& rate) {
        breaches.push_back(
            shutting(Reason::execution_rate, Level::block, scope, scope, count, rate,
                     fmt::format("{} executions in {}: {}", use_text(count, rate),
                                 words(rate.window), words(watch.directory, scope))));
      });
}

void use_execution_rate(Inventory& inventory) {
  list_use(inventory, "execution-rate", {Kind::parent, Kind::router, Kind::algo},
           &ScopeLimits::execution_rate, [&](Scope scope, const Rate& rate) {
             return std::optional{within(executions_of(inventory.books.state().activity, scope),
                                         rate, inventory.now)};
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
    .watch = {watch_message_rate, Occasion::message},
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
    .watch = {watch_execution_rate, Occasion::report},
    .use = use_execution_rate,
};

}  // namespace interlock::risk

#include "risk/venue_controls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "risk/inventory.hpp"
#include "risk/watching.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

// --- orphan-fills ---

Orphans orphans_of(const Books& books, Scope scope) {
  const Activity& activity = books.state().activity;
  if (scope.kind == Kind::firm) return activity.orphans;
  const auto* venue = entry(activity.venues, VenueId{scope.id});
  return venue ? venue->orphans : Orphans{};
}

bool ask_orphan_fills(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_are_set<Kind::venue, Kind::firm>(
      question, subject, verdict, "orphan-fills", &ScopeLimits::orphan_fills,
      &ScopeLimits::orphan_shares, &ScopeLimits::orphan_notional);
}

void watch_orphan_fills(const Watch& watch, std::vector<Breach>& breaches) {
  if (!watch.books.state().activity.news.orphan) return;
  const auto each = [&](auto which, auto observe, std::string_view what) {
    watch_scopes<Kind::venue, Kind::firm>(
        watch, which, [&](Scope scope, auto) { return observe(orphans_of(watch.books, scope)); },
        [&](Scope scope, Wide observed, const auto& limit) {
          breaches.push_back(
              shutting(Reason::orphan_fills, Level::kill, scope, scope, observed, limit,
                       fmt::format("{} {} of no order of ours today: {}", use_text(observed, limit),
                                   what, words(watch.directory, scope))));
        });
  };
  each(
      &ScopeLimits::orphan_fills, [](const Orphans& orphans) { return Wide{orphans.fills}; },
      "fills");
  each(
      &ScopeLimits::orphan_shares, [](const Orphans& orphans) { return orphans.shares; }, "shares");
  each(
      &ScopeLimits::orphan_notional, [](const Orphans& orphans) { return orphans.notional; },
      "of money");
}

void use_orphan_fills(Inventory& inventory) {
  const auto list = [&](auto which, auto observe) {
    list_use(inventory, "orphan-fills", {Kind::venue, Kind::firm}, which, [&](Scope scope, auto) {
      return std::optional<Wide>{observe(orphans_of(inventory.books, scope))};
    });
  };
  list(&ScopeLimits::orphan_fills, [](const Orphans& orphans) { return Wide{orphans.fills}; });
  list(&ScopeLimits::orphan_shares, [](const Orphans& orphans) { return orphans.shares; });
  list(&ScopeLimits::orphan_notional, [](const Orphans& orphans) { return orphans.notional; });
}

// --- over-fill ---

bool ask_over_fill(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_are_set<Kind::venue>(question, subject, verdict, "over-fill", &ScopeLimits::over_fill);
}

// The most that the order was for, and a replace of it that the venue has not answered.
Quantity asked_for(const Books& books, OrderId id) {
  const OrderRecord* order = books.state().orders.find(id);
  if (!order) return {};
  Quantity most = order->accepted.quantity;
  for (const Terms& terms : order->unanswered) most = std::max(most, terms.quantity);
  return most;
}

void watch_over_fill(const Watch& watch, std::vector<Breach>& breaches) {
  if (!watch.touched.order.known() || !watch.books.state().activity.news.executed) return;
  const Order& order = watch.books.order(watch.touched.order);
  const Quantity most = asked_for(watch.books, watch.touched.order);
  watch_scopes<Kind::venue>(
      watch, &ScopeLimits::over_fill,
      [&](Scope, Quantity) { return Wide{order.cum.raw()} - most.raw(); },
      [&](Scope scope, Wide observed, Quantity limit) {
        breaches.push_back(shutting(Reason::over_fill, Level::block, scope, scope, observed, limit,
                                    fmt::format("{} executed {} of order {}, which is for {}",
                                                words(watch.directory, scope), order.cum.text(),
                                                printable(order.cl_ord_id), most.text())));
      });
}

// --- reject-storm ---

const Window* rejects_of(const Activity& activity, Scope scope) {
  if (scope.kind == Kind::router) {
    const auto* router = entry(activity.routers, RouterId{scope.id});
    return router ? &router->refusals : nullptr;
  }
  const auto* venue = entry(activity.venues, VenueId{scope.id});
  return venue ? &venue->rejects : nullptr;
}

bool ask_reject_storm(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_are_set<Kind::router, Kind::venue>(question, subject, verdict, "reject-storm",
                                                &ScopeLimits::rejects);
}

// The first of its kind today. That a venue rejects orders is for a person to see, before the open
// too; what we refuse ourselves has not left, and changes that come too late are lost races.
void watch_first_reject(const Watch& watch, std::vector<Breach>& breaches) {
  const News& news = watch.books.state().activity.news;
  if (watch.occasion == Occasion::message && news.first_refusal) {
    const Scope router = scope_of(watch.touched.router);
    breaches.push_back(state_breach(Reason::reject_storm, router,
                                    fmt::format("first {} of {} today", code(*news.first_refusal),
                                                words(watch.directory, router))));
  }
  if (watch.occasion == Occasion::report && !news.first_reject.empty()) {
    const Scope venue = scope_of(watch.touched.venue);
    const Scope whose = watch.touched.router.known() ? scope_of(watch.touched.router) : venue;
    Breach breach =
        state_breach(Reason::reject_storm, whose,
                     fmt::format("{} rejects with code {}, for the first time today: {}",
                                 words(watch.directory, venue), printable(news.first_reject),
                                 words(watch.directory, whose)));
    breach.needs_a_person = news.rejected_an_order;
    breaches.push_back(std::move(breach));
  }
}

void watch_reject_storm(const Watch& watch, std::vector<Breach>& breaches) {
  watch_first_reject(watch, breaches);
  watch_scopes<Kind::router, Kind::venue>(
      watch, &ScopeLimits::rejects,
      [&](Scope scope, const Rate& rate) {
        return beyond(rejects_of(watch.books.state().activity, scope), rate, watch.now);
      },
      [&](Scope scope, Wide count, const Rate& rate) {
        breaches.push_back(
            shutting(Reason::reject_storm, Level::block, scope, scope, count, rate,
                     fmt::format("{} rejects in {}: {}", use_text(count, rate), words(rate.window),
                                 words(watch.directory, scope))));
      });
}

void use_reject_storm(Inventory& inventory) {
  list_use(inventory, "reject-storm", {Kind::router, Kind::venue}, &ScopeLimits::rejects,
           [&](Scope scope, const Rate& rate) {
             return std::optional{
                 within(rejects_of(inventory.books.state().activity, scope), rate, inventory.now)};
           });
}

}  // namespace

constinit const Control orphan_fills_control{
    .id = "orphan-fills",
    .rule = "Knight",
    .reason = Reason::orphan_fills,
    .action = Action::kill,
    .scopes = "venue, firm",
    .keys = "max_orphan_fills, max_orphan_shares, max_orphan_notional",
    .asks =
        "How many fills, shares and how much money did the venue report today that map to no order "
        "of ours? Beyond any of the three the venue, or the firm, is killed.",
    .why =
        "Knight's positions fell into an account that mixed several sources, under a limit that "
        "nothing enforced. Here they are kept apart, and the limit acts.",
    .ask = ask_orphan_fills,
    .watch = {watch_orphan_fills, Occasion::report},
    .use = use_orphan_fills,
};

constinit const Control over_fill_control{
    .id = "over-fill",
    .rule = "15c3-5(c)(1)(i)",
    .reason = Reason::over_fill,
    .action = Action::block,
    .scopes = "venue",
    .keys = "max_over_fill",
    .asks =
        "By how many shares did the venue execute more than an order is for? The fill is booked; "
        "the venue is blocked.",
    .why =
        "A venue that executes more than it was asked for undoes every limit on what it was asked.",
    .ask = ask_over_fill,
    .watch = {watch_over_fill, Occasion::report},
};

constinit const Control reject_storm_control{
    .id = "reject-storm",
    .rule = "Knight",
    .reason = Reason::reject_storm,
    .action = Action::block,
    .scopes = "router, venue",
    .keys = "max_rejects",
    .asks =
        "How many requests of the router did we or its venues reject, and how many did the venue "
        "reject, in the last window? Changes that came too late do not count. The first of each "
        "reason a day is an alert; that a venue rejects an order, one that a person has to "
        "acknowledge.",
    .why =
        "97 e-mails about rejects named the cause before the open, and nobody had to act on them.",
    .ask = ask_reject_storm,
    .watch = {watch_reject_storm, Occasion::message, Occasion::report},
    .use = use_reject_storm,
};

}  // namespace interlock::risk

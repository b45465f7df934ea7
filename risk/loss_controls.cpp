#include "risk/loss_controls.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"
#include "risk/profit.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

// From the limit on, and at a limit of 0 from the first loss on.
bool is_reached(const Limit<Money>& limit, Wide loss) {
  return limit.state == Limit<Money>::State::value && loss > 0 && loss >= limit.value.raw();
}

Breach loss_breach(const Directory& directory, Scope scope, Wide loss, Money limit) {
  const std::string lost = narrow<Money>(loss).text();
  const std::string who = words(directory, scope);
  return limit_breach(Reason::daily_loss, scope, lost, limit.text(),
                      is_own(scope)
                          ? fmt::format("{} lost today, limit {} of {}", lost, limit.text(), who)
                          : fmt::format("the daily loss of {} is reached", who));
}

// Whether there is nothing to ask of the limits, whatever they are, but that they are set.
bool is_without_loss(const Sums& sums) {
  return (sums.profit >= 0 || sums.profit_before >= 0) && sums.unvalued == 0;
}

std::optional<Breach> ask_one(const Question& question, const Subject& subject, Kind kind,
                              bool is_free) {
  const Scope scope = scope_in(subject, kind);
  const ScopeLimits& limits = limits_in(subject, kind);
  const bool has_limit = limits.reduce_at_loss.state == Limit<Money>::State::value ||
                         limits.kill_at_loss.state == Limit<Money>::State::value;
  const Sums& sums = sums_in(subject, kind);
  const Wide loss = is_free ? 0 : sure_loss(sums);  // at which no limit is reached
  for (const Limit<Money>* limit : {&limits.reduce_at_loss, &limits.kill_at_loss}) {
    if (limit->state == Limit<Money>::State::unset) {
      return no_limit(question.directory, "daily-loss", scope);
    }
    if (is_reached(*limit, loss)) {
      return loss_breach(question.directory, scope, loss, limit->value);
    }
  }
  if (is_free || !has_limit || sums.unvalued == 0) return std::nullopt;
  return state_breach(
      Reason::no_reference_price, scope,
      fmt::format("something held in {} has no reference price", words(question.directory, scope)));
}

constexpr Kind asked_kinds[] = {Kind::account, Kind::router, Kind::firm};

std::optional<Breach> ask_each(const Question& question, const Subject& subject, bool is_free) {
  for (const Kind kind : asked_kinds) {
    if (auto breach = ask_one(question, subject, kind, is_free)) return breach;
  }
  return std::nullopt;
}

bool ask_daily_loss(const Question& question, const Subject& subject, Verdict& verdict) {
  const bool is_free = !subject.increment.is_positive() || subject.worked_out.reduces;
  bool passes = true;
  for (const Kind kind : asked_kinds) {
    const ScopeLimits& limits = limits_in(subject, kind);
    passes = passes && limits.reduce_at_loss.state != Limit<Money>::State::unset &&
             limits.kill_at_loss.state != Limit<Money>::State::unset &&
             (is_free || is_without_loss(sums_in(subject, kind)));
  }
  if (passes) [[likely]]
    return true;
  return refused(verdict, [&] { return ask_each(question, subject, is_free); });
}

void watch_loss(const Watch& watch, Scope scope, std::vector<Breach>& breaches) {
  const ScopeLimits& limits = limits_of(watch.limits, scope);
  const Wide loss = sure_loss(sums_of(watch.books, scope));
  const bool kills = is_reached(limits.kill_at_loss, loss);
  if (!kills && !is_reached(limits.reduce_at_loss, loss)) return;
  const Limit<Money>& limit = kills ? limits.kill_at_loss : limits.reduce_at_loss;
  Breach breach = loss_breach(watch.directory, scope, loss, limit.value);
  breach.trip = Trip{kills ? Level::kill : Level::reduce_only, scope};
  breaches.push_back(std::move(breach));
}

void watch_daily_loss(const Watch& watch, std::vector<Breach>& breaches) {
  if (watch.occasion == Occasion::report) {
    if (watch.touched.account.known()) watch_loss(watch, scope_of(watch.touched.account), breaches);
    if (watch.touched.router.known()) watch_loss(watch, scope_of(watch.touched.router), breaches);
  } else {
    for (std::uint32_t id = 0; id < watch.directory.accounts.size(); ++id) {
      watch_loss(watch, scope_of(AccountId{id}), breaches);
    }
    for (std::uint32_t id = 0; id < watch.directory.routers.size(); ++id) {
      watch_loss(watch, scope_of(RouterId{id}), breaches);
    }
  }
  watch_loss(watch, {}, breaches);
}

void use_daily_loss(Inventory& inventory) {
  for (Limit<Money> ScopeLimits::*which :
       {&ScopeLimits::reduce_at_loss, &ScopeLimits::kill_at_loss}) {
    list_use(inventory, "daily-loss", {Kind::firm, Kind::account, Kind::router}, which,
             [&](Scope scope, const Money&) {
               return std::optional<Wide>{sure_loss(sums_of(inventory.books, scope))};
             });
  }
}

}  // namespace

constinit const Control daily_loss_control{
    .id = "daily-loss",
    .rule = "15c3-5(c)(1)(i)",
    .reason = Reason::daily_loss,
    .action = Action::kill,
    .scopes = "account, router, firm",
    .keys = "reduce_only_at_loss, kill_at_loss",
    .asks =
        "Has the day cost as much as the limit: paid, less received, less what is held at its "
        "mark? At `reduce_only_at_loss` the scope takes only orders that reduce a position, at "
        "`kill_at_loss` it is killed. A loss counts once two successive marks agree on it, so that "
        "one bad price trips nothing.",
    .why = "Knight lost ten million dollars a minute while every single order was in order.",
    .ask = ask_daily_loss,
    .watch = {watch_daily_loss, Occasion::report, Occasion::tick},
    .use = use_daily_loss,
};

}  // namespace interlock::risk

#include "risk/health_controls.hpp"

#include <fmt/format.h>

#include "risk/fact.hpp"
#include "risk/watching.hpp"

namespace interlock::risk {
namespace {

using State = Limit<Duration>::State;

constexpr Scope firm{};

std::string seconds_text(Duration duration) {
  constexpr std::int64_t second_ns = 1'000'000'000;
  return fmt::format("{} s", duration.ns / second_ns);
}

Breach shut(Reason reason, Level level, Scope scope, std::string fact) {
  Breach breach = state_breach(reason, scope, std::move(fact));
  breach.trip = Trip{level, scope};
  return breach;
}

// A name that the policy no longer has: whom it concerns cannot be said, so it is everybody.
Scope known(Scope scope) { return scope.id == RouterId{}.value ? firm : scope; }

bool ask_alert_unacknowledged(const Question& question, const Subject&, Verdict& verdict) {
  if (question.limits.acknowledge_within.state != State::unset) [[likely]]
    return true;
  return refused(verdict,
                 [&] { return no_limit(question.directory, "alert-unacknowledged", firm); });
}

void watch_alert_unacknowledged(const Watch& watch, std::vector<Breach>& breaches) {
  const Limit<Duration>& within = watch.limits.acknowledge_within;
  if (within.state == State::none) return;
  for (const OpenAlert& alert : watch.health.alerts) {
    const Duration age = watch.now - alert.raised_at;
    if (age <= within.value) continue;
    const Scope scope = known(alert.scope);
    breaches.push_back(shut(Reason::alert_unacknowledged, Level::block, scope,
                            fmt::format("nobody has acknowledged an alert of {} for {}",
                                        words(watch.directory, scope), seconds_text(age))));
  }
}

bool ask_ledger_stale(const Question& question, const Subject&, Verdict& verdict) {
  if (question.limits.staleness.journal.state != State::unset) [[likely]]
    return true;
  return refused(verdict, [&] { return no_limit(question.directory, "ledger-stale", firm); });
}

// A source that is there and whose age nobody limited is doubtful at any age.
bool is_stale(Duration age, const Limit<Duration>& limit) {
  return limit.state != State::none && (limit.state == State::unset || age > limit.value);
}

template <class IdType>
void watch_ages(const Watch& watch, const std::vector<std::optional<Duration>>& ages,
                const Limit<Duration>& limit, std::string_view source,
                std::vector<Breach>& breaches) {
  for (std::uint32_t id = 0; id < ages.size(); ++id) {
    if (!ages[id] || !is_stale(*ages[id], limit)) continue;
    const Scope scope = scope_of(IdType{id});
    breaches.push_back(shut(Reason::ledger_stale, Level::block, scope,
                            fmt::format("{} of {} has been silent for {}", source,
                                        words(watch.directory, scope), seconds_text(*ages[id]))));
  }
}

void watch_ledger_stale(const Watch& watch, std::vector<Breach>& breaches) {
  const Staleness& limits = watch.limits.staleness;
  if (is_stale(watch.health.journal_age, limits.journal))
    breaches.push_back(shut(Reason::ledger_stale, Level::block, firm,
                            fmt::format("records have not reached the disk for {}",
                                        seconds_text(watch.health.journal_age))));
  watch_ages<RouterId>(watch, watch.health.tee_ages, limits.tee, "the tee", breaches);
  watch_ages<VenueId>(watch, watch.health.drop_copy_ages, limits.drop_copy, "the drop copy",
                      breaches);
}

void watch_journal_failure(const Watch& watch, std::vector<Breach>& breaches) {
  if (watch.health.journal_failed) {
    breaches.push_back(shut(Reason::journal_failure, Level::kill, firm,
                            "a record was not written: what happened since is not known"));
  } else if (watch.health.journal_is_full) {
    breaches.push_back(shut(Reason::journal_failure, Level::block, firm,
                            "the journal has no space for two more segments"));
  }
}

}  // namespace

constinit const Control alert_unacknowledged_control{
    .id = "alert-unacknowledged",
    .rule = "Knight, RTS 6 art. 16",
    .reason = Reason::alert_unacknowledged,
    .action = Action::block,
    .scopes = "firm, router, venue, account, symbol, parent, algo, trader, desk",
    .keys = "acknowledge_within",
    .asks =
        "Has a critical alert been open for longer than people have to acknowledge it? Its scope "
        "is "
        "blocked, before the open too.",
    .why =
        "An alert that nobody reads is no control. This one shuts the gate until somebody says "
        "that they saw it, and two people open it again.",
    .ask = ask_alert_unacknowledged,
    .watch = {watch_alert_unacknowledged, Occasion::tick},
};

constinit const Control ledger_stale_control{
    .id = "ledger-stale",
    .rule = "Knight, 15c3-5(c)(1)",
    .reason = Reason::ledger_stale,
    .action = Action::block,
    .scopes = "firm, venue, router",
    .keys = "journal, tee, drop_copy",
    .asks =
        "How old is the oldest record that is not on disk (blocks the firm), the last word of a "
        "router's tee (the router), of a venue's drop copy (the venue)?",
    .why =
        "Knight's monitor lagged under volume and showed old positions. Books that are behind what "
        "they are built from are not asked.",
    .ask = ask_ledger_stale,
    .watch = {watch_ledger_stale, Occasion::tick},
};

constinit const Control journal_failure_control{
    .id = "journal-failure",
    .rule = "17a-4(f)(2)",
    .reason = Reason::journal_failure,
    .action = Action::kill,
    .scopes = "firm",
    .keys = "",
    .asks =
        "Is there space for two more segments of the journal? Without it the firm is blocked. Was "
        "a record not written? Then it is killed.",
    .why = "What is not recorded cannot be proved, and after a crash it would not be known.",
    .watch = {watch_journal_failure, Occasion::tick},
};

}  // namespace interlock::risk

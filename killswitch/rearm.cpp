#include "killswitch/rearm.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace interlock::killswitch {
namespace {

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool valid(const RearmRequest& request, std::int64_t now_ns) {
  // A clock that went back makes a request look younger than it is.
  return now_ns >= request.begun_at_ns && now_ns - request.begun_at_ns < Rearm::valid_ns;
}

std::string residual_refusal(std::uint64_t kill_id, const std::vector<std::string>& residual,
                             const RearmWords& said) {
  if (residual.empty()) return {};
  std::vector<std::string> unsigned_orders;
  for (const auto& order : residual)
    if (std::ranges::find(said.orders, order) == said.orders.end())
      unsigned_orders.push_back(order);
  if (unsigned_orders.empty() && !blank(said.residual_signed_off)) return {};
  constexpr std::size_t named_max = 5;
  const auto& named = unsigned_orders.empty() ? residual : unsigned_orders;
  const std::size_t count = std::min(named.size(), named_max);
  return fmt::format(
      "{} orders in the scope of kill {} may still be open ({}{}): cancel them at the venue, or "
      "begin again, name each of them and say in the residual sign-off why they may stay",
      named.size(), kill_id,
      fmt::join(named.begin(), named.begin() + static_cast<long>(count), ", "),
      named.size() > count ? ", ..." : "");
}

// What runs has to be what was approved: last time, or now by name.
std::string identity_refusal(const RearmFacts& facts, std::string_view named) {
  const std::string running = short_identity(facts.running);
  if (!named.empty() && named != running)
    return fmt::format("{} runs, not {}: look at what runs before it is approved", running, named);
  if (facts.running == facts.approved || named == running) return {};
  const std::string before = short_identity(facts.approved);
  return fmt::format(
      "{} runs (build/configuration), and {} was armed last: look at what runs, and approve it by "
      "its name (identity {})",
      running,
      facts.approved.empty() ? "nothing"
      : before == running    ? "it, in another place,"
                             : before,
      running);
}

// What refuses both people alike; empty when nothing does.
std::string refusal(const Latch& latch, std::uint64_t kill_id, const Person& person,
                    const RearmFacts& facts) {
  if (person.name.empty() || !person.may_rearm) {
    return fmt::format("{} may not re-arm: ask a person whose entry says may_rearm",
                       person.name.empty() ? "an unnamed person" : person.name);
  }
  const auto kills = latch.active();
  const auto kill = std::ranges::find(kills, kill_id, &Kill::id);
  if (kill == kills.end()) {
    return fmt::format("kill {} is not active: list the active kills and use their numbers",
                       kill_id);
  }
  if (!facts.recovering.empty()) {
    return fmt::format(
        "the gateway is recovering and does not know yet what is open ({}): wait until it is done",
        facts.recovering);
  }
  if (!facts.hardware.empty()) return facts.hardware + "; then begin again";
  const bool by_hardware = kill->source == Source::button || kill->source == Source::file;
  if (by_hardware && !facts.on_host && !facts.hardware_anywhere) {
    return fmt::format("kill {} came by a {} on the host: re-arm it there, with `interlock rearm`",
                       kill_id, name(kill->source));
  }
  return {};
}

}  // namespace

std::string short_identity(std::string_view identity) {
  constexpr std::size_t shown = 12;
  const auto space = identity.find(' ');
  const auto build = identity.substr(0, space);
  auto config = space == std::string_view::npos ? "" : identity.substr(space + 1);
  config = config.substr(0, config.find(' '));  // behind it is the place
  return fmt::format("{}/{}", build.substr(0, shown), config.substr(0, shown));
}

std::expected<RearmRequest, std::string> Rearm::begin(std::uint64_t kill_id, const Person& person,
                                                      RearmWords words, const RearmFacts& facts,
                                                      std::int64_t now_ns) {
  auto why = refusal(latch_, kill_id, person, facts);
  if (why.empty()) why = residual_refusal(kill_id, facts.residual, words);
  if (why.empty()) why = identity_refusal(facts, words.identity);
  if (!why.empty()) return std::unexpected(std::move(why));
  if (blank(words.reason)) {
    return std::unexpected("a reason is missing: say in words why trading may go on");
  }
  RearmRequest request{kill_id,
                       person.name,
                       std::move(words.reason),
                       std::move(words.residual_signed_off),
                       std::move(words.orders),
                       facts.running,
                       now_ns};
  requests_[kill_id] = request;
  return request;
}

std::string Rearm::why_not(std::uint64_t kill_id, const Person& person, const RearmWords& words,
                           const RearmFacts& facts, std::int64_t now_ns) {
  const auto found = requests_.find(kill_id);
  if (found != requests_.end() && !valid(found->second, now_ns)) {
    requests_.erase(found);
    return fmt::format(
        "the request for kill {} is older than 10 minutes: the first person begins again", kill_id);
  }
  if (auto why = refusal(latch_, kill_id, person, facts); !why.empty()) return why;
  if (found == requests_.end()) {
    return fmt::format("nobody has begun to re-arm kill {}: the first person begins", kill_id);
  }
  const RearmRequest& begun = found->second;
  if (begun.begun_by == person.name) {
    return fmt::format("{} began to re-arm kill {}: a second, different person approves it",
                       person.name, kill_id);
  }
  auto why =
      residual_refusal(kill_id, facts.residual,
                       {.residual_signed_off = begun.residual_signed_off, .orders = begun.orders});
  if (why.empty() && begun.identity != facts.running)
    why =
        fmt::format("{} runs now, and {} when {} began: the first person begins again",
                    short_identity(facts.running), short_identity(begun.identity), begun.begun_by);
  return why.empty() ? identity_refusal(facts, words.identity) : why;
}

std::expected<Kill, std::string> Rearm::approve(std::uint64_t kill_id, const Person& person,
                                                const RearmWords& words, const RearmFacts& facts,
                                                std::int64_t now_ns, const Latch::Cleared* stored) {
  if (auto why = why_not(kill_id, person, words, facts, now_ns); !why.empty())
    return std::unexpected(std::move(why));
  auto cleared = stored == nullptr ? latch_.clear(kill_id, now_ns) : latch_.open(*stored);
  if (cleared) requests_.erase(kill_id);
  return cleared;
}

std::vector<RearmRequest> Rearm::pending(std::int64_t now_ns) const {
  std::vector<RearmRequest> requests;
  for (const auto& [kill_id, request] : requests_) {
    if (valid(request, now_ns)) requests.push_back(request);
  }
  return requests;
}

void Rearm::abort_all() { requests_.clear(); }

}  // namespace interlock::killswitch

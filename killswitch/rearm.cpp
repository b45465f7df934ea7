#include "killswitch/rearm.hpp"

#include <fmt/format.h>

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

// What refuses both people alike; empty when nothing does.
std::string refusal(const Latch& latch, std::uint64_t kill_id, const Person& person,
                    RearmFacts facts, std::string_view residual_signed_off) {
  if (person.name.empty() || !person.may_rearm) {
    return fmt::format("{} may not re-arm: ask a person whose entry says may_rearm",
                       person.name.empty() ? "an unnamed person" : person.name);
  }
  const auto kills = latch.active();
  if (std::ranges::find(kills, kill_id, &Kill::id) == kills.end()) {
    return fmt::format("kill {} is not active: list the active kills and use their numbers",
                       kill_id);
  }
  if (facts.recovering) {
    return "the gateway is recovering and does not know yet what is open: wait until it is done";
  }
  if (facts.residual_orders > 0 && blank(residual_signed_off)) {
    return fmt::format(
        "{} orders in the scope of kill {} may still be open: cancel them at the venue, or begin "
        "again and say in the residual sign-off why they may stay",
        facts.residual_orders, kill_id);
  }
  return {};
}

}  // namespace

std::expected<RearmRequest, std::string> Rearm::begin(std::uint64_t kill_id, const Person& person,
                                                      std::string reason,
                                                      std::string residual_signed_off,
                                                      RearmFacts facts, std::int64_t now_ns) {
  if (auto why = refusal(latch_, kill_id, person, facts, residual_signed_off); !why.empty()) {
    return std::unexpected(std::move(why));
  }
  if (blank(reason)) {
    return std::unexpected("a reason is missing: say in words why trading may go on");
  }
  RearmRequest request{kill_id, person.name, std::move(reason), std::move(residual_signed_off),
                       now_ns};
  requests_[kill_id] = request;
  return request;
}

std::expected<Kill, std::string> Rearm::approve(std::uint64_t kill_id, const Person& person,
                                                RearmFacts facts, std::int64_t now_ns) {
  const auto found = requests_.find(kill_id);
  if (found != requests_.end() && !valid(found->second, now_ns)) {
    requests_.erase(found);
    return std::unexpected(fmt::format(
        "the request for kill {} is older than 10 minutes: the first person begins again",
        kill_id));
  }
  const auto signed_off =
      found == requests_.end() ? std::string() : found->second.residual_signed_off;
  if (auto why = refusal(latch_, kill_id, person, facts, signed_off); !why.empty()) {
    return std::unexpected(std::move(why));
  }
  if (found == requests_.end()) {
    return std::unexpected(
        fmt::format("nobody has begun to re-arm kill {}: the first person begins", kill_id));
  }
  if (found->second.begun_by == person.name) {
    return std::unexpected(
        fmt::format("{} began to re-arm kill {}: a second, different person approves it",
                    person.name, kill_id));
  }
  auto cleared = latch_.clear(kill_id, now_ns);
  if (cleared) requests_.erase(found);
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

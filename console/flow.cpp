#include "console/flow.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "console/view.hpp"

namespace interlock::console {
namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

std::uint64_t sum(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t total = 0;
  for (const auto& [name, count] : counts) total += count;
  return total;
}

gateway::LatencyCounts all_of(const std::map<std::string, gateway::LatencyCounts>& by_venue) {
  gateway::LatencyCounts all;
  for (const auto& [venue, each] : by_venue) {
    for (std::size_t i = 0; i < all.counts.size(); ++i) all.counts[i] += each.counts[i];
  }
  return all;
}

// In whole microseconds; null: there is none, or it is above the last bound.
boost::json::value bound(const gateway::LatencyCounts& latency, std::uint64_t orders,
                         std::uint64_t percent) {
  std::uint64_t within = 0;
  for (std::size_t i = 0; orders > 0 && i < latency.bounds_ns.size(); ++i) {
    within += latency.counts[i];
    if (within * 100 >= orders * percent) return latency.bounds_ns[i] / 1'000;
  }
  return nullptr;
}

}  // namespace

void Flow::note(const gateway::Snapshot& snapshot) {
  const Count now{sum(snapshot.passed_by_router), sum(snapshot.refused_by_router)};
  const std::int64_t second = snapshot.time_ns / ns_per_s;
  const std::lock_guard lock{mutex_};
  // A clock that was set back adds to the second that was reached.
  const bool first = last_second_ == 0;
  if (second - last_second_ >= seconds_kept) last_second_ = second - seconds_kept;
  for (; last_second_ < second; ++last_second_) at(last_second_ + 1) = {};
  if (!first) {
    at(last_second_).passed += now.passed - std::min(now.passed, total_.passed);
    at(last_second_).refused += now.refused - std::min(now.refused, total_.refused);
  }
  total_ = now;
  if (taken_.empty() || taken_.back().second < second)
    taken_.push_back({second, all_of(snapshot.latency_by_venue)});
  while (taken_.front().second < second - latency_s) taken_.pop_front();
}

boost::json::object Flow::latency() const {
  const std::lock_guard lock{mutex_};
  gateway::LatencyCounts recent;
  std::uint64_t orders = 0;
  for (std::size_t i = 0; !taken_.empty() && i < recent.counts.size(); ++i) {
    recent.counts[i] = taken_.back().all.counts[i] - taken_.front().all.counts[i];
    orders += recent.counts[i];
  }
  return {{"seconds", latency_s},
          {"orders", orders},
          {"p50_us", bound(recent, orders, 50)},
          {"p99_us", bound(recent, orders, 99)}};
}

boost::json::object Flow::json() const {
  const std::lock_guard lock{mutex_};
  boost::json::array passed, refused;
  const auto count = [&](std::int64_t second) {
    return second < 0 ? Count{} : counts_[static_cast<std::size_t>(second % seconds_kept)];
  };
  // Whole steps: the one that is being filled is not shown. One step less than is kept fits.
  const std::int64_t end = last_second_ / step_s * step_s;
  for (std::int64_t from = end - seconds_kept + step_s; from < end; from += step_s) {
    Count total;
    for (std::int64_t second = from; second < from + step_s; ++second) {
      total.passed += count(second).passed;
      total.refused += count(second).refused;
    }
    passed.push_back(total.passed);
    refused.push_back(total.refused);
  }
  const Count last = count(last_second_ - 1);
  return {{"until", rfc3339(end * ns_per_s)}, {"step_s", step_s},
          {"passed", std::move(passed)},      {"refused", std::move(refused)},
          {"passed_per_s", last.passed},      {"refused_per_s", last.refused}};
}

}  // namespace interlock::console

// A desk for tests: a real latch and re-arming, a snapshot to set, and a list of what was asked.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/desk.hpp"
#include "tests/scratch.hpp"

namespace interlock::tests {

class FakeDesk : public gateway::Desk {
 public:
  static constexpr std::int64_t now_ns = 1'795'253'400'000'000'001;  // 2026-11-21T09:30:00Z, and 1

  FakeDesk() { show({}); }

  void show(gateway::Snapshot snapshot) {
    if (snapshot.time_ns == 0) snapshot.time_ns = now_ns - 20'000'000;
    const std::lock_guard lock{mutex_};
    snapshot_ = std::make_shared<const gateway::Snapshot>(std::move(snapshot));
  }
  void show_nothing() {
    const std::lock_guard lock{mutex_};
    snapshot_ = nullptr;
  }
  std::shared_ptr<const gateway::Snapshot> snapshot() const override {
    const std::lock_guard wait{readers};
    const std::lock_guard lock{mutex_};
    return snapshot_;
  }

  KillOutcome kill(killswitch::Scope scope, killswitch::Level level, killswitch::Source source,
                   std::string actor, std::string cause, std::chrono::milliseconds) override {
    return {latch.trip(std::move(scope), source, std::move(actor), std::move(cause), now_ns, level),
            closed};
  }
  std::expected<gateway::ParentOutcome, std::string> declare_parent(
      gateway::ParentRequest request, std::chrono::milliseconds) override {
    const std::lock_guard lock{mutex_};
    declared.push_back(std::move(request));
    return parent_outcome;
  }
  gateway::ActionOutcome act(std::string person, gateway::Action action,
                             std::chrono::milliseconds) override {
    const std::lock_guard lock{mutex_};
    acted.emplace_back(std::move(person), std::move(action));
    return action_outcome;
  }
  std::expected<killswitch::RearmRequest, std::string> rearm_begin(std::uint64_t kill_id,
                                                                   const killswitch::Person& person,
                                                                   killswitch::RearmWords words,
                                                                   bool on_host) override {
    const std::lock_guard lock{mutex_};
    return rearm_.begin(kill_id, person, std::move(words), {.on_host = on_host}, now_ns);
  }
  std::expected<killswitch::Kill, std::string> rearm_approve(std::uint64_t kill_id,
                                                             const killswitch::Person& person,
                                                             killswitch::RearmWords words,
                                                             bool on_host) override {
    const std::lock_guard lock{mutex_};
    return rearm_.approve(kill_id, person, words, {.on_host = on_host}, now_ns);
  }

  mutable std::mutex readers;  // a test that holds it makes every reader wait
  Scratch scratch;             // also the state directory of the server under test
  killswitch::Latch latch{scratch / "latch", now_ns};  // killed from the start: there is no file
  std::optional<gateway::Closed> closed = gateway::Closed{.closed_at_ns = now_ns + 400'000,
                                                          .last_sequence = {{"SIM", 41}},
                                                          .unsent = {{"SIM", 512}},
                                                          .cut_at_ns = {},
                                                          .cancels_sent = 3,
                                                          .purged = 1,
                                                          .residual = 3};
  std::expected<gateway::ParentOutcome, std::string> parent_outcome =
      gateway::ParentOutcome{gateway::ParentAnswer::added, "declared", 17};
  std::vector<gateway::ParentRequest> declared;
  gateway::ActionOutcome action_outcome{gateway::ActionOutcome::Answer::done, "so be it", 7};
  std::vector<std::pair<std::string, gateway::Action>> acted;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const gateway::Snapshot> snapshot_;
  killswitch::Rearm rearm_{latch};
};

}  // namespace interlock::tests

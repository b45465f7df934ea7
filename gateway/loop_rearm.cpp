// Re-arming by two people: asked of the loop, stored by the latch's keeper, opened by the loop.
#include "gateway/latch_keeper.hpp"
#include "gateway/loop.hpp"

namespace interlock::gateway {

killswitch::RearmFacts Loop::rearm_facts(std::uint64_t kill_id, bool on_host) {
  const Floor& floor = core_->floor();
  killswitch::RearmFacts facts;
  facts.hardware = core_->buttons().problem();
  facts.running = core_->identity();
  facts.approved = latch_->armed_identity();
  facts.on_host = on_host;
  facts.hardware_anywhere = config_.hardware_rearm_anywhere;
  for (const killswitch::Kill& kill : floor.kills)
    if (kill.id == kill_id) {
      facts.residual = core_->still_alive(kill);
      facts.recovering = core_->recovering(kill);
    }
  return facts;
}

namespace {
constexpr std::chrono::milliseconds rearm_wait{2000};
constexpr std::chrono::milliseconds disk_wait{1000};
const std::string no_answer = "the event loop did not answer in time; nothing was re-armed";
}  // namespace

std::expected<killswitch::RearmRequest, std::string> Loop::rearm_begin(
    std::uint64_t kill_id, const killswitch::Person& person, killswitch::RearmWords words,
    bool on_host) {
  using Answer = std::expected<killswitch::RearmRequest, std::string>;
  auto answer = std::make_shared<Answer>(std::unexpected(no_answer));
  const bool done = on_loop(
      [=, this] {
        *answer = rearm_.begin(kill_id, person, words, rearm_facts(kill_id, on_host),
                               core_->floor().clock.utc.ns);
        if (*answer) core_->rearm_begun(**answer);
      },
      rearm_wait);
  return done ? *answer : Answer(std::unexpected(no_answer));
}

std::expected<killswitch::Kill, std::string> Loop::rearm_approve(std::uint64_t kill_id,
                                                                 const killswitch::Person& person,
                                                                 killswitch::RearmWords words,
                                                                 bool on_host) {
  using Answer = std::expected<killswitch::Kill, std::string>;
  auto answer = std::make_shared<Answer>(std::unexpected(no_answer));
  const bool asked = on_loop(
      [=, this] {
        *answer = std::unexpected(rearm_.why_not(
            kill_id, person, words, rearm_facts(kill_id, on_host), core_->floor().clock.utc.ns));
      },
      rearm_wait);
  if (!asked) return std::unexpected(no_answer);
  if (!answer->error().empty()) return *answer;
  // The loop does not wait for the disk, and opens only what is stored.
  const auto stored = keeper_->clear(kill_id, disk_wait);
  if (!stored) return std::unexpected(stored.error());
  const bool done = on_loop(
      [=, this] {
        const std::int64_t now_ns = core_->floor().clock.utc.ns;
        killswitch::RearmRequest begun;
        for (auto& request : rearm_.pending(now_ns)) {
          if (request.kill_id == kill_id) begun = std::move(request);
        }
        *answer =
            rearm_.approve(kill_id, person, words, rearm_facts(kill_id, on_host), now_ns, &*stored);
        if (*answer) core_->rearmed(**answer, begun, person.name);
      },
      rearm_wait);
  if (done && *answer) return *answer;
  latch_->stands();
  keeper_->ask();
  return done ? *answer : Answer(std::unexpected(no_answer));
}

}  // namespace interlock::gateway

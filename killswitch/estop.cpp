#include "killswitch/estop.hpp"

#include <algorithm>
#include <numeric>

namespace interlock::killswitch {
namespace {

constexpr std::int64_t bucket_ns = 100'000'000;
// A device that has just been opened may need as long to tell its state for the first time: an
// answer over USB, lines that rise. Meanwhile it is not good, but no loss either.
constexpr std::int64_t told_within_ns = 250'000'000;

}  // namespace

std::string_view name(Demand demand) {
  switch (demand) {
    case Demand::none:
      return "none";
    case Demand::pressed:
      return "pressed";
    case Demand::chatter:
      return "chatter";
    case Demand::lost:
      return "lost";
  }
  return {};
}

Estop::Estop(const ButtonSettings& settings, std::size_t channels, std::int64_t now_ns)
    : confirm_ns_(settings.confirm_ns),
      release_ns_(settings.release_ns),
      discrepancy_ns_(settings.discrepancy_ns),
      chatter_max_(settings.chatter_max),
      on_loss_(settings.on_loss),
      count_(std::min(channels, ButtonState::channels_max)),
      lost_since_ns_(now_ns) {}

// The kernel's debounce restarts at each edge and hides a contact that chatters; this counts.
bool Estop::chatters(Channel& channel, std::uint32_t changes, std::int64_t now_ns) const {
  const std::int64_t newest = now_ns / bucket_ns;
  const std::int64_t gone = std::min<std::int64_t>(newest - channel.bucket, buckets);
  for (std::int64_t i = 1; i <= gone; ++i)
    channel.changes[static_cast<std::size_t>(channel.bucket + i) % buckets] = 0;
  channel.bucket = newest;
  auto& now = channel.changes[static_cast<std::size_t>(newest) % buckets];
  now = std::max(now, now + changes);  // never around the corner
  const auto sum =
      std::accumulate(channel.changes.begin(), channel.changes.end(), std::uint64_t{0});
  return sum > chatter_max_;
}

void Estop::look_at(Channel& channel, ChannelState& state, const Sample& sample,
                    std::int64_t now_ns) {
  const bool pressed = sample.contact == Contact::pressed || sample.was_pressed;
  std::uint32_t changes = sample.changes;
  if (changes == 0 && sample.contact != state.contact && state.contact != Contact::unknown)
    ++changes;
  state_.chatter = chatters(channel, changes, now_ns) || state_.chatter;
  state.contact = sample.contact;
  if (pressed) {
    if (channel.pressed_at_ns == 0) {
      const bool told = sample.changed_at_ns > 0 && sample.changed_at_ns <= now_ns;
      channel.pressed_at_ns = told ? sample.changed_at_ns : now_ns;
    }
    // Counted from the first unsafe level, and never begun anew by a bounce.
    channel.confirmed = channel.confirmed || now_ns - channel.pressed_at_ns >= confirm_ns_;
  }
  if (sample.contact != Contact::safe || sample.was_pressed) channel.safe_since_ns = 0;
  if (sample.contact == Contact::safe && channel.safe_since_ns == 0) channel.safe_since_ns = now_ns;
  const bool released = channel.safe_since_ns != 0 && now_ns - channel.safe_since_ns >= release_ns_;
  const bool a_spike = !channel.confirmed && sample.contact == Contact::safe &&
                       channel.pressed_at_ns != 0 && now_ns - channel.pressed_at_ns > confirm_ns_;
  if (released || a_spike) {
    channel.pressed_at_ns = 0;
    channel.confirmed = false;
  }
  state.held = channel.confirmed;
}

// Two channels of one button: either trips; that they differ for long is a fault of its own.
void Estop::compare(std::int64_t now_ns) {
  if (count_ < 2) return;
  const bool differ = state_.channels[0].contact != state_.channels[1].contact;
  if (!differ)
    differ_since_ns_ = 0;
  else if (differ_since_ns_ == 0)
    differ_since_ns_ = now_ns;
  if (differ && now_ns - differ_since_ns_ > discrepancy_ns_) {
    state_.discrepancy = true;
    for (Channel& channel : channels_) channel.was_open = channel.was_closed_after = false;
    return;
  }
  if (!state_.discrepancy) return;
  bool cleared = true;
  for (std::size_t i = 0; i < count_; ++i) {
    Channel& channel = channels_[i];
    if (state_.channels[i].contact == Contact::pressed) channel.was_open = true;
    if (channel.was_open && state_.channels[i].contact == Contact::safe && !state_.channels[i].held)
      channel.was_closed_after = true;
    cleared = cleared && channel.was_closed_after;
  }
  if (cleared) state_.discrepancy = false;
}

Demand Estop::demand(std::int64_t now_ns) const {
  if (state_.held) return Demand::pressed;
  if (state_.chatter) return Demand::chatter;
  if (!state_.lost) return Demand::none;
  const std::int64_t lasted_ns = now_ns - lost_since_ns_;
  const bool kills =
      (on_loss_.action == OnLoss::Action::kill &&
       (!not_told_since_ns_ || now_ns - *not_told_since_ns_ >= told_within_ns)) ||
      (on_loss_.action == OnLoss::Action::alarm_then_kill && lasted_ns >= on_loss_.after_ns);
  return kills ? Demand::lost : Demand::none;
}

const ButtonState& Estop::look(std::span<const Sample> samples, std::int64_t now_ns) noexcept {
  state_.held = state_.chatter = state_.crossed = false;
  state_.contact_at_ns = 0;
  bool lost = count_ == 0 || samples.size() < count_;
  bool only_not_told = !lost;
  for (std::size_t i = 0; i < std::min(samples.size(), count_); ++i) {
    look_at(channels_[i], state_.channels[i], samples[i], now_ns);
    state_.held = state_.held || state_.channels[i].held;
    state_.crossed = state_.crossed || samples[i].crossed;
    lost = lost || samples[i].contact == Contact::unknown || samples[i].crossed;
    if (samples[i].error != 0 || samples[i].crossed) only_not_told = false;
    const std::int64_t at_ns = channels_[i].confirmed ? channels_[i].pressed_at_ns : 0;
    if (at_ns != 0 && (state_.contact_at_ns == 0 || at_ns < state_.contact_at_ns))
      state_.contact_at_ns = at_ns;
  }
  if (lost && !state_.lost) lost_since_ns_ = now_ns;
  if (!lost || !only_not_told)
    not_told_since_ns_.reset();
  else if (!not_told_since_ns_)
    not_told_since_ns_ = now_ns;
  if (lost) state_.untested = true;
  if (state_.held) state_.untested = false;
  state_.lost = lost;
  compare(now_ns);
  state_.demand = demand(now_ns);
  return state_;
}

}  // namespace interlock::killswitch

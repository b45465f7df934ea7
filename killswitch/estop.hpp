// What the samples of one button mean: pressed, released, lost, chattering, at odds with itself.
// No device, no clock: every time is an argument (CLOCK_MONOTONIC, nanoseconds).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "killswitch/button.hpp"
#include "killswitch/button_source.hpp"

namespace interlock::killswitch {

// Why a button demands a kill; the first that holds.
enum class Demand : std::uint8_t {
  none = 0,
  pressed = 1,
  chatter = 2,  // a contact that changes too often shows nothing
  lost = 3      // it cannot be read, and `on_loss` says kill
};
[[nodiscard]] std::string_view name(Demand demand);

struct ChannelState {
  Contact contact = Contact::unknown;
  bool held = false;  // pressed, or safe for less than the time of a release
  friend bool operator==(const ChannelState&, const ChannelState&) = default;
};

// All that is known of a button after a look.
struct ButtonState {
  static constexpr std::size_t channels_max = 2;
  Demand demand = Demand::none;
  bool held = false;  // on any channel
  bool lost = true;   // a channel is unknown, or crossed
  bool chatter = false;
  bool crossed = false;      // shorted or cross-wired, as a test pulse found
  bool discrepancy = false;  // the channels differed for too long; both have to be pressed and
                             // released before it goes
  bool untested = true;      // no press has been seen since it was found
  std::array<ChannelState, channels_max> channels{};
  // When the first unsafe level of the press that is on was there, by the kernel where it told,
  // else by the look that saw it; 0: none.
  std::int64_t contact_at_ns = 0;

  // Nothing stands against trading on.
  [[nodiscard]] bool good() const {
    return demand == Demand::none && !held && !lost && !chatter && !crossed && !discrepancy;
  }
  friend bool operator==(const ButtonState&, const ButtonState&) = default;
};

class Estop {
 public:
  Estop(const ButtonSettings& settings, std::size_t channels, std::int64_t now_ns);

  // Takes what every channel shows now, and says what the button demands; to be asked again every
  // tick, since losses and releases come with time alone. A demand lasts as long as its cause.
  const ButtonState& look(std::span<const Sample> samples, std::int64_t now_ns) noexcept;
  [[nodiscard]] const ButtonState& state() const noexcept { return state_; }

 private:
  static constexpr std::size_t buckets = 10;  // of a tenth of a second
  struct Channel {
    std::int64_t pressed_at_ns = 0;  // first unsafe level of the press that is on; 0: none
    bool confirmed = false;          // it has lasted
    std::int64_t safe_since_ns = 0;  // 0: not safe
    std::array<std::uint32_t, buckets> changes{};
    std::int64_t bucket = 0;                          // number of the newest
    bool was_open = false, was_closed_after = false;  // since the discrepancy
  };

  void look_at(Channel& channel, ChannelState& state, const Sample& sample, std::int64_t now_ns);
  [[nodiscard]] bool chatters(Channel& channel, std::uint32_t changes, std::int64_t now_ns) const;
  void compare(std::int64_t now_ns);
  [[nodiscard]] Demand demand(std::int64_t now_ns) const;

  std::int64_t confirm_ns_, release_ns_, discrepancy_ns_;
  std::uint32_t chatter_max_;
  OnLoss on_loss_;
  std::size_t count_;
  std::array<Channel, ButtonState::channels_max> channels_{};
  std::int64_t lost_since_ns_;
  // Since when all that is lost has been opened, and has not told its state yet.
  std::optional<std::int64_t> not_told_since_ns_;
  std::int64_t differ_since_ns_ = 0;  // 0: they agree
  ButtonState state_;
};

}  // namespace interlock::killswitch

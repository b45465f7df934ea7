#include "killswitch/panel.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace interlock::killswitch {
namespace {

std::string_view cause_of(Demand demand) {
  switch (demand) {
    case Demand::none:
      break;
    case Demand::pressed:
      return "the button was pressed";
    case Demand::chatter:
      return "the contact of the button chatters";
    case Demand::lost:
      return "the button cannot be read";
  }
  return {};
}

}  // namespace

Panel::Panel(std::vector<ButtonSettings> settings, Latch& latch, std::function<void()> persist,
             Moment now)
    : settings_(std::move(settings)),
      latch_(latch),
      persist_(std::move(persist)),
      ticked_ns_(now.mono_ns) {
  for (const auto& one : settings_) buttons_.push_back(std::make_unique<Button>(one, now.mono_ns));
}

// Memory is asked for only after the gate is shut.
std::uint64_t Panel::trip(const Scope& scope, Source source, std::string_view actor,
                          std::string_view cause, std::int64_t utc_ns) noexcept {
  try {
    latch_.trip_in_memory(scope, source, std::string(actor), std::string(cause), utc_ns);
  } catch (...) {  // no memory for the words
    latch_.trip_in_memory({}, source, {}, {}, utc_ns);
  }
  const auto word = latch_.word();
  try {
    persist_();
  } catch (...) {  // the memory stays shut
  }
  return word;
}

// A press belongs to a drill when it begins in its window while nothing can trade.
bool Panel::drills(Button& button, const ButtonState& state, std::int64_t now_ns) {
  if (state.demand != Demand::pressed) return button.drill_pressed = false;
  const bool window = now_ns < button.drill_until_ns.load();
  const bool shut = Latch::firm_killed(latch_.word());
  const bool begins = button.told.demand != Demand::pressed;
  button.drill_pressed = shut && (begins ? window : button.drill_pressed);
  return button.drill_pressed;
}

void Panel::look(std::size_t index, std::span<const Sample> samples, Moment now) noexcept {
  Button& button = *buttons_[index];
  const ButtonSettings& settings = settings_[index];
  const ButtonState& state = button.estop.look(samples, now.mono_ns);
  ButtonEvent event{.button = static_cast<std::uint32_t>(index), .state = state, .at = now};
  event.drill = drills(button, state, now.mono_ns);
  if (event.drill) {
    if (button.told.demand != Demand::pressed) event.word = latch_.touch();
  } else if (state.demand != Demand::none && latch_.word() != button.word_seen) {
    if (!latch_.shuts(settings.scope))
      event.word =
          trip(settings.scope, Source::button, settings.id, cause_of(state.demand), now.utc_ns);
    button.word_seen = latch_.word();
  }
  const bool drilling = now.mono_ns < button.drill_until_ns.load();
  button.trouble = static_cast<std::uint8_t>(
      (state.held ? held_bit : 0) | (state.lost ? lost_bit : 0) |
      (state.chatter ? chatter_bit : 0) | (state.crossed ? crossed_bit : 0) |
      (state.discrepancy ? discrepancy_bit : 0) | (drilling ? drill_bit : 0));
  if (state == button.told && event.word == 0) return;
  if (events_.push(event))
    button.told = state;
  else
    ++lost_events_;  // told again at the next look
}

void Panel::touched(bool there, const std::string& file, Moment now) noexcept {
  touched_ = there;
  if (!there) {
    touched_word_ = 0;
    return;
  }
  if (latch_.word() == touched_word_) return;
  if (!latch_.shuts({})) trip({}, Source::file, file, "the file is there", now.utc_ns);
  touched_word_ = latch_.word();
}

void Panel::begin_drill(std::size_t button, std::int64_t until_mono_ns) noexcept {
  buttons_[button]->drill_until_ns = until_mono_ns;
}

void Panel::end_drill(std::size_t button) noexcept { buttons_[button]->drill_until_ns = 0; }

std::string Panel::problem() const {
  std::string text;
  const auto say = [&](std::string words) {
    text += (text.empty() ? "" : "; ") + std::move(words);
  };
  for (std::size_t i = 0; i < buttons_.size(); ++i) {
    const std::uint8_t trouble = buttons_[i]->trouble.load();
    const auto& id = settings_[i].id;
    if (trouble & held_bit) say(fmt::format("button {} is pressed: release it", id));
    if (trouble & crossed_bit)
      say(fmt::format("button {} is shorted: mend its wires", id));
    else if (trouble & lost_bit)
      say(fmt::format("button {} cannot be read: plug it in", id));
    if (trouble & chatter_bit) say(fmt::format("button {} chatters: change its contact", id));
    if (trouble & discrepancy_bit)
      say(fmt::format("the channels of button {} differ: press and release it fully", id));
    if (trouble & drill_bit) say(fmt::format("button {} is being tested: wait for its end", id));
  }
  if (touched_.load()) say("the file that killed is still there: remove it");
  return text;
}

}  // namespace interlock::killswitch

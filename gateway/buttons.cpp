#include "gateway/buttons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using killswitch::ButtonState;
using Said = ActionOutcome::Answer;

constexpr double ns_per_ms = 1e6;
constexpr std::string_view passed = "passed";

std::string words_of(const ButtonState& state) {
  std::string words;
  const auto add = [&](bool is, std::string_view word) {
    if (is) words += fmt::format("{}{}", words.empty() ? "" : ", ", word);
  };
  add(state.held, "pressed");
  add(state.crossed, "shorted");
  add(state.lost && !state.crossed, "cannot be read");
  add(state.chatter, "chatters");
  add(state.discrepancy, "its channels differ");
  return words.empty() ? "at rest" : words;
}

// A generation of the latch's word, without the firm's bit.
bool reached(std::uint64_t acknowledged, std::uint64_t word) {
  return acknowledged >> 1 >= word >> 1;
}

std::string on_loss_text(const killswitch::OnLoss& on_loss) {
  using enum killswitch::OnLoss::Action;
  if (on_loss.action == kill) return "kill";
  if (on_loss.action == alarm) return "alarm";
  return fmt::format("alarm_then_kill: {} ms", on_loss.after_ns / 1'000'000);
}

}  // namespace

void Buttons::connect(killswitch::Panel& panel, Wiring wiring) {
  panel_ = &panel;
  wiring_ = std::move(wiring);
  buttons_.resize(panel.settings().size());
  for (std::size_t i = 0; i < buttons_.size(); ++i) {
    const auto known = replayed_drills_.find(panel.settings()[i].id);
    if (known != replayed_drills_.end()) buttons_[i].drilled_at_ns = known->second;
  }
}

void Buttons::watch_thread(std::int64_t mono_ns) {
  if (panel_ == nullptr) return;
  const std::int64_t tick_ns = panel_->last_tick_ns();
  if (tick_ns != seen_tick_ns_)
    silent_ns_ = 0;
  else
    silent_ns_ += std::clamp<std::int64_t>(mono_ns - looked_at_ns_, 0, step_max_ns);
  seen_tick_ns_ = tick_ns;
  looked_at_ns_ = mono_ns;
  if (silent_ns_ <= silent_max_ns || floor_.latch.shuts({})) return;
  floor_.trip({}, killswitch::Source::internal, "interlock",
              "nobody has looked at the buttons for 100 ms: their thread does not get its turn");
}

void Buttons::acknowledged(std::uint64_t word, std::int64_t mono_ns) {
  for (Button& button : buttons_) {
    if (button.word != 0 && reached(word, button.word)) {
      button.latency_ns = mono_ns - button.contact_at_ns;
      button.word = 0;
    }
    if (button.drill && button.drill->word != 0 && button.drill->gate_at_ns == 0 &&
        reached(word, button.drill->word))
      button.drill->gate_at_ns = mono_ns;
  }
}

void Buttons::tick() {
  if (panel_ == nullptr) return;
  killswitch::ButtonEvent event;
  while (panel_->take(event)) take(event);
  for (std::size_t i = 0; i < buttons_.size(); ++i) {
    const auto& drill = buttons_[i].drill;
    if (!drill) continue;
    const auto unseen = std::ranges::find(drill->pressed, false);
    if (unseen == drill->pressed.end() && drill->released && drill->gate_at_ns != 0)
      end_drill(i, {});
    else if (floor_.clock.mono_ns >= drill->until_mono_ns)
      end_drill(i, unseen != drill->pressed.end() ? fmt::format("channel {} was not seen pressed",
                                                                unseen - drill->pressed.begin() + 1)
                   : !drill->released             ? "it was not released"
                                                  : "the gate did not answer");
  }
}

void Buttons::take(const killswitch::ButtonEvent& event) {
  ++version_;
  Button& button = buttons_[event.button];
  const ButtonState before = button.state;
  button.state = event.state;
  if (event.state.held && !before.held) button.pressed_at_ns = event.at.utc_ns;
  if (button.drill) drilled(event.button, event);
  if (event.word != 0 && !event.drill && event.state.contact_at_ns != 0) {
    button.contact_at_ns = event.state.contact_at_ns;
    button.word = event.word;
    acknowledged(floor_.acknowledged_word, floor_.acknowledged_mono_ns);
  }
  note(event.button, event);
  raise(event.button, before, event.state);
}

void Buttons::note(std::size_t index, const killswitch::ButtonEvent& event) {
  Button& button = buttons_[index];
  std::string words = words_of(event.state);
  if (words == button.words && event.word == 0) return;
  button.words = std::move(words);
  FieldWriter record;
  record.put(Field::button, panel_->settings()[index].id);
  record.put(Field::text, button.words).put(Field::time, event.at.utc_ns);
  if (event.word != 0) record.put(Field::event, event.drill ? "drill" : "tripped");
  if (event.word != 0 && !event.drill && button.word == 0)  // contact to gate
    record.put(Field::duration, static_cast<std::uint64_t>(button.latency_ns));
  floor_.append(Kind::button, panel_->settings()[index].id, record);
}

void Buttons::raise(std::size_t index, const ButtonState& before, const ButtonState& after) {
  const auto& settings = panel_->settings()[index];
  const auto say = [&](std::string_view kind, std::string_view what) {
    floor_.alert(settings.id, {Severity::critical, std::string(kind), settings.scope,
                               fmt::format("button {}: {}", settings.id, what)});
  };
  if (after.lost && !after.crossed && (!before.lost || before.crossed))
    say("button-lost",
        fmt::format("it cannot be read; on_loss = \"{}\"", on_loss_text(settings.on_loss)));
  if (after.crossed && !before.crossed) say("button-fault", "its wires are shorted");
  if (after.chatter && !before.chatter) say("button-fault", "its contact chatters");
  if (after.discrepancy && !before.discrepancy) say("button-fault", "its two channels differ");
}

std::size_t Buttons::find(std::string_view id) const {
  const auto& all = panel_->settings();
  return static_cast<std::size_t>(std::ranges::find(all, id, &killswitch::ButtonSettings::id) -
                                  all.begin());
}

ActionOutcome Buttons::test(const std::string& person, const std::string& id) {
  const std::size_t index = panel_ == nullptr ? 0 : find(id);
  if (index >= buttons_.size()) return {Said::unknown, fmt::format("there is no button {}", id)};
  Button& button = buttons_[index];
  if (!killswitch::Latch::firm_killed(floor_.acknowledged_word))
    return {Said::conflict,
            "orders are flowing, and a press now is a kill: stop them before a drill (`interlock "
            "block everything`), and re-arm after it"};
  if (button.drill) return {Said::conflict, fmt::format("a drill of {} is on", id)};
  if (button.words != "at rest")
    return {Said::conflict, fmt::format("button {}: {}; it has to be at rest", id, button.words)};
  Drill drill;
  drill.person = person;
  drill.until_mono_ns = floor_.clock.mono_ns + drill_ns;
  drill.until_utc_ns = floor_.clock.utc.ns + drill_ns;
  drill.pressed.resize(killswitch::channels_of(panel_->settings()[index].device));
  FieldWriter record;
  record.put(Field::button, id).put(Field::event, "begun").put(Field::actor, person);
  record.put(Field::until, static_cast<std::uint64_t>(drill.until_utc_ns));
  record.put(Field::peer, wiring_.about(index));
  record.put(Field::before, "a press kills").put(Field::after, "a press is the drill's");
  if (!floor_.append(Kind::drill, person, record))
    return {Said::refused, "the journal does not take records"};
  panel_->begin_drill(index, drill.until_mono_ns);
  const std::int64_t until_ns = drill.until_utc_ns;
  button.drill = std::move(drill);
  button.drill_result.clear();
  return {Said::done, fmt::format("press button {} and release it, within 60 s", id), 0, until_ns};
}

void Buttons::drilled(std::size_t index, const killswitch::ButtonEvent& event) {
  Button& button = buttons_[index];
  Drill& drill = *button.drill;
  for (std::size_t i = 0; i < drill.pressed.size(); ++i)
    if (event.state.channels[i].held) drill.pressed[i] = true;
  if (event.drill && event.word != 0 && drill.word == 0) {
    drill.contact_at_ns = event.state.contact_at_ns;
    drill.latched_at_ns = event.at.mono_ns;
    drill.word = event.word;
    acknowledged(floor_.acknowledged_word, floor_.acknowledged_mono_ns);
  }
  if (event.state.lost) return end_drill(index, "it was lost");
  drill.released = drill.word != 0 && !event.state.held;
}

void Buttons::end_drill(std::size_t index, std::string missing) {
  Button& button = buttons_[index];
  const Drill drill = *std::exchange(button.drill, std::nullopt);
  panel_->end_drill(index);
  ++version_;
  const std::string& id = panel_->settings()[index].id;
  FieldWriter record;
  record.put(Field::button, id).put(Field::actor, drill.person);
  record.put(Field::peer, wiring_.about(index));
  if (missing.empty()) {
    const std::int64_t latency_ns = drill.gate_at_ns - drill.contact_at_ns;
    button.latency_ns = latency_ns;
    button.drilled_at_ns = floor_.clock.utc.ns;
    button.drill_result = fmt::format(
        "passed: {} channel{} pressed and released; contact to latch {:.1f} ms, to gate {:.1f} ms",
        drill.pressed.size(), drill.pressed.size() == 1 ? "" : "s",
        static_cast<double>(drill.latched_at_ns - drill.contact_at_ns) / ns_per_ms,
        static_cast<double>(latency_ns) / ns_per_ms);
    record.put(Field::event, passed).put(Field::duration, static_cast<std::uint64_t>(latency_ns));
  } else {
    button.drill_result = "failed: " + missing;
    record.put(Field::event, "failed");
    floor_.alert(id, {Severity::warning, "button-drill", panel_->settings()[index].scope,
                      fmt::format("the drill of button {} failed: {}", id, missing)});
  }
  record.put(Field::text, button.drill_result);
  floor_.append(Kind::drill, drill.person, record);
}

void Buttons::replayed(const audit::Record& record) {
  const audit::FieldReader fields(record.payload);
  if (record.kind == Kind::drill && fields.text(Field::event) == passed)
    replayed_drills_[std::string(fields.text(Field::button).value_or(""))] = record.time_ns;
}

std::vector<ButtonView> Buttons::views() const {
  std::vector<ButtonView> views;
  for (std::size_t i = 0; i < buttons_.size(); ++i) {
    const auto& settings = panel_->settings()[i];
    const Button& button = buttons_[i];
    ButtonView view;
    view.id = settings.id;
    view.scope_kind = name(settings.scope.kind);
    view.scope = settings.scope.id;
    view.device = wiring_.about(i);
    view.on_loss = on_loss_text(settings.on_loss);
    if (const auto* simulated = std::get_if<killswitch::SimulatedDevice>(&settings.device))
      view.socket = simulated->socket.string();
    view.state = button.words;
    view.fail_safe = wiring_.fail_safe[i];
    view.good = button.state.good();
    view.untested = button.state.untested;
    view.pressed_at_ns = button.pressed_at_ns;
    view.drilled_at_ns = button.drilled_at_ns;
    view.latency_ns = button.latency_ns;
    view.drill = button.drill_result;
    if (const auto& drill = button.drill) {
      const bool all = std::ranges::find(drill->pressed, false) == drill->pressed.end();
      view.drill = all ? "waits for the release" : "waits for a press";
      view.drill_until_ns = drill->until_utc_ns;
    }
    views.push_back(std::move(view));
  }
  return views;
}

}  // namespace interlock::gateway

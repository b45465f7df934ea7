#include "killswitch/guard_logic.hpp"

#include <algorithm>

namespace interlock::killswitch {
namespace {

bool same_process(const PageSeen& a, const PageSeen& b) noexcept {
  return a.pid == b.pid && a.started_ticks == b.started_ticks;
}

bool silent(std::int64_t beat_ns, std::int64_t judged_from_ns, std::int64_t now_ns) noexcept {
  const std::int64_t last = std::max(beat_ns, judged_from_ns);
  return now_ns - last > GuardLogic::beat_ns_max || last - now_ns > GuardLogic::beat_ns_max;
}

}  // namespace

std::string_view name(GuardCause cause) noexcept {
  switch (cause) {
    case GuardCause::none:
      return "none";
    case GuardCause::not_shut:
      return "not_shut";
    case GuardCause::loop_silent:
      return "loop_silent";
    case GuardCause::thread_silent:
      return "thread_silent";
  }
  return "";
}

GuardStep GuardLogic::look(const GuardSight& sight) noexcept {
  GuardStep step;
  feel(sight, step.notes);
  follow(sight, step.notes);
  if (asked_) step.cut = judge(sight, step.notes);
  return step;
}

void GuardLogic::feel(const GuardSight& sight, std::uint32_t& notes) noexcept {
  bool pressed = sight.contact == Contact::pressed;
  if (sight.contact == Contact::unknown) {
    if (!lost_at_ns_) {
      lost_at_ns_ = sight.now_ns;
      notes |= note_lost;
    }
    const std::int64_t bearable =
        on_loss_.action == OnLoss::Action::alarm_then_kill ? on_loss_.after_ns : 0;
    // A press that was seen lasts until the contact is seen safe.
    pressed = pressed_ ||
              (on_loss_.action != OnLoss::Action::alarm && sight.now_ns - *lost_at_ns_ >= bearable);
  } else if (lost_at_ns_) {
    lost_at_ns_.reset();
    notes |= note_found;
  }
  if (pressed && !pressed_) {
    notes |= lost_at_ns_ ? note_loss_is_press : note_pressed;
    asked_ = true;
    answer_said_ = false;
    if (watched_) watched_->end_said = false;
  }
  if (!pressed && pressed_) notes |= note_released;
  pressed_ = pressed;
}

void GuardLogic::follow(const GuardSight& sight, std::uint32_t& notes) noexcept {
  if (!sight.page) {
    if (had_page_) notes |= note_page_lost;
    had_page_ = false;
    return;
  }
  had_page_ = true;
  if (!watched_ || !same_process(watched_->page, *sight.page)) {
    watched_ = Watched{*sight.page, sight.now_ns, false, sight.now_ns, std::nullopt, false};
    open_since_ns_.reset();
    answer_said_ = false;
    notes |= note_watching;
  }
  watched_->page = *sight.page;
  watched_->starts =
      sight.page->loop_ns == 0 && sight.now_ns - watched_->first_seen_ns < start_ns_max;
  if (watched_->starts) watched_->judged_from_ns = sight.now_ns;
}

bool GuardLogic::nothing_to_cut(const GuardSight& sight, std::uint32_t& notes) noexcept {
  if (!watched_) {
    if (!answer_said_) notes |= note_nothing;
    answer_said_ = true;
    return true;
  }
  if (sight.lives && !watched_->page.ended) return false;
  if (!watched_->end_said) notes |= watched_->page.ended ? note_ended : note_gone;
  watched_->end_said = true;
  return true;
}

GuardCause GuardLogic::judge(const GuardSight& sight, std::uint32_t& notes) noexcept {
  const auto now = sight.now_ns;
  if (nothing_to_cut(sight, notes)) {
    open_since_ns_.reset();
    asked_ = pressed_;
    return GuardCause::none;
  }
  const PageSeen& page = watched_->page;
  if (watched_->starts) return GuardCause::none;

  const bool shut = sight.page && page.shut;
  if (shut) {
    if (!answer_said_) notes |= note_confirmed;
    answer_said_ = true;
    open_since_ns_.reset();
  } else if (!open_since_ns_) {
    open_since_ns_ = now;
  }
  GuardCause cause = GuardCause::none;
  if (open_since_ns_ && now - *open_since_ns_ >= confirm_ns_max) {
    cause = GuardCause::not_shut;
  } else if (silent(page.loop_ns, watched_->judged_from_ns, now)) {
    cause = GuardCause::loop_silent;
  } else if (silent(page.thread_ns, watched_->judged_from_ns, now)) {
    cause = GuardCause::thread_silent;
  }
  if (cause == GuardCause::none) {
    asked_ = pressed_ || !shut;
  } else if (watched_->cut_at_ns && now - *watched_->cut_at_ns < again_ns) {
    cause = GuardCause::none;
  } else {
    watched_->cut_at_ns = now;
  }
  return cause;
}

}  // namespace interlock::killswitch

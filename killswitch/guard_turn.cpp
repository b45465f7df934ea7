#include "killswitch/guard_turn.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <string>

namespace interlock::killswitch {
namespace {

using Weight = GuardLog::Weight;

template <typename... Values>
void say(GuardLog& log, Weight weight, fmt::format_string<const Values&...> form,
         const Values&... values) noexcept {
  std::array<char, 512> line;
  const auto end =
      fmt::vformat_to_n(line.data(), line.size(), form, fmt::make_format_args(values...));
  log.say(weight, std::string_view(line.data(), std::min(end.size, line.size())));
}

}  // namespace

GuardTurn::GuardTurn(Options options, ButtonSource& source, GuardLog& log)
    : options_(std::move(options)),
      source_(source),
      log_(log),
      reader_(options_.page),
      logic_(options_.on_loss),
      sever_(options_.nft, options_.mono) {}

void GuardTurn::turn(std::int64_t now_ns) {
  GuardSight sight;
  sight.now_ns = now_ns;
  sight.contact = feel(now_ns);
  sight.page = reader_.look();
  follow(sight.page);
  sight.lives = gateway_.lives();
  const auto step = logic_.look(sight);
  if (step.notes != 0) tell(step.notes);
  if (step.cut != GuardCause::none) cut(step.cut);
}

bool GuardTurn::reopen(std::int64_t now_ns) noexcept {
  if (tried_at_ns_ != 0 && now_ns - tried_at_ns_ < reopen_ns) return false;
  tried_at_ns_ = opened_at_ns_ = now_ns;
  if (source_.open()) return true;
  error_ = errno;
  return false;
}

Contact GuardTurn::read_contact(std::int64_t now_ns) noexcept {
  if (!open_) open_ = reopen(now_ns);
  if (!open_) return Contact::unknown;
  std::array<Sample, channels_max> samples{};
  const auto channels = std::span(samples).first(std::min(channels_max, source_.channels()));
  source_.look(channels, now_ns);
  bool pressed = false, unknown = false, told = true;
  for (const Sample& sample : channels) {
    pressed = pressed || sample.contact == Contact::pressed || sample.was_pressed;
    // A contact that is shorted shows no press.
    if (sample.contact != Contact::unknown && !sample.crossed) continue;
    unknown = true;
    error_ = sample.error;
    if (sample.error == 0 && !sample.crossed) told = false;
    if (sample.error != 0) open_ = false;  // it has closed itself
  }
  if (pressed) return Contact::pressed;
  if (!unknown) return Contact::safe;
  return !told && now_ns - opened_at_ns_ < told_within_ns ? contact_ : Contact::unknown;
}

Contact GuardTurn::feel(std::int64_t now_ns) noexcept {
  contact_ = read_contact(now_ns);
  return contact_;
}

// Holds the process of the page, so that its number always means the same one.
void GuardTurn::follow(const std::optional<PageSeen>& page) noexcept {
  if (!page) return;
  const bool same = any_page_ && page->pid == page_.pid &&
                    page->started_ticks == page_.started_ticks && page->owner == page_.owner;
  page_ = *page;
  any_page_ = true;
  if (same) return;
  const auto pid = static_cast<pid_t>(page->pid);
  if (pid == ::getpid()) {
    gateway_.release();
  } else if (!gateway_.hold(pid, page->started_ticks, page->owner) && errno != ESRCH) {
    say(log_, Weight::alert,
        "process {} of the page {} cannot be watched: {}; page and process have to be of one user",
        page->pid, options_.page.native(), std::strerror(errno));
  }
}

void GuardTurn::tell(std::uint32_t notes) noexcept {
  using enum Weight;
  const auto& file = options_.page.native();
  const auto noted = [notes](GuardNote note) { return (notes & note) != 0; };
  if (noted(note_lost)) {
    say(log_, alert, "the contact is lost: {}",
        error_ != 0 ? std::strerror(error_) : "it tells nothing, or its wires are crossed");
  }
  if (noted(note_loss_is_press)) say(log_, alert, "the loss of the contact counts as a press");
  if (noted(note_found)) say(log_, notice, "the contact is back");
  if (noted(note_pressed)) say(log_, alert, "pressed");
  if (noted(note_released)) say(log_, notice, "released");
  if (noted(note_watching)) {
    say(log_, notice, "watching process {} ({} venue address(es)) by {}", page_.pid,
        reader_.venues().size(), file);
  }
  if (noted(note_page_lost)) say(log_, error, "there is no page at {} any more", file);
  if (noted(note_confirmed)) say(log_, notice, "process {} says that it is shut", page_.pid);
  if (noted(note_nothing)) {
    say(log_, alert, "pressed, and no gateway to cut off: there was never a page at {}", file);
  }
  if (noted(note_gone)) say(log_, notice, "nothing to cut: process {} does not live", page_.pid);
  if (noted(note_ended)) {
    say(log_, notice, "nothing to cut: process {} has stopped in order", page_.pid);
  }
}

void GuardTurn::cut(GuardCause cause) {
  const Cut done = sever_.cut(cause, page_, reader_.venues(), gateway_);
  for (const auto& line : lines(done)) log_.say(Weight::alert, line);
  log_.record(json(done, options_.utc()));
}

}  // namespace interlock::killswitch

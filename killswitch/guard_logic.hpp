// When the guard cuts a gateway off: no device, no process, no clock, only what was seen and when.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "killswitch/button_source.hpp"
#include "killswitch/page.hpp"

namespace interlock::killswitch {

// One look, every few milliseconds.
struct GuardSight {
  std::int64_t now_ns = 0;  // CLOCK_MONOTONIC, read before the page
  Contact contact = Contact::unknown;
  std::optional<PageSeen> page;  // nothing: there is no page
  bool lives = false;            // the process of the last page that was seen
};

enum class GuardCause : std::uint8_t {
  none,
  not_shut,      // a press was not answered in time
  loop_silent,   // its loop does not turn while the button is pressed
  thread_silent  // its button thread does not tick while the button is pressed
};
[[nodiscard]] std::string_view name(GuardCause cause) noexcept;

// What became different, as bits: each is one line for a person.
enum GuardNote : std::uint32_t {
  note_watching = 1,        // another gateway's page
  note_page_lost = 2,       // there was a page, and now there is none
  note_pressed = 4,         //
  note_released = 8,        //
  note_lost = 16,           // the contact cannot be read
  note_found = 32,          // it can be read again
  note_loss_is_press = 64,  // for as long that `on_loss` makes it a press
  note_confirmed = 128,     // the gateway is shut
  note_nothing = 256,       // pressed, and no gateway was ever seen
  note_gone = 512,          // pressed, and the gateway does not live: nothing to cut
  note_ended = 1024         // pressed, and the gateway has stopped in order: nothing to cut
};

struct GuardStep {
  GuardCause cut = GuardCause::none;  // cut the last gateway off whose page was seen, now
  std::uint32_t notes = 0;
};

class GuardLogic {
 public:
  // From the first sample of a press to the page saying that it is shut.
  static constexpr std::int64_t confirm_ns_max = 50'000'000;
  // A beat that is older, or as far in the future, is no sign of life. Loop and button thread beat
  // every 5 ms or so; a machine that delays them for so long delays orders, too.
  static constexpr std::int64_t beat_ns_max = 250'000'000;
  // A gateway whose loop has not turned yet has no connection, and may take as long to begin.
  static constexpr std::int64_t start_ns_max = 10'000'000'000;
  // One that lives on after a cut is cut again, as often.
  static constexpr std::int64_t again_ns = 1'000'000'000;

  explicit GuardLogic(OnLoss on_loss) : on_loss_(on_loss) {}

  GuardStep look(const GuardSight& sight) noexcept;

 private:
  // The last gateway that was seen. A cut counts for it, and not for one that is started after it.
  struct Watched {
    PageSeen page;
    std::int64_t first_seen_ns = 0;
    bool starts = false;
    std::int64_t judged_from_ns = 0;  // beats are expected from here on
    std::optional<std::int64_t> cut_at_ns;
    bool end_said = false;
  };

  void feel(const GuardSight& sight, std::uint32_t& notes) noexcept;
  void follow(const GuardSight& sight, std::uint32_t& notes) noexcept;
  GuardCause judge(const GuardSight& sight, std::uint32_t& notes) noexcept;
  bool nothing_to_cut(const GuardSight& sight, std::uint32_t& notes) noexcept;

  OnLoss on_loss_;
  bool pressed_ = false;  // now, or lost for long enough
  bool asked_ = false;    // by a press that has not been answered yet, or still lasts
  std::optional<std::int64_t> lost_at_ns_;
  std::optional<std::int64_t> open_since_ns_;  // asked, and the gateway does not say it is shut
  bool answer_said_ = false;
  bool had_page_ = false;
  std::optional<Watched> watched_;
};

}  // namespace interlock::killswitch

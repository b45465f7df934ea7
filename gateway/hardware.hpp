// The devices of a gateway: buttons and their thread, lamps, the page for the guard.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "config/config.hpp"
#include "gateway/buttons.hpp"
#include "gateway/snapshot.hpp"
#include "killswitch/button_thread.hpp"
#include "killswitch/lights.hpp"

namespace interlock::gateway {

class Hardware {
 public:
  // Looks at every button once before it returns: what is held or missing has tripped the latch
  // then. `persist` asks for the latch to be written, and must not wait. An error says what cannot
  // be had; a button that cannot be opened is none: it is lost.
  static std::expected<std::unique_ptr<Hardware>, std::string> create(
      const config::Config& config, killswitch::Latch& latch, std::function<void()> persist);

  void connect(Buttons& buttons);
  // The loop's heartbeat; `word` is the latch's that it has acted upon.
  void turn(std::int64_t mono_ns, std::uint64_t word) noexcept;
  // Lamps, as the last snapshot says it is.
  void show(const Snapshot& snapshot, std::int64_t mono_ns) noexcept;
  void stands() noexcept;  // the loop has ended in order; what follows may take its time
  void ended() noexcept;

 private:
  Hardware(const config::Config& config, killswitch::Latch& latch, std::function<void()> persist);

  killswitch::Kernel kernel_;
  killswitch::Panel panel_;
  killswitch::Lights lights_;
  killswitch::LoopWatch loop_watch_;
  std::unique_ptr<killswitch::PageWriter> page_;  // where a guard is wanted
  std::vector<bool> fail_safe_;
  std::unique_ptr<killswitch::ButtonThread> thread_;  // ends first: it uses all above
};

}  // namespace interlock::gateway

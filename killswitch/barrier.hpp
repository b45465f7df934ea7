// Keeps this host from connecting to the venues again: rules of nftables, put in by `nft`.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "killswitch/page.hpp"

namespace interlock::killswitch {

// What `nft -f -` reads. Addresses are added to those of earlier cuts, all at once or none; resets
// pass, so that a venue hears of a connection that ends. `nft delete table inet interlock_guard`
// takes all of it back.
[[nodiscard]] std::string ruleset(std::span<const PageVenue> venues);

struct BarrierOutcome {
  enum class Status : std::uint8_t {
    up,           // the rules are in
    no_program,   // there is no `nft`
    not_needed,   // no venue is known
    not_in_time,  // it does not end
    failed        // it said why on stderr; `error` is its exit code, or the errno
  };
  Status status = Status::no_program;
  int error = 0;
};

class Barrier {
 public:
  explicit Barrier(std::filesystem::path nft) : nft_(std::move(nft)) {}
  ~Barrier() { end(); }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  void begin(std::span<const PageVenue> venues);
  // Waits for it; `not_in_time` may be asked again.
  BarrierOutcome wait(int milliseconds) noexcept;
  void end() noexcept;  // of a program that does not end by itself

 private:
  std::filesystem::path nft_;
  pid_t running_ = -1;
  BarrierOutcome outcome_;
};

}  // namespace interlock::killswitch

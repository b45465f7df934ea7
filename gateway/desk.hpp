// The one door for other threads: read the last snapshot, or post a request to the loop and wait
// for its answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/actions.hpp"
#include "gateway/snapshot.hpp"
#include "killswitch/latch.hpp"
#include "killswitch/rearm.hpp"

namespace interlock::gateway {

struct ParentRequest {
  std::string parent, account, symbol, side, size;  // side as FIX 54; size a decimal
  std::string actor;                                // the person who declares
};
enum class ParentAnswer : std::uint8_t { added, same, conflict, refused };
struct ParentOutcome {
  ParentAnswer answer = ParentAnswer::refused;
  std::string text;
  std::uint64_t record = 0;
};

// When the gate closed for a kill, and what had left by then.
struct Closed {
  std::int64_t closed_at_ns = 0;
  std::map<std::string, std::uint32_t> last_sequence;  // by venue
  // By venue: bytes that the kernel had taken and not sent. They may still leave, unless cut.
  std::map<std::string, std::uint64_t> unsent;
  std::map<std::string, std::int64_t> cut_at_ns;  // by venue, of those whose connection was reset
  std::uint32_t cancels_sent = 0;
  std::uint32_t purged = 0;  // frames taken from out-buffers
  std::uint32_t residual = 0;
};

// Thread-safe. The loop implements it; tests may too.
class Desk {
 public:
  virtual ~Desk() = default;
  [[nodiscard]] virtual std::shared_ptr<const Snapshot> snapshot() const = 0;

  // Trips the latch to that level on the calling thread, wakes the loop, and waits up to `wait` for
  // the gate to be acknowledged closed.
  struct KillOutcome {
    killswitch::Tripped tripped;
    std::optional<Closed> closed;  // absent: unconfirmed
  };
  virtual KillOutcome kill(killswitch::Scope scope, killswitch::Level level,
                           killswitch::Source source, std::string actor, std::string cause,
                           std::chrono::milliseconds wait) = 0;

  // Waits for the loop; a timeout is an error in words.
  virtual std::expected<ParentOutcome, std::string> declare_parent(
      ParentRequest request, std::chrono::milliseconds wait) = 0;
  // What a person who has the right asks; waits for the loop.
  virtual ActionOutcome act(std::string person, Action action, std::chrono::milliseconds wait) = 0;
  // `on_host`: the person asks on the host itself.
  virtual std::expected<killswitch::RearmRequest, std::string> rearm_begin(
      std::uint64_t kill_id, const killswitch::Person& person, killswitch::RearmWords words,
      bool on_host) = 0;
  virtual std::expected<killswitch::Kill, std::string> rearm_approve(
      std::uint64_t kill_id, const killswitch::Person& person, killswitch::RearmWords words,
      bool on_host) = 0;
};

}  // namespace interlock::gateway

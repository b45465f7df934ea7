// Re-arming: two different people, one kill, ten minutes. No clock, no I/O: time is an argument.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "killswitch/latch.hpp"

namespace interlock::killswitch {

// A named person: the token is stored as a salted hash, never in the clear (killswitch/secret.hpp).
struct Person {
  std::string name;
  std::string token_hash;
  bool may_kill = false;
  bool may_rearm = false;
  bool may_declare = false;  // parents
};

// What a person says with it.
struct RearmWords {
  std::string reason = {};               // of the first: why trading may go on
  std::string residual_signed_off = {};  // of the first: what became of the orders below
  std::vector<std::string> orders =
      {};                     // of the first: each that may still be open, "ROUTER/CLORDID"
  std::string identity = {};  // of both: what may run, where that has changed
};

struct RearmRequest {
  std::uint64_t kill_id = 0;
  std::string begun_by;
  std::string reason;
  std::string residual_signed_off;
  std::vector<std::string> orders;
  std::string identity;  // that ran when it was begun
  std::int64_t begun_at_ns = 0;
};

// What stands in the way, as facts from the gateway at the moment of asking.
struct RearmFacts {
  std::vector<std::string> residual = {};  // each order that may be open in the kill's scope
  std::string recovering = {};     // why it is not known yet what is open, in words; empty: it is
  std::string hardware = {};       // why a button does not allow it, in words; empty: they all do
  std::string running = {};        // "BUILD CONFIG", of this process
  std::string approved = {};       // under which it was armed last; empty: never
  bool on_host = false;            // the person asks on the host itself, not over the network
  bool hardware_anywhere = false;  // a kill by a button may be re-armed from anywhere
};

// "BUILD/CONFIG" with the first twelve characters of each: what people read and write.
[[nodiscard]] std::string short_identity(std::string_view identity);

// Not thread-safe: the caller holds a mutex around every call.
class Rearm {
 public:
  static constexpr std::int64_t valid_ns = 600'000'000'000;
  explicit Rearm(Latch& latch) : latch_(latch) {}

  // First person. Replaces an earlier request for the same kill. Errors say what is missing and
  // what to do.
  std::expected<RearmRequest, std::string> begin(std::uint64_t kill_id, const Person& person,
                                                 RearmWords words, const RearmFacts& facts,
                                                 std::int64_t now_ns);
  // Second, different person. Clears the kill; or opens it, where the latch is `stored` without it.
  std::expected<Kill, std::string> approve(std::uint64_t kill_id, const Person& person,
                                           const RearmWords& words, const RearmFacts& facts,
                                           std::int64_t now_ns,
                                           const Latch::Cleared* stored = nullptr);
  // Why `approve` would refuse, or empty.
  std::string why_not(std::uint64_t kill_id, const Person& person, const RearmWords& words,
                      const RearmFacts& facts, std::int64_t now_ns);
  [[nodiscard]] std::vector<RearmRequest> pending(std::int64_t now_ns) const;
  // A trip ends every pending request: a kill always wins.
  void abort_all();

 private:
  Latch& latch_;
  std::map<std::uint64_t, RearmRequest> requests_;
};

}  // namespace interlock::killswitch

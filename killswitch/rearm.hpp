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

struct RearmRequest {
  std::uint64_t kill_id = 0;
  std::string begun_by;
  std::string reason;
  std::string residual_signed_off;  // in words, when open orders are unconfirmed
  std::int64_t begun_at_ns = 0;
};

// What stands in the way, as facts from the gateway at the moment of asking.
struct RearmFacts {
  std::uint32_t residual_orders = 0;  // open in the kill's scope
  bool recovering = false;
};

// Not thread-safe: the caller holds a mutex around every call.
class Rearm {
 public:
  static constexpr std::int64_t valid_ns = 600'000'000'000;
  explicit Rearm(Latch& latch) : latch_(latch) {}

  // First person. Replaces an earlier request for the same kill. Errors say what is missing and
  // what to do.
  std::expected<RearmRequest, std::string> begin(std::uint64_t kill_id, const Person& person,
                                                 std::string reason,
                                                 std::string residual_signed_off, RearmFacts facts,
                                                 std::int64_t now_ns);
  // Second, different person. Clears the kill.
  std::expected<Kill, std::string> approve(std::uint64_t kill_id, const Person& person,
                                           RearmFacts facts, std::int64_t now_ns);
  [[nodiscard]] std::vector<RearmRequest> pending(std::int64_t now_ns) const;
  // A trip ends every pending request: a kill always wins.
  void abort_all();

 private:
  Latch& latch_;
  std::map<std::uint64_t, RearmRequest> requests_;
};

}  // namespace interlock::killswitch

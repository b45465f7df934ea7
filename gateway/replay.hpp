// Old traffic, new limits: what another policy would have said to each request of a journal.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>

#include "config/config.hpp"

namespace interlock::gateway {

struct Difference {
  std::uint64_t record = 0;  // of the request, in the journal
  std::int64_t time_ns = 0;  // UTC
  std::string router, cl_ord_id;
  std::string was, would;  // a code, or "PASS"
  std::string fact;        // why it would be refused; empty where it would pass
  std::string trip;        // "kill router R1": what would have been shut besides
};

struct Replayed {
  std::uint64_t judged = 0;        // requests that the controls had judged, and judge again
  std::uint64_t not_compared = 0;  // refused for a state of that moment: killed, venue down ...
  std::uint64_t newly_refused = 0;
  std::uint64_t newly_passed = 0;
  std::uint64_t other_reason = 0;  // refused then and now, for another reason
  std::uint64_t books = 0;         // digest of those that the journal makes
  // Why they are not those that an orderly stop recorded; empty: they are, or nothing can be said.
  std::string other_books;
};

// The books follow what was recorded, not what would have been: each request is judged as it came,
// after everything that really happened before it. The journal is only read; `config` needs the
// routers, venues, accounts and symbols that it speaks of.
[[nodiscard]] std::expected<Replayed, std::string> replay(
    const config::Config& config, const std::filesystem::path& journal,
    const std::function<void(const Difference&)>& differs,
    std::atomic<std::uint64_t>* at = nullptr);  // told the record in hand

}  // namespace interlock::gateway

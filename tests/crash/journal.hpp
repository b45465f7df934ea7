// What the journal of a dead gateway has to hold of what its counterparties have heard.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crash/end.hpp"

namespace interlock::crash {

struct Sent {
  // Marks of the frames that the gateway has journalled as sent, by session and MsgSeqNum - 1.
  std::map<std::string, std::vector<std::uint64_t>, std::less<>> sessions;
  std::uint64_t records = 0;
  std::uint32_t snapshots = 0;  // that a start went on from
  std::string digest;           // of the books, in the last record of an orderly stop
};
// Throws Failed when the journal cannot be read; `torn`: up to its end, which is no whole record.
[[nodiscard]] Sent read_journal(const std::filesystem::path& directory, bool torn);

[[nodiscard]] std::uint32_t segments_in(const std::filesystem::path& audit);

// In words, what `end` has heard and the journal does not hold as sent to `session`.
[[nodiscard]] std::vector<std::string> not_recorded(const Sent& sent, std::string_view session,
                                                    const End& end);
// How many messages were recorded for `session` and never came: those of the crash.
[[nodiscard]] std::uint64_t in_doubt(const Sent& sent, std::string_view session, const End& end);

}  // namespace interlock::crash

#include "audit/reader.hpp"

#include <fmt/format.h>

#include "audit/scan.hpp"

namespace interlock::audit {
namespace {

// A writer may start between the question and the walk: what looks like damage then is looked at
// again.
Scan scan_as_found(const std::filesystem::path& directory, const Each& each) {
  const bool live = is_being_written(directory);
  auto result = scan(directory, live, each);
  if (!live && result.finding != Finding::whole && is_being_written(directory)) {
    return scan(directory, true, [last = result.last, &each](const Record& record) {
      return record.location.sequence <= last || each(record);
    });
  }
  return result;
}

}  // namespace

std::string_view name(Finding finding) {
  switch (finding) {
    case Finding::whole:
      return "whole";
    case Finding::no_journal:
      return "no_journal";
    case Finding::bad_header:
      return "bad_header";
    case Finding::bad_crc:
      return "bad_crc";
    case Finding::bad_length:
      return "bad_length";
    case Finding::sequence_gap:
      return "sequence_gap";
    case Finding::time_goes_back:
      return "time_goes_back";
    case Finding::chain_differs:
      return "chain_differs";
    case Finding::checkpoint_missing:
      return "checkpoint_missing";
    case Finding::segment_missing:
      return "segment_missing";
    case Finding::unsealed_tail:
      return "unsealed_tail";
  }
  return {};
}

Verification verify(const std::filesystem::path& directory) {
  const auto result = scan_as_found(directory, [](const Record&) { return true; });
  return {.finding = result.finding,
          .last_good = result.sealed.sequence,
          .records = result.last,
          .where = result.where,
          .chain = result.sealed.sequence == 0 ? std::string() : to_hex(result.sealed.head)};
}

std::expected<void, std::string> read(const std::filesystem::path& directory,
                                      const std::function<bool(const Record&)>& each) {
  const auto result = scan_as_found(directory, each);
  if (result.finding == Finding::whole || result.finding == Finding::unsealed_tail) return {};
  return std::unexpected(fmt::format("{}: {}", name(result.finding), result.where));
}

}  // namespace interlock::audit

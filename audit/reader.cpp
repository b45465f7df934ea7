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

std::expected<void, std::string> read(const std::filesystem::path& directory,
                                      const std::function<bool(const Record&)>& each) {
  const auto result = scan_as_found(directory, each);
  if (result.finding == Finding::whole || result.finding == Finding::unsealed_tail) return {};
  return std::unexpected(fmt::format("{}: {}", name(result.finding), result.where));
}

}  // namespace interlock::audit

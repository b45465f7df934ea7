// The forms that `interlock audit export` writes: a file that is not there yet, for its owner only.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "audit/print.hpp"

namespace interlock::cli {

class ExportFile {
 public:
  virtual ~ExportFile() = default;
  virtual void add(const audit::Record& record, const audit::About& about) = 0;  // throws Failure
  virtual void finish() = 0;  // all is written; throws Failure
};

// "jsonl", "csv", "sqlite". "-" is standard output, which takes no SQLite. Throws Failure.
[[nodiscard]] std::unique_ptr<ExportFile> open_export(std::string_view format,
                                                      const std::filesystem::path& file,
                                                      audit::FrameText words);
[[nodiscard]] std::unique_ptr<ExportFile> open_sqlite(const std::filesystem::path& file,
                                                      audit::FrameText words);
// Creates it, empty; throws Failure when there is something of that name.
void create_file(const std::filesystem::path& file);

}  // namespace interlock::cli

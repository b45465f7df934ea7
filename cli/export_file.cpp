#include "cli/export_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>

#include "audit/table.hpp"
#include "cli/command.hpp"

namespace interlock::cli {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw Failure(exit_cannot_start, fmt::format("{}: {}", file.string(), std::strerror(errno)));
}

class TextFile : public ExportFile {
 public:
  TextFile(const std::filesystem::path& path, audit::FrameText words)
      : path_(path), words_(std::move(words)) {
    if (path != "-") create_file(path);
    file_ = path == "-" ? stdout : std::fopen(path.c_str(), "w");
    if (file_ == nullptr) fail(path);
  }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() override {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }
  void finish() override {
    const bool flushed = std::fflush(file_) == 0;
    std::FILE* const file = std::exchange(file_, nullptr);
    const bool closed = file == stdout || std::fclose(file) == 0;
    if (!flushed || !closed) fail(path_);
  }

 protected:
  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail(path_);
  }
  [[nodiscard]] const audit::FrameText& words() const { return words_; }

 private:
  std::filesystem::path path_;
  audit::FrameText words_;
  std::FILE* file_ = nullptr;
};

class JsonLines : public TextFile {
 public:
  using TextFile::TextFile;
  void add(const audit::Record& record, const audit::About& about) override {
    write(audit::print_json(record, about, words()) + "\n");
  }
};

class Csv : public TextFile {
 public:
  Csv(const std::filesystem::path& path, audit::FrameText words)
      : TextFile(path, std::move(words)) {
    const auto names = audit::columns();
    write(audit::csv_line(std::vector<std::string>(names.begin(), names.end())));
  }
  void add(const audit::Record& record, const audit::About& about) override {
    for (std::size_t i = 0; i < about.subjects.size(); ++i)
      write(audit::csv_line(audit::row_of(record, about, i, words())));
  }
};

}  // namespace

void create_file(const std::filesystem::path& file) {
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) fail(file);
  ::close(made);
}

std::unique_ptr<ExportFile> open_export(std::string_view format, const std::filesystem::path& file,
                                        audit::FrameText words) {
  if (format == "csv") return std::make_unique<Csv>(file, std::move(words));
  if (format == "jsonl") return std::make_unique<JsonLines>(file, std::move(words));
  if (file == "-") throw Failure(exit_usage, "SQLite is written to a file: -o FILE");
  return open_sqlite(file, std::move(words));
}

}  // namespace interlock::cli

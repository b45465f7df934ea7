#include "killswitch/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

namespace interlock::killswitch {
namespace {

std::string system_words() { return std::generic_category().message(errno); }

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool write_synced(const std::filesystem::path& path, std::string_view bytes, int how = O_TRUNC) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0600));
  return file.number() >= 0 && write_all(file.number(), bytes) &&
         ::ftruncate(file.number(), static_cast<off_t>(bytes.size())) == 0 &&
         ::fsync(file.number()) == 0;
}

bool sync_directory(const std::filesystem::path& path) {
  const auto parent = path.parent_path().empty() ? std::filesystem::path(".") : path.parent_path();
  const Descriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.number() >= 0 && ::fsync(directory.number()) == 0;
}

}  // namespace

std::expected<void, std::string> replace_file(const std::filesystem::path& path,
                                              std::string_view bytes) {
  auto fresh = path;
  fresh += ".new";
  if (!write_synced(fresh, bytes) || ::rename(fresh.c_str(), path.c_str()) != 0) {
    auto problem = fmt::format("cannot write {}: {}", fresh.string(), system_words());
    ::unlink(fresh.c_str());
    return std::unexpected(std::move(problem));
  }
  if (!sync_directory(path)) {
    return std::unexpected(
        fmt::format("cannot sync the directory of {}: {}", path.string(), system_words()));
  }
  return {};
}

std::expected<void, std::string> exchange_file(const std::filesystem::path& path,
                                               std::string_view bytes) {
  auto reserve = path;
  reserve += ".reserve";
  const auto problem = [&] {
    return std::unexpected(fmt::format("cannot write {}: {}", reserve.string(), system_words()));
  };
  constexpr int in_place = 0;  // its blocks are there
  if (!write_synced(reserve, bytes, in_place)) return problem();
  if (::renameat2(AT_FDCWD, reserve.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0) {
    if (errno != ENOENT) return problem();
    if (::rename(reserve.c_str(), path.c_str()) != 0 || !write_synced(reserve, bytes))
      return problem();
  }
  if (sync_directory(path)) return {};
  return std::unexpected(
      fmt::format("cannot sync the directory of {}: {}", path.string(), system_words()));
}

std::expected<std::string, std::string> read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) return std::unexpected(system_words());
  std::string bytes;
  std::array<char, 4096> piece;
  while (true) {
    const ssize_t count = ::read(file.number(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(system_words());
    if (count == 0) return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace interlock::killswitch

#include "audit/follow.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "audit/layout.hpp"
#include "audit/reader.hpp"
#include "audit/segments.hpp"

namespace interlock::audit {

struct Follower::Mapped {
  Mapped(std::byte* at, std::size_t size) : bytes(at, size) {}
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() { ::munmap(const_cast<std::byte*>(bytes.data()), bytes.size()); }
  Bytes bytes;
};

Follower::Follower(std::filesystem::path directory, std::uint32_t segment)
    : directory_(std::move(directory)), segment_(segment) {}
Follower::~Follower() = default;

std::expected<bool, std::string> Follower::open() {
  const auto path = directory_ / segment_name(segment_);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return false;
  if (file < 0) return std::unexpected(system_error("open", path, errno));
  struct stat found {};
  const bool known = ::fstat(file, &found) == 0;
  const auto size = static_cast<std::size_t>(found.st_size);
  void* const at =
      known && size > 0 ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0) : MAP_FAILED;
  const int error = errno;
  ::close(file);
  if (at == MAP_FAILED) return std::unexpected(system_error("map", path, error));
  mapped_ = std::make_unique<Mapped>(static_cast<std::byte*>(at), size);
  const auto header = parse_header(mapped_->bytes);
  if (!header) return std::unexpected(fmt::format("{}: {}", path.string(), header.error()));
  if (header->number != segment_)
    return std::unexpected(fmt::format("{}: its header belongs to another segment", path.string()));
  offset_ = segment_header_bytes;
  return true;
}

std::expected<void, std::string> Follower::look(const std::function<void(const Record&)>& each) {
  while (true) {
    if (!mapped_) {
      const auto opened = open();
      if (!opened) return std::unexpected(opened.error());
      if (!*opened) return {};
    }
    const Bytes bytes = mapped_->bytes;
    if (offset_ + end_bytes > bytes.size())
      return std::unexpected(fmt::format("segment {} has no end", segment_));
    const auto length = length_at(bytes.data() + offset_);
    if (length == 0) return {};
    if (length == end_of_segment) {
      mapped_.reset();
      ++segment_;
      continue;
    }
    const auto record = parse_record(bytes.subspan(offset_));
    if (!record) {
      return std::unexpected(
          fmt::format("segment {}, offset {}: {}", segment_, offset_, name(record.error())));
    }
    const auto& head = record->head;
    each({{head.sequence, segment_, offset_},
          head.kind,
          head.time_ns,
          head.mono_ns,
          head.actor,
          record->payload});
    offset_ += record->padded.size();
  }
}

std::uint32_t last_segment(const std::filesystem::path& directory) {
  std::uint32_t number = 0;
  while (std::filesystem::exists(directory / segment_name(number + 1))) ++number;
  return number;
}

}  // namespace interlock::audit

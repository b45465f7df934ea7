#include "audit/segments.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace interlock::audit {
namespace {

constexpr std::chrono::milliseconds space_wait{1000};

// Where the page begins that holds the byte at `offset`.
constexpr std::uint64_t page_begin(std::uint64_t offset) {
  return offset / page_bytes * page_bytes;
}

}  // namespace

std::string spare_name(std::size_t which) { return fmt::format("spare-{}", which + 1); }

std::string system_error(std::string_view what, const std::filesystem::path& path, int error) {
  return fmt::format("{} {}: {}", what, path.string(), std::generic_category().message(error));
}

std::expected<void, std::string> sync_directory(const std::filesystem::path& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return std::unexpected(system_error("cannot open", path, errno));
  const int failed = ::fsync(directory) == 0 ? 0 : errno;
  ::close(directory);
  if (failed != 0) return std::unexpected(system_error("cannot sync", path, failed));
  return {};
}

std::expected<std::unique_ptr<Segment>, std::string> Segment::map(int descriptor,
                                                                  std::uint64_t bytes,
                                                                  const std::filesystem::path& path,
                                                                  int protection) {
  void* data = ::mmap(nullptr, bytes, protection, MAP_SHARED, descriptor, 0);
  if (data == MAP_FAILED) {
    auto problem = system_error("cannot map", path, errno);
    ::close(descriptor);
    return std::unexpected(std::move(problem));
  }
  return std::unique_ptr<Segment>(new Segment(descriptor, static_cast<std::byte*>(data), bytes));
}

int sync_to_disk(int descriptor, void* from, std::size_t bytes) {
  return from == nullptr ? ::fdatasync(descriptor) : ::msync(from, bytes, MS_SYNC);
}

std::expected<std::unique_ptr<Segment>, std::string> Segment::create(
    const std::filesystem::path& path, std::uint64_t bytes) {
  ::unlink(path.c_str());  // of an earlier run
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) return std::unexpected(system_error("cannot create", path, errno));
  if (const int failed = ::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes)); failed != 0) {
    ::close(descriptor);
    ::unlink(path.c_str());
    return std::unexpected(system_error(
        fmt::format("cannot allocate the {} bytes of the next segment", bytes), path, failed));
  }
  auto segment = map(descriptor, bytes, path, PROT_READ | PROT_WRITE);
  // Its pages are there before the first record: whoever writes one does not wait until the kernel
  // has made them. A kernel before 5.14 makes them one by one, as they are written.
  if (segment) (void)::madvise((*segment)->data(), bytes, MADV_POPULATE_READ);
  return segment;
}

std::expected<std::unique_ptr<Segment>, std::string> Segment::open(
    const std::filesystem::path& path, bool for_writing) {
  // One that was closed before its last checkpoint was written, and is closed again.
  if (for_writing && ::chmod(path.c_str(), 0600) != 0) {
    return std::unexpected(system_error("cannot open", path, errno));
  }
  const int descriptor = ::open(path.c_str(), (for_writing ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  struct stat found {};
  if (descriptor < 0 || ::fstat(descriptor, &found) != 0) {
    return std::unexpected(system_error("cannot open", path, errno));
  }
  return map(descriptor, static_cast<std::uint64_t>(found.st_size), path,
             for_writing ? PROT_READ | PROT_WRITE : PROT_READ);
}

Segment::~Segment() {
  ::munmap(data_, size_);
  close_file();
}

void Segment::make_read_only() {
  // Without it the journal is as good: only a mistake is easier.
  [[maybe_unused]] const int done = ::fchmod(descriptor_, 0440);
}

void Segment::let_go(std::uint64_t offset, std::uint64_t end) {
  const auto from = page_begin(offset);  // what stands before it is no more written either
  const auto to = page_begin(end);
  if (from < to)
    (void)::madvise(data_ + from, to - from, MADV_DONTNEED);  // of a shared file: no byte is lost
}

void Segment::make_ready(std::uint64_t offset, std::uint64_t bytes) {
  const auto from = page_begin(offset);
  const auto to = std::min(offset + bytes, size_);
  // A kernel before 5.14 does not know it: then each page stops its first writer, as without.
  if (from < to) (void)::madvise(data_ + from, to - from, MADV_POPULATE_WRITE);
}

int Segment::sync(SyncFile sync_file, std::uint64_t offset, std::uint64_t end) const {
  const auto from = page_begin(offset);
  return sync_file(descriptor_, data_ + from, end - from);
}

void Segment::close_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

std::expected<Segment*, std::string> Segments::map_locked(std::uint32_t number, bool for_writing) {
  if (segments_.size() < number) segments_.resize(number);
  auto opened = Segment::open(directory_ / segment_name(number), for_writing);
  if (!opened) return std::unexpected(std::move(opened.error()));
  segments_[number - 1] = std::move(*opened);
  return segments_[number - 1].get();
}

std::expected<Segment*, std::string> Segments::at(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  if (number <= segments_.size() && segments_[number - 1]) return segments_[number - 1].get();
  auto mapped = map_locked(number, false);
  if (mapped) (*mapped)->close_file();
  return mapped;
}

std::expected<Segment*, std::string> Segments::open_for_writing(std::uint32_t number) {
  const std::lock_guard lock(mutex_);
  return map_locked(number, true);
}

std::expected<void, std::string> Segments::allocate_ahead() {
  const std::lock_guard allocation(allocation_);
  for (std::size_t which = 0; which < segments_ahead; ++which) {
    {
      const std::lock_guard lock(mutex_);
      if (spares_[which]) continue;
    }
    auto created = Segment::create(directory_ / spare_name(which), segment_bytes_);
    const std::lock_guard lock(mutex_);
    set_space_problem(created ? std::string() : created.error());
    allocated_.notify_all();
    if (!created) return std::unexpected(std::move(created.error()));
    spares_[which] = std::move(*created);
  }
  return {};
}

std::expected<Segment*, std::string> Segments::advance(std::uint32_t number,
                                                       std::uint64_t first_sequence) {
  std::unique_lock lock(mutex_);
  const auto spare = [&] {
    return std::ranges::find_if(spares_, [](const auto& each) { return each != nullptr; });
  };
  allocated_.wait_for(lock, space_wait,
                      [&] { return spare() != spares_.end() || !space_problem_.empty(); });
  const auto found = spare();
  if (found == spares_.end()) {
    if (space_problem_.empty())  // so that the next record does not wait as long
      set_space_problem(
          fmt::format("the disk has not allocated a segment in {} ms", space_wait.count()));
    return std::unexpected(space_problem_);
  }
  lock.unlock();  // one thread advances, and no other takes a spare away
  write_header(
      (*found)->data(),
      {.number = number, .bytes = (*found)->size(), .first_sequence = first_sequence, .id = id_});
  const auto fresh = directory_ / spare_name(static_cast<std::size_t>(found - spares_.begin()));
  const auto path = directory_ / segment_name(number);
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    return std::unexpected(system_error("cannot create", path, errno));
  }
  lock.lock();
  if (segments_.size() < number) segments_.resize(number);
  segments_[number - 1] = std::move(*found);
  return segments_[number - 1].get();
}

void Segments::set_space_problem(std::string problem) {
  space_problem_ = std::move(problem);
  lacks_space_.store(!space_problem_.empty(), std::memory_order_release);
}

std::string Segments::space_problem() const {
  const std::lock_guard lock(mutex_);
  return space_problem_;
}

}  // namespace interlock::audit

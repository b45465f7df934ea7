#include "killswitch/page.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

#include "killswitch/process.hpp"

namespace interlock::killswitch {
namespace {

constexpr std::size_t page_size = 4096;

std::unexpected<std::string> cannot(std::string_view what, const std::filesystem::path& file) {
  return std::unexpected(
      fmt::format("cannot {} the guard's page {}: {}; its directory has to exist, and to be "
                  "writable for the gateway's user",
                  what, file.string(), std::generic_category().message(errno)));
}

// A store to a file of a disk may wait for that disk.
bool in_memory(int fd) noexcept {
  struct statfs system {};
  if (::fstatfs(fd, &system) != 0) return false;
  const auto type = static_cast<unsigned long>(system.f_type);
  return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

bool is_page(const struct stat& file) noexcept {
  return S_ISREG(file.st_mode) && file.st_size == page_size;
}

}  // namespace

std::expected<std::unique_ptr<PageWriter>, std::string> PageWriter::create(
    const std::filesystem::path& file, const std::vector<PageVenue>& venues) {
  if (venues.size() > Page::venues_max) {
    return std::unexpected(fmt::format(
        "the guard's page {} holds {} addresses of venues, and there are {}; split the gateway",
        file.string(), Page::venues_max, venues.size()));
  }
  const auto facts = facts_of(::getpid());
  if (!facts) return cannot("find out when this process began, from /proc/self/stat, for", file);
  auto fresh = file;
  fresh += ".new";
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return cannot("make", file);
  if (!in_memory(fd)) {
    ::close(fd);
    ::unlink(fresh.c_str());
    return std::unexpected(fmt::format(
        "the guard's page {} is on a disk, and one that hangs would hold up the buttons: put it "
        "below /run or /dev/shm",
        file.string()));
  }
  void* memory = MAP_FAILED;
  // Allocated now: on a full disk the first store would end the process.
  const int full = ::posix_fallocate(fd, 0, page_size);
  if (full != 0) errno = full;
  if (full == 0 && ::fchmod(fd, 0640) == 0) {
    memory = ::mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
  }
  const int error = errno;
  ::close(fd);
  if (memory == MAP_FAILED) {
    ::unlink(fresh.c_str());
    errno = error;
    return cannot("map", file);
  }
  auto* page = new (memory) Page{};
  std::unique_ptr<PageWriter> writer(new PageWriter(page));
  page->pid = static_cast<std::uint32_t>(::getpid());
  page->started_ticks = facts->started_ticks;
  page->venue_count = static_cast<std::uint32_t>(venues.size());
  std::ranges::copy(venues, page->venues.begin());
  page->magic = Page::magic_value;
  if (::rename(fresh.c_str(), file.c_str()) != 0) {
    const int why = errno;
    ::unlink(fresh.c_str());
    errno = why;
    return cannot("put in place", file);
  }
  return writer;
}

PageWriter::~PageWriter() { ::munmap(page_, page_size); }

void PageWriter::loop_turn(std::int64_t mono_ns, bool shut) noexcept {
  page_->shut.store(shut ? 1 : 0, std::memory_order_release);
  page_->loop_ns.store(mono_ns, std::memory_order_release);
}

void PageWriter::thread_tick(std::int64_t mono_ns) noexcept {
  page_->thread_ns.store(mono_ns, std::memory_order_release);
}

void PageWriter::ended() noexcept { page_->ended.store(1, std::memory_order_release); }

std::optional<PageSeen> PageReader::look() noexcept {
  if (!follow() || page_->magic.load(std::memory_order_acquire) != Page::magic_value) {
    return std::nullopt;
  }
  PageSeen seen{page_->pid.load(),       page_->started_ticks.load(), owner_,
                page_->loop_ns.load(),   page_->thread_ns.load(),     page_->shut.load() == 1,
                page_->ended.load() == 1};
  const auto count = page_->venue_count.load();
  if (seen.pid <= 1 || seen.pid > INT32_MAX || count > Page::venues_max) return std::nullopt;
  venue_count_ = count;
  std::copy_n(page_->venues.begin(), count, venues_.begin());
  return seen;
}

// True: `page_` is what the name stands for now. A file that has been cut short is not read, since
// that would end this process.
bool PageReader::follow() noexcept {
  struct stat named {};
  if (::stat(file_.c_str(), &named) != 0 || !is_page(named)) {
    close();
    return false;
  }
  if (page_ != nullptr && named.st_dev == device_ && named.st_ino == inode_) return true;
  close();
  const int fd = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  struct stat opened {};
  void* memory = MAP_FAILED;
  if (::fstat(fd, &opened) == 0 && is_page(opened)) {
    memory = ::mmap(nullptr, page_size, PROT_READ, MAP_SHARED, fd, 0);
  }
  ::close(fd);
  if (memory == MAP_FAILED) return false;
  page_ = static_cast<const Page*>(memory);
  device_ = opened.st_dev;
  inode_ = opened.st_ino;
  owner_ = opened.st_uid;
  return true;
}

void PageReader::close() noexcept {
  if (page_ != nullptr) ::munmap(const_cast<Page*>(page_), page_size);
  page_ = nullptr;
}

}  // namespace interlock::killswitch

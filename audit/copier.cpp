#include "audit/copier.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "audit/keys.hpp"
#include "audit/segments.hpp"
#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

using Done = std::expected<void, std::string>;

constexpr std::chrono::seconds before_another_try{10};

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Done copy_segment(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(from, failed);
  if (!failed && std::filesystem::exists(to) && std::filesystem::file_size(to) == size) return {};
  auto fresh = to;
  fresh += ".new";
  std::filesystem::remove(fresh, failed);
  std::filesystem::copy_file(from, fresh, failed);
  if (failed) return std::unexpected(system_error("cannot write", fresh, failed.value()));
  const int file = ::open(fresh.c_str(), O_RDONLY | O_CLOEXEC);
  const bool good = file >= 0 && ::fsync(file) == 0 && ::fchmod(file, 0440) == 0 &&
                    ::rename(fresh.c_str(), to.c_str()) == 0;
  const int wrong = errno;
  if (file >= 0) ::close(file);
  if (!good) return std::unexpected(system_error("cannot write", to, wrong));
  return sync_directory(to.parent_path());
}

Done is_ours(const std::filesystem::path& to, const JournalId& id) {
  if (!std::filesystem::exists(to / "seal")) return {};
  const auto seal = read_seal(to);
  if (!seal) return std::unexpected(seal.error());
  if (seal->id == id) return {};
  return std::unexpected(fmt::format("{} has the copy of another journal", to.string()));
}

}  // namespace

Done copy_closed(const std::filesystem::path& from, const std::filesystem::path& to,
                 std::uint32_t segments) {
  std::error_code failed;
  std::filesystem::create_directories(to, failed);
  if (failed) return std::unexpected(system_error("cannot create", to, failed.value()));
  auto seal = read_seal(from);
  if (!seal) return std::unexpected(seal.error());
  if (auto ours = is_ours(to, seal->id); !ours) return ours;
  for (std::uint32_t number = 1; number <= segments; ++number) {
    const auto name = segment_name(number);
    if (auto copied = copy_segment(from / name, to / name); !copied) return copied;
  }
  const auto mark = fmt::format("closed segments of the journal {}\n", to_hex(seal->id));
  if (auto done = killswitch::replace_file(to / copy_mark, mark); !done) return done;
  auto keys = read_keys(from, seal->id);
  if (!keys) return std::unexpected(keys.error());
  auto signatures = read_signatures(from, seal->id);
  if (!signatures) return std::unexpected(signatures.error());
  std::erase_if(seal->checkpoints, [&](const Checkpoint& one) { return one.segment > segments; });
  const auto last = seal->checkpoints.empty() ? 0 : seal->checkpoints.back().sequence;
  std::erase_if(*keys, [&](const Key& one) { return one.sequence > last; });
  std::erase_if(signatures->entries,
                [&](const SignatureEntry& one) { return one.sequence > last; });
  // In this order a copy that is broken off lacks the last signature, and nothing else.
  std::string bytes(as_text(encode_seal_header(seal->id)));
  for (const auto& checkpoint : seal->checkpoints) bytes += as_text(encode(checkpoint));
  if (auto done = killswitch::replace_file(to / "seal", bytes); !done) return done;
  if (auto done = killswitch::replace_file(to / "keys", encode(seal->id, *keys)); !done) {
    return done;
  }
  bytes = as_text(encode_signatures_header(seal->id));
  for (const auto& entry : signatures->entries) bytes += as_text(encode(entry));
  return killswitch::replace_file(to / "signatures", bytes);
}

Copier::Copier(std::filesystem::path from, std::filesystem::path to)
    : from_(std::move(from)), to_(std::move(to)), thread_([this] { run(); }) {}

Copier::~Copier() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  closed_or_stopping_.notify_one();
  thread_.join();
}

void Copier::closed(std::uint32_t segment) {
  {
    const std::lock_guard lock(mutex_);
    closed_ = std::max(closed_, segment);
  }
  closed_or_stopping_.notify_one();
}

std::string Copier::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void Copier::run() {
  std::uint32_t copied = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    closed_or_stopping_.wait(lock, [&] { return stopping_ || closed_ > copied; });
    if (closed_ == copied) return;
    const auto segments = closed_;
    lock.unlock();
    Done done;
    try {
      done = copy_closed(from_, to_, segments);
    } catch (const std::exception& problem) {
      done = std::unexpected(std::string(problem.what()));
    }
    lock.lock();
    problem_ = done ? std::string() : done.error();
    if (done)
      copied = segments;
    else if (stopping_)
      return;
    else
      closed_or_stopping_.wait_for(lock, before_another_try, [this] { return stopping_; });
  }
}

}  // namespace interlock::audit

#include "audit/sealer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

#include "audit/notary.hpp"

namespace interlock::audit {
namespace {

constexpr std::chrono::milliseconds pause{20};  // how long a record may wait for its sync
constexpr int pauses_a_checkpoint = 50;         // one second
constexpr std::int64_t checkpoint_every_ns = 1'000'000'000;  // by the records' own clock
constexpr int records_a_step = 65'536;  // then they are synced, also under load
constexpr std::uint64_t seal_reserve_bytes = 64 << 10;
constexpr std::uint64_t ready_bytes_min = 256 << 10, ready_bytes_max = 8 << 20;

// Where that which stands behind `from` begins in this segment, which is that of `from` or a later
// one.
std::uint64_t begin_in(std::uint32_t segment, const Position& from) {
  return segment == from.segment ? from.offset : 0;
}

}  // namespace

Sealer::Sealer(Segments& segments, Begin begin, int seal, SyncFile sync_file)
    : segments_(segments),
      seal_(seal),
      sync_file_(sync_file),
      chain_(std::move(begin.chain)),
      end_(begin.synced.end),
      sequence_(begin.synced.sequence),
      notary_(begin.notary),
      seal_bytes_(static_cast<std::uint64_t>(::lseek(seal, 0, SEEK_END))),
      on_disk_(begin.synced.sequence),
      checkpoint_(begin.synced.sequence),
      synced_(begin.synced) {
  reserve_seal();
  thread_ = std::thread([this] { run(); });
}

Sealer::~Sealer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_or_stopping_.notify_one();
  thread_.join();
  ::close(seal_);
}

std::expected<void, std::string> Sealer::sync(std::uint64_t sequence) {
  std::unique_lock lock(mutex_);
  wanted_ = std::max(wanted_, sequence);
  wanted_or_stopping_.notify_one();
  sealed_.wait(lock, [&] { return checkpoint_ >= sequence || failed(); });
  if (checkpoint_ >= sequence) return {};
  return std::unexpected(problem_);
}

void Sealer::seal_soon(std::uint64_t sequence) {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = std::max(wanted_, sequence);
  }
  wanted_or_stopping_.notify_one();
}

std::string Sealer::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

Sealer::Synced Sealer::synced() const {
  const std::lock_guard lock(mutex_);
  return synced_;
}

void Sealer::on_sync(std::function<void()> told) {
  const std::lock_guard lock(telling_);
  told_ = std::move(told);
}

void Sealer::tell() {
  const std::lock_guard lock(telling_);
  if (told_) told_();
}

void Sealer::hurry(std::uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  hurried_ = std::max(hurried_, sequence);
  wanted_or_stopping_.notify_one();
}

void Sealer::allocate() {
  const std::lock_guard lock(mutex_);
  space_wanted_ = true;
  wanted_or_stopping_.notify_one();
}

void Sealer::fail(std::string problem) {
  {
    const std::lock_guard lock(mutex_);
    problem_ = std::move(problem);
    failed_.store(true, std::memory_order_release);
    sealed_.notify_all();
  }
  tell();
}

void Sealer::run() {
  int pauses = 0;
  bool more = false;
  while (!failed()) {
    bool stopping = false;
    bool wanted = false;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [this] {
        return stopping_ || wanted_ > checkpoint_ || hurried_ > synced_.sequence || space_wanted_;
      };
      if (more || !wanted_or_stopping_.wait_for(lock, pause, ready)) ++pauses;
      space_wanted_ = false;
      stopping = stopping_;
      wanted = wanted_ > checkpoint_;
    }
    const bool second_over = pauses >= pauses_a_checkpoint;
    try {
      more = step(stopping || wanted || second_over);
      // Without space the journal goes on to the end of its segment; `space_problem` says so.
      if (second_over || !segments_.lacks_space()) (void)segments_.allocate_ahead();
    } catch (const std::exception& problem) {
      fail(problem.what());
    }
    if (second_over) pauses = 0;
    if (stopping && !more) return;
  }
}

// True when the writer is further on than one step goes.
bool Sealer::step(bool checkpoint) {
  const bool more = follow();
  if (const auto before = synced(); sequence_ > before.sequence) {
    sync_segments(before.end);
    make_ready(before.end);
  }
  checkpoint |= mono_ns_ - sealed_mono_ns_ >= checkpoint_every_ns;
  if (ends_unsealed() && (checkpoint || segment_is_closed())) write_checkpoint();
  return more;
}

bool Sealer::ends_unsealed() const {
  const std::lock_guard lock(mutex_);
  return sequence_ > checkpoint_;
}

// Then its last checkpoint holds the root of all its records.
bool Sealer::segment_is_closed() {
  return length_at(segment(end_.segment).data() + end_.offset) == end_of_segment;
}

Segment& Sealer::segment(std::uint32_t number) {
  auto found = segments_.at(number);
  if (!found) throw std::runtime_error(found.error());
  return **found;
}

bool Sealer::follow() {
  auto next = end_;
  const auto* bytes = segment(next.segment).data();
  for (int records = 0; records < records_a_step; ++records) {
    const auto length = length_at(bytes + next.offset);
    if (length == 0) return false;
    if (length == end_of_segment) {
      if (ends_unsealed()) return true;
      next = {.segment = next.segment + 1};
      bytes = segment(next.segment).data();
      chain_.begin_segment();
      continue;
    }
    chain_.add(Bytes(bytes + next.offset, padded(length)));
    const auto head = view_record(bytes + next.offset).head;
    mono_ns_ = head.mono_ns;
    time_ns_ = head.time_ns;
    next.offset += padded(length);
    end_ = next;
    ++sequence_;
  }
  return true;
}

// From `synced` to the end of the chain.
void Sealer::sync_segments(const Position& synced) {
  if (end_.segment != synced.segment) {
    if (auto done = sync_directory(segments_.directory()); !done) {
      throw std::runtime_error(done.error());
    }
  }
  for (auto number = synced.segment; number <= end_.segment; ++number) {
    auto& file = segment(number);
    const bool is_last = number == end_.segment;
    const auto begin = begin_in(number, synced);
    const auto end = is_last ? end_.offset : file.size();
    file.let_go(begin, end);
    if (file.sync(sync_file_, begin, end) != 0) {
      throw std::runtime_error(
          system_error("cannot sync", segments_.directory() / segment_name(number), errno));
    }
    if (is_last) break;
    file.make_read_only();
    file.close_file();
  }
  {
    const std::lock_guard lock(mutex_);
    synced_ = {sequence_, end_};
  }
  on_disk_.store(sequence_, std::memory_order_release);
  tell();
}

// The pages that will be written until the next sync, also if twice as much comes as came since the
// last one. They stay ready for longer: what is not written is not synced.
void Sealer::make_ready(const Position& synced) {
  const auto came = end_.offset - begin_in(end_.segment, synced);
  segment(end_.segment)
      .make_ready(end_.offset, std::clamp(2 * came, ready_bytes_min, ready_bytes_max));
}

void Sealer::reserve_seal() {
  if (seal_bytes_ + checkpoint_bytes <= seal_reserved_) return;
  if (::fallocate(seal_, FALLOC_FL_KEEP_SIZE, static_cast<off_t>(seal_bytes_),
                  seal_reserve_bytes) == 0) {
    seal_reserved_ = seal_bytes_ + seal_reserve_bytes;
  }
}

void Sealer::write_checkpoint() {
  reserve_seal();
  const Checkpoint checkpoint{.sequence = sequence_,
                              .offset = end_.offset,
                              .segment = end_.segment,
                              .records = chain_.tree().size(),
                              .head = chain_.head(),
                              .root = chain_.tree().root()};
  const auto bytes = encode(checkpoint);
  const auto written = ::pwrite(seal_, bytes.data(), bytes.size(), static_cast<off_t>(seal_bytes_));
  if (written >= 0 && written < static_cast<ssize_t>(bytes.size())) errno = ENOSPC;
  if (written != static_cast<ssize_t>(bytes.size()) || sync_file_(seal_, nullptr, 0) != 0) {
    throw std::runtime_error(system_error("cannot write", segments_.directory() / "seal", errno));
  }
  seal_bytes_ += bytes.size();
  sealed_mono_ns_ = mono_ns_;
  if (notary_ != nullptr) notary_->offer(checkpoint, time_ns_);
  const std::lock_guard lock(mutex_);
  checkpoint_ = sequence_;
  sealed_.notify_all();
}

}  // namespace interlock::audit

#include "audit/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "audit/layout.hpp"
#include "audit/notary.hpp"
#include "audit/scan.hpp"
#include "audit/seal.hpp"
#include "audit/sealer.hpp"
#include "audit/segments.hpp"
#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

using Done = std::expected<void, std::string>;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::expected<Descriptor, std::string> take_lock(const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  const auto path = directory / "lock";
  Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.number() < 0) return std::unexpected(system_error("cannot open", path, errno));
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(lock.number(), F_OFD_SETLK, &whole) != 0) {
    return std::unexpected(
        fmt::format("another instance runs: it holds the journal {}", directory.string()));
  }
  return lock;
}

// The seal first: a segment without a seal is then never what a crash at the creation leaves.
Done create_files(const JournalOptions& options) {
  JournalId id;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), id.size()) != 1) {
    return std::unexpected("no random bytes: the system's generator failed");
  }
  const auto header = encode_seal_header(id);
  const std::string_view bytes(reinterpret_cast<const char*>(header.data()), header.size());
  if (auto written = killswitch::replace_file(options.directory / "seal", bytes); !written) {
    return written;
  }
  const auto fresh = options.directory / spare_name(0);
  const auto segment = Segment::create(fresh, options.segment_bytes);
  if (!segment) return std::unexpected(segment.error());
  write_header((*segment)->data(),
               {.number = 1, .bytes = options.segment_bytes, .first_sequence = 1, .id = id});
  if (options.sync_file((*segment)->descriptor(), nullptr, 0) != 0) {
    return std::unexpected(system_error("cannot sync", fresh, errno));
  }
  const auto path = options.directory / segment_name(1);
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    return std::unexpected(system_error("cannot create", path, errno));
  }
  return sync_directory(options.directory);
}

// Nothing sealed is touched: all of this stands behind the last checkpoint.
Done cut(const JournalOptions& options, const Scan& found, Segment& last) {
  const auto& directory = options.directory;
  std::vector<std::filesystem::path> behind;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const auto name = entry.path().filename().string();
    if (is_segment(name) && name > segment_name(found.segment)) behind.push_back(entry.path());
  }
  std::ranges::sort(behind, std::greater());  // a crash in between leaves a journal to be cut again
  for (const auto& path : behind) {
    if (::unlink(path.c_str()) != 0) {
      return std::unexpected(system_error("cannot remove", path, errno));
    }
  }
  for (auto at = found.offset; at < last.size();) {  // whole pages of zero need not be written
    const auto piece = std::min(page_bytes - at % page_bytes, last.size() - at);
    if (!all_zero(Bytes(last.data() + at, piece)))
      std::fill_n(last.data() + at, piece, std::byte{0});
    at += piece;
  }
  // Here and whole: later only what is written is synced, and what was cut must not come back.
  if (options.sync_file(last.descriptor(), nullptr, 0) != 0) {
    return std::unexpected(system_error("cannot sync", directory, errno));
  }
  const auto seal = read_seal(directory);
  if (!seal) return std::unexpected(seal.error());
  std::filesystem::resize_file(directory / "seal",
                               seal_header_bytes + seal->checkpoints.size() * checkpoint_bytes);
  return sync_directory(directory);
}

// What changes who may trade: proven before anybody can have an interest in changing it.
bool is_sealed_at_once(Kind kind) {
  switch (kind) {
    case Kind::start:
    case Kind::stop:
    case Kind::armed:
    case Kind::kill:
    case Kind::rearm:
    case Kind::policy:
    case Kind::reload:
    case Kind::raise:
    case Kind::raise_ended:
    case Kind::signing:
      return true;
    default:
      return false;
  }
}

std::string damaged(const std::filesystem::path& directory, const Scan& found) {
  return fmt::format(
      "the journal {} is damaged ({}): {}. Nothing was changed: keep a copy, look at it with "
      "`interlock audit verify`, and start with an empty directory when the venues are checked",
      directory.string(), name(found.finding), found.where);
}

Scan look(const std::filesystem::path& directory, bool live, std::uint32_t from_segment,
          std::vector<Location>& reloads) {
  reloads.clear();
  const auto each = [&](const Record& record) {
    if (record.kind == Kind::reload) reloads.push_back(record.location);
    return true;
  };
  return scan(directory, live, each, from_segment);
}

bool can_go_on(const Scan& found) {
  return found.finding == Finding::whole || found.finding == Finding::unsealed_tail ||
         (found.all_checkpoints && found.segment > 0);
}

}  // namespace

struct Journal::State {
  State(JournalOptions with, Descriptor held, const JournalId& id)
      : options(std::move(with)),
        lock(std::move(held)),
        segments(options.directory, options.segment_bytes, id) {}

  JournalOptions options;
  Descriptor lock;
  Segments segments;
  std::string cut_tail;
  std::vector<Location> reloads;
  Segment* current = nullptr;
  Position end;
  std::uint16_t run = 1;
  std::int64_t mono_ns = std::numeric_limits<std::int64_t>::min();
  std::atomic<std::uint64_t> next_sequence = 1;
  std::atomic<std::uint64_t> bytes = 0;
  std::unique_ptr<Notary> notary;
  std::optional<Sealer> sealer;  // ends first

  Done go_on(Scan found, const Seal& sealed);
  [[nodiscard]] std::unique_ptr<Notary> make_notary(const Seal& sealed) const;
  Done advance();
};

std::expected<std::unique_ptr<Journal>, std::string> Journal::open(JournalOptions options) {
  constexpr std::uint64_t segment_bytes_min = 4096;
  if (options.segment_bytes < segment_bytes_min || options.segment_bytes % segment_bytes_min != 0) {
    return std::unexpected("a segment must have a multiple of 4096 bytes");
  }
  std::error_code ignored;
  if (std::filesystem::exists(options.directory / copy_mark, ignored)) {
    return std::unexpected(fmt::format("{} is the copy of a journal, and is not written on",
                                       options.directory.string()));
  }
  auto lock = take_lock(options.directory);
  if (!lock) return std::unexpected(std::move(lock.error()));
  std::vector<Location> reloads;
  auto found = look(options.directory, false, options.from_segment, reloads);
  if (found.finding == Finding::no_journal) {
    if (auto created = create_files(options); !created) {
      return std::unexpected(std::move(created.error()));
    }
    found = look(options.directory, false, options.from_segment, reloads);
  }
  if (!can_go_on(found)) return std::unexpected(damaged(options.directory, found));
  const auto seal = read_seal(options.directory);
  if (!seal) return std::unexpected(seal.error());
  auto state = std::make_unique<State>(std::move(options), std::move(*lock), seal->id);
  state->reloads = std::move(reloads);
  if (auto gone_on = state->go_on(std::move(found), *seal); !gone_on) {
    return std::unexpected(std::move(gone_on.error()));
  }
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

std::expected<std::unique_ptr<Journal>, std::string> Journal::open_to_read(
    const std::filesystem::path& directory, std::uint32_t from_segment) {
  const bool live = is_being_written(directory);
  std::vector<Location> reloads;
  const auto found = look(directory, live, from_segment, reloads);
  if (!can_go_on(found)) return std::unexpected(damaged(directory, found));
  auto state = std::make_unique<State>(JournalOptions{directory}, Descriptor(-1), JournalId{});
  state->reloads = std::move(reloads);
  state->next_sequence = found.last + 1;
  state->bytes = found.closed_bytes + found.offset;
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

std::unique_ptr<Notary> Journal::State::make_notary(const Seal& sealed) const {
  std::unique_ptr<SigningService> service;
  if (!options.signer_socket.empty()) {
    service = sign_by(options.signer_socket, sealed.id);
  } else if (!options.signing_keys.empty()) {
    service =
        sign_ourselves(options.signing_keys / to_hex(sealed.id), sealed.id, options.key_life_ns);
  }
  std::unique_ptr<Copier> copier;
  if (!options.copies.empty()) {
    copier = std::make_unique<Copier>(options.directory, options.copies);
  }
  if (!service && !copier) return nullptr;
  return std::make_unique<Notary>(options.directory, sealed, std::move(service), std::move(copier));
}

Done Journal::State::go_on(Scan found, const Seal& sealed) {
  const auto synced =
      found.sealed.sequence == 0 ? Position{} : Position{found.sealed.segment, found.sealed.offset};
  for (auto number = synced.segment; number <= found.segment; ++number) {
    auto opened = segments.open_for_writing(number);
    if (!opened) return std::unexpected(std::move(opened.error()));
    current = *opened;
  }
  if (found.finding != Finding::whole && found.finding != Finding::unsealed_tail) {
    if (auto done = cut(options, found, *current); !done) return done;
    cut_tail =
        fmt::format("{} ({}): this and all behind it was cut", found.where, name(found.finding));
  }
  if (auto allocated = segments.allocate_ahead(); !allocated) return allocated;
  const auto path = options.directory / "seal";
  const int seal = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (seal < 0) return std::unexpected(system_error("cannot open", path, errno));
  end = {found.segment, found.offset};
  run = static_cast<std::uint16_t>(found.run + 1);
  next_sequence = found.last + 1;
  bytes = found.closed_bytes + found.offset;
  notary = make_notary(sealed);
  sealer.emplace(segments,
                 Sealer::Begin{.chain = std::move(*found.chain),
                               .synced = {found.sealed.sequence, synced},
                               .notary = notary.get()},
                 seal, options.sync_file);
  return {};
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::~Journal() = default;

Done Journal::State::advance() {
  sealer->allocate();
  auto next = segments.advance(end.segment + 1, next_sequence);
  if (!next) return std::unexpected(std::move(next.error()));
  write_end(current->data() + end.offset);
  bytes += current->size() - end.offset + segment_header_bytes;
  current = *next;
  end = {.segment = end.segment + 1};
  return {};
}

std::expected<Location, std::string> Journal::append(Kind kind, std::int64_t time_ns,
                                                     std::int64_t mono_ns, std::string_view actor,
                                                     Bytes payload) {
  auto& state = *state_;
  if (!state.sealer) return std::unexpected("this journal is open for reading");
  if (state.sealer->failed()) return std::unexpected(state.sealer->problem());
  const auto length = padded(record_header_bytes + actor.size() + payload.size());
  if (actor.size() > actor_bytes_max ||
      length > state.options.segment_bytes - segment_header_bytes - end_bytes) {
    return std::unexpected(fmt::format("a record of {} bytes does not fit", length));
  }
  if (state.end.offset + length + end_bytes > state.current->size()) {
    if (auto advanced = state.advance(); !advanced) {
      return std::unexpected(std::move(advanced.error()));
    }
  }
  const auto sequence = state.next_sequence.load(std::memory_order_relaxed);
  state.mono_ns = std::max(state.mono_ns, mono_ns);
  write_record(state.current->data() + state.end.offset,
               {kind, state.run, sequence, time_ns, state.mono_ns, actor}, payload);
  const Location location{sequence, state.end.segment, state.end.offset};
  state.end.offset += length;
  state.current->fetch(state.end.offset);
  // One thread writes: not `fetch_add`, which waits until the caches have taken the whole record.
  state.bytes.store(state.bytes.load(std::memory_order_relaxed) + length,
                    std::memory_order_relaxed);
  state.next_sequence.store(sequence + 1, std::memory_order_release);
  if (kind == Kind::reload) state.reloads.push_back(location);
  if (is_sealed_at_once(kind)) state.sealer->seal_soon(sequence);
  return location;
}

std::uint64_t Journal::next_sequence() const { return state_->next_sequence; }

Record Journal::at(const Location& location) const {
  const auto segment = state_->segments.at(location.segment);
  if (!segment) throw std::runtime_error(segment.error());
  const auto record = view_record((*segment)->data() + location.offset);
  return {.location = location,
          .kind = record.head.kind,
          .time_ns = record.head.time_ns,
          .mono_ns = record.head.mono_ns,
          .actor = record.head.actor,
          .payload = record.payload,
          .run = record.head.run};
}

Done Journal::replay(const std::function<void(const Record&)>& each, const Mark& after,
                     std::uint64_t through) const {
  Position next{after.segment, after.offset};
  const auto last = std::min(through, next_sequence() - 1);
  for (std::uint64_t sequence = after.sequence + 1; sequence <= last;) {
    const auto segment = state_->segments.at(next.segment);
    if (!segment) return std::unexpected(segment.error());
    const auto* record = (*segment)->data() + next.offset;
    const auto length = length_at(record);
    if (length == end_of_segment) {
      next = {.segment = next.segment + 1};
      continue;
    }
    each(at({sequence, next.segment, next.offset}));
    next.offset += padded(length);
    ++sequence;
  }
  return {};
}

const std::vector<Location>& Journal::reloads() const { return state_->reloads; }

std::string_view Journal::cut_tail() const { return state_->cut_tail; }

Done Journal::sync() { return state_->sealer->sync(next_sequence() - 1); }

void Journal::on_sync(std::function<void()> told) { state_->sealer->on_sync(std::move(told)); }

void Journal::hurry() {
  const auto last = next_sequence() - 1;
  if (last > on_disk()) state_->sealer->hurry(last);
}

std::uint64_t Journal::on_disk() const { return state_->sealer->on_disk(); }

std::string Journal::problem() const {
  return state_->sealer && state_->sealer->failed() ? state_->sealer->problem() : std::string();
}

Proofs Journal::proofs() const { return state_->notary ? state_->notary->proofs() : Proofs(); }

std::int64_t Journal::unsynced_age_ns(std::int64_t now_ns) const {
  const auto synced = state_->sealer->synced();
  if (synced.sequence + 1 >= next_sequence()) return 0;
  auto oldest = synced.end;
  auto segment = state_->segments.at(oldest.segment);
  if (segment && length_at((*segment)->data() + oldest.offset) == end_of_segment) {
    oldest = {.segment = oldest.segment + 1};
    segment = state_->segments.at(oldest.segment);
  }
  if (!segment) return std::numeric_limits<std::int64_t>::max();
  const auto record = view_record((*segment)->data() + oldest.offset);
  return std::max<std::int64_t>(now_ns - record.head.time_ns, 0);
}

std::uint64_t Journal::bytes() const { return state_->bytes; }

bool Journal::lacks_space() const { return state_->segments.lacks_space(); }

std::string Journal::space_problem() const { return state_->segments.space_problem(); }

}  // namespace interlock::audit

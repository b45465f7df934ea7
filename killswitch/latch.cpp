#include "killswitch/latch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "killswitch/file.hpp"
#include "killswitch/stored.hpp"

namespace interlock::killswitch {
namespace {

constexpr std::array<std::pair<ScopeKind, std::string_view>, 9> scope_names{{
    {ScopeKind::firm, "firm"},
    {ScopeKind::router, "router"},
    {ScopeKind::venue, "venue"},
    {ScopeKind::account, "account"},
    {ScopeKind::symbol, "symbol"},
    {ScopeKind::parent, "parent"},
    {ScopeKind::algo, "algo"},
    {ScopeKind::trader, "trader"},
    {ScopeKind::desk, "desk"},
}};

constexpr std::array<std::pair<Level, std::string_view>, 3> level_names{{
    {Level::reduce_only, "reduce-only"},
    {Level::block, "block"},
    {Level::kill, "kill"},
}};

constexpr std::uint64_t generation = 2;  // above the firm's bit
constexpr std::int64_t millisecond_ns = 1'000'000;

Kill doubt(const std::filesystem::path& path, std::string_view problem, std::int64_t now_ns) {
  return {.scope = {},
          .source = Source::start,
          .actor = "interlock",
          .cause = fmt::format("the latch file {} cannot be trusted: {}. What was killed before is "
                               "not known: check with the venues what is open, then re-arm",
                               path.string(), problem),
          .tripped_at_ns = now_ns};
}

// No order of anybody may go.
bool shuts_firm(const Scope& scope, Level level) {
  return scope.kind == ScopeKind::firm && level >= Level::block;
}

bool any_firm(const std::vector<Kill>& kills) {
  return std::ranges::any_of(kills,
                             [](const Kill& kill) { return shuts_firm(kill.scope, kill.level); });
}

std::expected<Stored, std::string> load(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  if (!bytes) return std::unexpected(bytes.error());
  return decode(*bytes);
}

}  // namespace

std::string_view name(ScopeKind kind) {
  for (const auto& [known, text] : scope_names) {
    if (known == kind) return text;
  }
  return {};
}

std::optional<ScopeKind> scope_kind_of(std::string_view name) {
  if (name == "everything") return ScopeKind::firm;
  for (const auto& [kind, text] : scope_names) {
    if (text == name) return kind;
  }
  return std::nullopt;
}

std::string_view name(Level level) {
  for (const auto& [known, text] : level_names) {
    if (known == level) return text;
  }
  return {};
}

std::optional<Level> level_of(std::string_view name) {
  for (const auto& [level, text] : level_names) {
    if (text == name) return level;
  }
  return std::nullopt;
}

std::string_view name(Source source) {
  switch (source) {
    case Source::http:
      return "http";
    case Source::socket:
      return "socket";
    case Source::breach:
      return "breach";
    case Source::start:
      return "start";
    case Source::journal:
      return "journal";
    case Source::signal:
      return "signal";
    case Source::internal:
      return "internal";
    case Source::button:
      return "button";
    case Source::file:
      return "file";
  }
  return {};
}

Latch::Latch(std::filesystem::path path, std::int64_t now_ns) : path_(std::move(path)), word_(1) {
  next_id_ = static_cast<std::uint64_t>(std::max<std::int64_t>(now_ns / millisecond_ns, 1));
  auto stored = load(path_);
  if (!stored) {
    note(doubt(path_, stored.error(), now_ns));
    return;
  }
  next_id_ = std::max(next_id_, stored->next_id);
  kills_ = std::move(stored->kills);
  armed_identity_ = std::move(stored->armed_identity);
  clean_stop_ = stored->clean_stop;
  word_ = generation | static_cast<std::uint64_t>(any_firm(kills_));
}

std::uint64_t Latch::change_word(bool firm) noexcept {
  auto current = word_.load();
  std::uint64_t next = 0;
  do {
    next = (current + generation) | static_cast<unsigned>(firm);
  } while (!word_.compare_exchange_weak(current, next));
  return next;
}

std::uint64_t Latch::touch() noexcept {
  const auto word = change_word(false);
  wake();
  return word;
}

bool Latch::shuts(const Scope& scope) const noexcept {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(
      kills_, [&](const Kill& kill) { return kill.level == Level::kill && kill.scope == scope; });
}

Tripped Latch::note(Kill kill) {
  const std::lock_guard lock(mutex_);
  if (kill.scope.kind == ScopeKind::firm) kill.scope.id.clear();
  const auto known = std::ranges::find_if(kills_, [&](const Kill& other) {
    return other.scope == kill.scope && other.level >= kill.level;
  });
  if (known != kills_.end()) return {.kill = *known, .already = true, .problem = {}};
  kill.id = next_id_;
  kills_.push_back(kill);
  ++next_id_;
  ++changes_;
  // Again, since who saw the first change may have asked `active()` before the kill was in it.
  change_word(shuts_firm(kill.scope, kill.level));
  return {.kill = std::move(kill), .problem = {}};
}

void Latch::wake() noexcept {
  try {
    if (wake_) wake_();
  } catch (...) {  // the word has changed: the loop sees it at its next send
  }
}

Tripped Latch::trip_in_memory(Scope scope, Source source, std::string actor, std::string cause,
                              std::int64_t now_ns, Level level) noexcept {
  ++tripping_;
  change_word(shuts_firm(scope, level));
  Tripped tripped;
  try {
    tripped = note({.scope = std::move(scope),
                    .level = level,
                    .source = source,
                    .actor = std::move(actor),
                    .cause = std::move(cause),
                    .tripped_at_ns = now_ns});
  } catch (...) {
    unrecorded_ = true;
    change_word(true);
    tripped.problem = "out of memory";  // short enough to need none
  }
  --tripping_;
  wake();
  return tripped;
}

Tripped Latch::trip(Scope scope, Source source, std::string actor, std::string cause,
                    std::int64_t now_ns, Level level) noexcept {
  auto tripped =
      trip_in_memory(std::move(scope), source, std::move(actor), std::move(cause), now_ns, level);
  if (!tripped.problem.empty()) return tripped;
  auto written = persist();
  tripped.persisted = written.has_value();
  if (!written) tripped.problem = std::move(written.error());
  return tripped;
}

std::expected<void, std::string> Latch::persist() noexcept {
  try {
    const std::lock_guard file(file_mutex_);
    return persist_with_file_locked();
  } catch (...) {
    return std::unexpected("out of memory");
  }
}

std::pair<Stored, std::uint64_t> Latch::state() const {
  const std::lock_guard lock(mutex_);
  return {{next_id_, clean_stop_, armed_identity_, kills_}, changes_};
}

std::expected<void, std::string> Latch::persist_with_file_locked() {
  {
    const std::lock_guard lock(mutex_);
    if (persisted_ == changes_) return {};
  }
  const auto [stored, changes] = state();
  auto written = exchange_file(path_, encode(stored));
  if (!written) return written;
  const std::lock_guard lock(mutex_);
  persisted_ = changes;
  return {};
}

std::vector<Kill> Latch::active() const {
  const std::lock_guard lock(mutex_);
  return kills_;
}

void Latch::stands() {
  const std::lock_guard lock(mutex_);
  ++changes_;
}

// The file may say already that the kill is gone: it is written again.
std::string Latch::stands_because(std::string why) {
  stands();
  const auto written = persist_with_file_locked();
  return written ? why : fmt::format("{}; {}", why, written.error());
}

bool Latch::open_in_memory(const Cleared& cleared) {
  const std::lock_guard lock(mutex_);
  const bool firm = unrecorded_ || std::ranges::any_of(kills_, [&](const Kill& kill) {
                      return shuts_firm(kill.scope, kill.level) && kill.id != cleared.kill.id;
                    });
  auto before = cleared.word;
  const auto after = ((before + generation) & ~std::uint64_t{1}) | std::uint64_t{firm};
  if (tripping_ != 0 || changes_ != cleared.changes ||
      !word_.compare_exchange_strong(before, after)) {
    return false;
  }
  std::erase_if(kills_, [&](const Kill& kill) { return kill.id == cleared.kill.id; });
  persisted_ = ++changes_;
  return true;
}

std::expected<Latch::Cleared, std::string> Latch::store_with_file_locked(std::uint64_t kill_id) {
  const auto word_before = word();
  auto [stored, changes] = state();
  const auto found = std::ranges::find(stored.kills, kill_id, &Kill::id);
  if (found == stored.kills.end()) {
    return std::unexpected(fmt::format("kill {} is not active: list the active kills", kill_id));
  }
  Kill cleared = std::move(*found);
  stored.kills.erase(found);
  if (const auto written = exchange_file(path_, encode(stored)); !written) {
    return std::unexpected(stands_because(fmt::format(
        "kill {} stands: {}. Make the disk writable and approve again", kill_id, written.error())));
  }
  return Cleared{std::move(cleared), word_before, changes};
}

std::expected<Latch::Cleared, std::string> Latch::store_cleared(std::uint64_t kill_id) {
  const std::lock_guard file(file_mutex_);
  return store_with_file_locked(kill_id);
}

namespace {
std::string another_came(std::uint64_t kill_id) {
  return fmt::format("kill {} stands: another kill came while it was cleared. Begin again",
                     kill_id);
}
}  // namespace

std::expected<Kill, std::string> Latch::open(Cleared cleared) {
  if (!open_in_memory(cleared)) {
    stands();
    return std::unexpected(another_came(cleared.kill.id));
  }
  wake();
  return std::move(cleared.kill);
}

std::expected<Kill, std::string> Latch::clear(std::uint64_t kill_id, std::int64_t) {
  const std::lock_guard file(file_mutex_);
  auto cleared = store_with_file_locked(kill_id);
  if (!cleared) return std::unexpected(std::move(cleared.error()));
  if (!open_in_memory(*cleared)) return std::unexpected(stands_because(another_came(kill_id)));
  wake();
  return std::move(cleared->kill);
}

std::string Latch::armed_identity() const {
  const std::lock_guard lock(mutex_);
  return armed_identity_;
}

bool Latch::clean_stop() const {
  const std::lock_guard lock(mutex_);
  return clean_stop_;
}

void Latch::note_armed(std::string identity) {
  const std::lock_guard lock(mutex_);
  armed_identity_ = std::move(identity);
  ++changes_;
}

std::expected<void, std::string> Latch::record_clean_stop(bool clean) {
  {
    const std::lock_guard lock(mutex_);
    clean_stop_ = clean;
    ++changes_;
  }
  return persist();
}

void Latch::on_change(std::function<void()> wake) { wake_ = std::move(wake); }

}  // namespace interlock::killswitch

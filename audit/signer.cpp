#include "audit/signer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "audit/segments.hpp"
#include "audit/stored.hpp"
#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

constexpr std::size_t private_bytes = 40;  // the key, and when it was made

std::string private_name(std::uint32_t number) { return fmt::format("key-{}", number); }

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Overwritten first. A disk may keep a copy of what was written over: docs/audit.md says so.
std::expected<void, std::string> destroy(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return std::unexpected(system_error("cannot destroy", path, errno));
  const std::array<std::byte, private_bytes> zeros{};
  const bool overwritten =
      ::pwrite(file, zeros.data(), zeros.size(), 0) == static_cast<ssize_t>(zeros.size()) &&
      ::fsync(file) == 0;
  const int failed = errno;
  ::close(file);
  if (!overwritten) return std::unexpected(system_error("cannot overwrite", path, failed));
  if (::unlink(path.c_str()) != 0) {
    return std::unexpected(system_error("cannot remove", path, errno));
  }
  return sync_directory(path.parent_path());
}

}  // namespace

std::expected<std::unique_ptr<Signer>, std::string> Signer::open(std::filesystem::path directory,
                                                                 const JournalId& id,
                                                                 std::int64_t key_life_ns) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return std::unexpected(system_error("cannot create", directory, failed.value()));
  if (::chmod(directory.c_str(), 0700) != 0) {
    return std::unexpected(system_error("cannot close to others", directory, errno));
  }
  std::unique_ptr<Signer> signer(new Signer(std::move(directory), id, key_life_ns));
  if (auto loaded = signer->load(); !loaded) return std::unexpected(std::move(loaded.error()));
  return signer;
}

Signer::Done Signer::write(std::string_view file, std::string_view bytes) const {
  return killswitch::replace_file(directory_ / file, bytes);
}

Signer::Done Signer::load() {
  const auto name = to_hex(id_) + "\n";
  const auto path = directory_ / "journal";
  if (std::filesystem::exists(path)) {
    const auto found = killswitch::read_file(path);
    if (!found || *found != name) {
      return std::unexpected(
          fmt::format("{} signs for another journal; for a new one it has to be moved away",
                      directory_.string()));
    }
  } else if (auto written = write("journal", name); !written) {
    return written;
  }
  auto keys = read_keys(directory_, id_);
  if (!keys) return std::unexpected(fmt::format("{}: {}", directory_.string(), keys.error()));
  keys_ = *std::move(keys);
  if (auto loaded = load_last(); !loaded) return loaded;
  if (auto destroyed = destroy_former_keys(); !destroyed) return destroyed;
  return load_private_key();
}

Signer::Done Signer::load_last() {
  if (!keys_.empty()) last_ = {.sequence = keys_.back().sequence};
  if (!std::filesystem::exists(directory_ / "last")) return {};
  const auto bytes = killswitch::read_file(directory_ / "last");
  const auto last = bytes ? decode_checkpoint(bytes_of(*bytes)) : std::unexpected(bytes.error());
  if (!last) return std::unexpected(fmt::format("{}/last {}", directory_.string(), last.error()));
  last_ = *last;
  return {};
}

// Without the private key, with which the last public one belongs, a new one is begun.
Signer::Done Signer::load_private_key() {
  if (keys_.empty()) return {};
  auto bytes = killswitch::read_file(directory_ / private_name(keys_.back().number));
  if (!bytes || bytes->size() != private_bytes) return {};
  const auto raw = bytes_of(*bytes);
  PrivateKey found(raw.first(32));
  begun_ns_ = audit::load<std::int64_t>(raw.data() + 32);
  if (found.public_key() == keys_.back().key) private_ = std::move(found);
  std::ranges::fill(*bytes, '\0');
  return {};
}

// Also those that a crash amid a change has left: a key that is not in the list signed nothing.
Signer::Done Signer::destroy_former_keys() {
  const auto now = keys_.empty() ? std::string() : private_name(keys_.back().number);
  std::vector<std::filesystem::path> former;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("key-") && name != now) former.push_back(entry.path());
  }
  for (const auto& path : former) {
    if (auto destroyed = destroy(path); !destroyed) return destroyed;
  }
  return {};
}

Signer::Done Signer::adopt(std::string_view key_notes) {
  if (!keys_.empty()) return std::unexpected("it has keys of its own");
  auto keys = parse_keys(id_, key_notes);
  if (!keys) return std::unexpected(std::move(keys.error()));
  if (auto written = write("keys", key_notes); !written) return written;
  keys_ = *std::move(keys);
  return load_last();
}

Signer::Done Signer::begin_key(const Checkpoint& at, std::int64_t now_ns) {
  auto fresh = PrivateKey::generate();
  Key key{.number = keys_.empty() ? 1 : keys_.back().number + 1,
          .key = fresh.public_key(),
          .sequence = at.sequence,
          .head = at.head,
          .own = {},
          .by_former = {}};
  const auto text = text_of(id_, key);
  key.own = fresh.sign(text);
  if (private_) key.by_former = private_->sign(text);
  std::array<std::byte, private_bytes> bytes{};
  std::ranges::copy(fresh.raw(), bytes.begin());
  store(bytes.data() + 32, now_ns);
  if (auto written = write(private_name(key.number), as_text(bytes)); !written) return written;
  std::ranges::fill(bytes, std::byte{0});
  auto keys = keys_;
  keys.push_back(key);
  if (auto written = write("keys", encode(id_, keys)); !written) return written;
  keys_ = std::move(keys);
  private_ = std::move(fresh);
  begun_ns_ = now_ns;
  return destroy_former_keys();
}

// The same once more is no past: the answer was lost.
bool Signer::is_past(const Checkpoint& checkpoint) const {
  return checkpoint != last_ &&
         (checkpoint.sequence <= last_.sequence || checkpoint.segment < last_.segment);
}

std::expected<SignedCheckpoint, Refusal> Signer::sign(const Checkpoint& checkpoint,
                                                      std::int64_t now_ns) {
  if (is_past(checkpoint)) {
    return std::unexpected(Refusal{
        fmt::format("record {} of segment {} is not signed, since record {} of segment {} was: "
                    "history is not signed twice",
                    checkpoint.sequence, checkpoint.segment, last_.sequence, last_.segment),
        true});
  }
  const auto failed = [](const Done& done) {
    return std::unexpected(Refusal{done.error(), false});
  };
  if (!private_) {
    if (auto begun = begin_key(checkpoint, now_ns); !begun) return failed(begun);
  }
  // Before the signature leaves: what is not remembered could be signed twice.
  if (auto written = write("last", as_text(encode(checkpoint))); !written) return failed(written);
  last_ = checkpoint;
  const SignedCheckpoint done{keys_.back().number, private_->sign(text_of(id_, checkpoint))};
  if (now_ns - begun_ns_ < key_life_ns_) return done;
  if (auto begun = begin_key(checkpoint, now_ns); !begun) return failed(begun);
  return done;
}

}  // namespace interlock::audit

// Signs the checkpoints of one journal: each sequence once, each beyond the one before, with a key
// that is changed in time and then destroyed. Whoever gets hold of this signer, and even of its key
// of today, cannot sign another past.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/keys.hpp"

namespace interlock::audit {

struct SignedCheckpoint {
  std::uint32_t key = 0;
  Signature signature{};
};

struct Refusal {
  std::string why;
  bool is_past = false;  // it was signed before, or could change what was: never to be signed
};

// Its folder holds `journal` (the id), `keys` (as beside the journal), `key-N` (the private key of
// now, for nobody else to read) and `last` (what was signed last).
class Signer {
 public:
  static constexpr std::int64_t day_ns = 86'400'000'000'000;

  // The error: it cannot be used, and why.
  [[nodiscard]] static std::expected<std::unique_ptr<Signer>, std::string> open(
      std::filesystem::path directory, const JournalId& id, std::int64_t key_life_ns);

  // A key whose life is over is changed behind the signature: it still vouches for the next one.
  [[nodiscard]] std::expected<SignedCheckpoint, Refusal> sign(const Checkpoint& checkpoint,
                                                              std::int64_t now_ns);
  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }
  // The keys that stand beside the journal, for a signer that has lost its folder: it goes on with
  // a new key behind them, which none of them vouches for.
  [[nodiscard]] std::expected<void, std::string> adopt(std::string_view key_notes);

 private:
  using Done = std::expected<void, std::string>;
  Signer(std::filesystem::path directory, const JournalId& id, std::int64_t key_life_ns)
      : directory_(std::move(directory)), id_(id), key_life_ns_(key_life_ns) {}
  Done load();
  Done load_private_key();
  Done load_last();
  Done begin_key(const Checkpoint& at, std::int64_t now_ns);
  Done destroy_former_keys();
  [[nodiscard]] bool is_past(const Checkpoint& checkpoint) const;
  Done write(std::string_view file, std::string_view bytes) const;

  std::filesystem::path directory_;
  JournalId id_;
  std::int64_t key_life_ns_;
  std::vector<Key> keys_;
  std::optional<PrivateKey> private_;  // of the last of them; none: the next signature begins one
  std::int64_t begun_ns_ = 0;          // when it was made, UTC
  Checkpoint last_;                    // what was signed last
};

}  // namespace interlock::audit

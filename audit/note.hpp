// Signed notes (c2sp.org/signed-note, with Ed25519): a text, and below it who signed it. What is
// signed here has the lines of a c2sp.org/tlog-checkpoint.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/hash.hpp"
#include "audit/seal.hpp"

namespace interlock::audit {

using PublicKey = std::array<std::byte, 32>;
using Signature = std::array<std::byte, 64>;

class PrivateKey {
 public:
  static PrivateKey generate();
  explicit PrivateKey(Bytes raw);  // 32 bytes
  [[nodiscard]] Signature sign(std::string_view text) const;
  [[nodiscard]] PublicKey public_key() const;
  [[nodiscard]] std::array<std::byte, 32> raw() const;  // a secret

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const;
  };
  explicit PrivateKey(EVP_PKEY* key) : key_(key) {}
  std::unique_ptr<EVP_PKEY, Free> key_;
};

[[nodiscard]] bool has_signed(const PublicKey& key, std::string_view text,
                              const Signature& signature);

[[nodiscard]] std::string to_base64(Bytes bytes);
// Nothing: it is not the base64 of that many bytes.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text, std::size_t bytes);

// SHA-256 of the public key in hex: what `interlock audit verify --key` takes.
[[nodiscard]] std::string fingerprint(const PublicKey& key);

// "interlock/4f0c...": the name under which the keys of a journal sign.
[[nodiscard]] std::string journal_name(const JournalId& id);
// The key for other people's programs: name, key id, and base64 of its type and bytes.
[[nodiscard]] std::string verifier_key(const JournalId& id, const PublicKey& key);

// The tree of a segment is a log of its own: its name, its size, its root; then how far the whole
// journal is, and the head of the chain there.
[[nodiscard]] std::string text_of(const JournalId& id, const Checkpoint& checkpoint);

struct Signed {
  PublicKey key{};
  Signature signature{};
};
[[nodiscard]] std::string note_of(std::string_view text, const JournalId& id,
                                  const std::vector<Signed>& signatures);

// A note apart, as far as it is one. Signatures are looked at by whoever knows the keys.
struct Note {
  std::string text;
  struct Line {
    std::string name;
    std::uint32_t key_id = 0;
    Signature signature{};
  };
  std::vector<Line> lines;
};
[[nodiscard]] std::expected<Note, std::string> parse_note(std::string_view note);
// Whether a line below it is this key's and right.
[[nodiscard]] bool is_signed_by(const Note& note, const JournalId& id, const PublicKey& key);

}  // namespace interlock::audit

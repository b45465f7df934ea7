// The public keys of a journal, one after the other, and the signatures that they made: the files
// `keys` and `signatures` beside the seal.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/note.hpp"

namespace interlock::audit {

// A key, and the checkpoint at which it was made: it signs nothing before that, the key before it
// nothing behind.
struct Key {
  std::uint32_t number = 0;  // from 1
  PublicKey key{};
  std::uint64_t sequence = 0;
  Hash head{};
  Signature own{};
  std::optional<Signature> by_former;  // absent: the first, or the former key was lost
  friend bool operator==(const Key&, const Key&) = default;
};

[[nodiscard]] std::string text_of(const JournalId& id, const Key& key);
// A row of notes.
[[nodiscard]] std::string encode(const JournalId& id, const std::vector<Key>& keys);
// Each byte is looked at, and each signature; the error names the key.
[[nodiscard]] std::expected<std::vector<Key>, std::string> parse_keys(const JournalId& id,
                                                                      std::string_view notes);
// No file: no keys.
[[nodiscard]] std::expected<std::vector<Key>, std::string> read_keys(
    const std::filesystem::path& directory, const JournalId& id);

struct SignatureEntry {
  std::uint64_t sequence = 0;  // of the checkpoint
  std::uint32_t key = 0;
  Signature signature{};
};

constexpr std::size_t signatures_header_bytes = 64;
constexpr std::size_t signature_bytes = 80;

[[nodiscard]] std::array<std::byte, signatures_header_bytes> encode_signatures_header(
    const JournalId& id);
[[nodiscard]] std::array<std::byte, signature_bytes> encode(const SignatureEntry& entry);

struct Signatures {
  std::vector<SignatureEntry> entries;
  bool torn = false;  // the file ends within one
};
// No file: no signatures.
[[nodiscard]] std::expected<Signatures, std::string> read_signatures(
    const std::filesystem::path& directory, const JournalId& id);

}  // namespace interlock::audit

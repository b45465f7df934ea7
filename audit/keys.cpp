#include "audit/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "audit/crc32c.hpp"
#include "audit/stored.hpp"
#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

constexpr std::string_view magic = "ILSIGS\r\n";
constexpr std::uint32_t version = 1;
constexpr std::size_t header_crc_at = 60, crc_at = 12;

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t number = 0;
  const auto* end = digits.data() + digits.size();
  const auto [at, failed] = std::from_chars(digits.data(), end, number);
  if (failed != std::errc() || at != end) return std::nullopt;
  return number;
}

// The next line without its end, of at least that beginning, which is taken off.
std::string_view line_of(std::string_view& text, std::string_view begin) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line.starts_with(begin) ? line.substr(begin.size()) : std::string_view();
}

std::expected<Key, std::string> parse_key(const JournalId& id, std::string_view bytes,
                                          const Key* former) {
  const auto note = parse_note(bytes);
  if (!note) return std::unexpected(note.error());
  std::string_view text = note->text;
  Key key;
  line_of(text, "");  // the origin is compared below, with all else
  const auto number = number_of(line_of(text, ""));
  const auto public_key = from_base64(line_of(text, ""), key.key.size());
  const auto sequence = number_of(line_of(text, "sequence "));
  const auto head = from_base64(line_of(text, "chain "), key.head.size());
  if (!number || !public_key || !sequence || !head) return std::unexpected("it cannot be read");
  key.number = static_cast<std::uint32_t>(*number);
  key.sequence = *sequence;
  std::ranges::copy(bytes_of(*public_key), key.key.begin());
  std::ranges::copy(bytes_of(*head), key.head.begin());
  key.own = note->lines.back().signature;
  if (note->lines.size() == 2) key.by_former = note->lines.front().signature;
  if (key.by_former && former == nullptr) return std::unexpected("there is no former key");
  std::vector<Signed> signatures{{key.key, key.own}};
  if (key.by_former) signatures.insert(signatures.begin(), {former->key, *key.by_former});
  if (note_of(text_of(id, key), id, signatures) != bytes) {
    return std::unexpected("it is not written as such a statement is, or of another journal");
  }
  if (key.number != (former == nullptr ? 1 : former->number + 1)) {
    return std::unexpected(fmt::format("the key {} stands in its place", key.number));
  }
  if (former != nullptr && key.sequence < former->sequence) {
    return std::unexpected("it begins before the key before it");
  }
  if (!has_signed(key.key, note->text, key.own)) {
    return std::unexpected("its own signature is wrong");
  }
  if (key.by_former && !has_signed(former->key, note->text, *key.by_former)) {
    return std::unexpected("the former key's signature is wrong");
  }
  return key;
}

}  // namespace

std::string text_of(const JournalId& id, const Key& key) {
  return fmt::format("{}/keys\n{}\n{}\nsequence {}\nchain {}\n", journal_name(id), key.number,
                     to_base64(key.key), key.sequence, to_base64(key.head));
}

std::string encode(const JournalId& id, const std::vector<Key>& keys) {
  std::string notes;
  const Key* former = nullptr;
  for (const auto& key : keys) {
    std::vector<Signed> signatures;
    if (key.by_former && former != nullptr) signatures.push_back({former->key, *key.by_former});
    signatures.push_back({key.key, key.own});
    notes += note_of(text_of(id, key), id, signatures) + "\n";
    former = &key;
  }
  return notes;
}

std::expected<std::vector<Key>, std::string> parse_keys(const JournalId& id,
                                                        std::string_view notes) {
  std::vector<Key> keys;
  while (!notes.empty()) {
    // The text ends with an empty line, and so do the signatures below it.
    const auto text = std::min(notes.find("\n\n"), notes.size());
    const auto end = notes.find("\n\n", std::min(text + 2, notes.size()));
    if (end == notes.npos) {
      return std::unexpected(fmt::format("the statement of key {} does not end", keys.size() + 1));
    }
    auto key = parse_key(id, notes.substr(0, end + 1), keys.empty() ? nullptr : &keys.back());
    if (!key) {
      return std::unexpected(
          fmt::format("the statement of key {}: {}", keys.size() + 1, key.error()));
    }
    keys.push_back(*key);
    notes.remove_prefix(end + 2);
  }
  return keys;
}

std::expected<std::vector<Key>, std::string> read_keys(const std::filesystem::path& directory,
                                                       const JournalId& id) {
  std::error_code ignored;
  if (!std::filesystem::exists(directory / "keys", ignored)) return {};
  const auto file = killswitch::read_file(directory / "keys");
  if (!file) return std::unexpected(fmt::format("the keys cannot be read: {}", file.error()));
  return parse_keys(id, *file);
}

std::array<std::byte, signatures_header_bytes> encode_signatures_header(const JournalId& id) {
  std::array<std::byte, signatures_header_bytes> bytes{};
  std::memcpy(bytes.data(), magic.data(), magic.size());
  store(bytes.data() + 8, version);
  std::ranges::copy(id, bytes.begin() + 12);
  store(bytes.data() + header_crc_at, crc32c(Bytes(bytes).first(header_crc_at)));
  return bytes;
}

std::array<std::byte, signature_bytes> encode(const SignatureEntry& entry) {
  std::array<std::byte, signature_bytes> bytes{};
  store(bytes.data(), entry.sequence);
  store(bytes.data() + 8, entry.key);
  std::ranges::copy(entry.signature, bytes.begin() + crc_at + 4);
  const Bytes all(bytes);
  store(bytes.data() + crc_at, crc32c(all.subspan(crc_at + 4), crc32c(all.first(crc_at))));
  return bytes;
}

std::expected<Signatures, std::string> read_signatures(const std::filesystem::path& directory,
                                                       const JournalId& id) {
  Signatures signatures;
  std::error_code ignored;
  if (!std::filesystem::exists(directory / "signatures", ignored)) return signatures;
  const auto file = killswitch::read_file(directory / "signatures");
  if (!file) return std::unexpected(fmt::format("they cannot be read: {}", file.error()));
  auto rest = bytes_of(*file);
  if (!std::ranges::equal(rest.first(std::min(rest.size(), signatures_header_bytes)),
                          encode_signatures_header(id))) {
    return std::unexpected("the file's header is of another version or journal");
  }
  rest = rest.subspan(signatures_header_bytes);
  for (; rest.size() >= signature_bytes; rest = rest.subspan(signature_bytes)) {
    SignatureEntry entry{.sequence = load<std::uint64_t>(rest.data()),
                         .key = load<std::uint32_t>(rest.data() + 8)};
    std::ranges::copy(rest.subspan(crc_at + 4, entry.signature.size()), entry.signature.begin());
    if (!std::ranges::equal(encode(entry), rest.first(signature_bytes))) {
      return std::unexpected(
          fmt::format("signature {} has a wrong checksum", signatures.entries.size() + 1));
    }
    signatures.entries.push_back(entry);
  }
  signatures.torn = !rest.empty();
  return signatures;
}

}  // namespace interlock::audit

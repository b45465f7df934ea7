#include "audit/note.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

namespace interlock::audit {
namespace {

constexpr std::string_view dash = "\u2014 ";
constexpr std::byte ed25519[] = {std::byte{1}};  // the type of the signature

const unsigned char* raw_bytes(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
template <std::size_t size>
unsigned char* room_of(std::array<std::byte, size>& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};
using Digest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

std::uint32_t key_id(std::string_view name, const PublicKey& key) {
  const auto hash = sha256({bytes_of(name), bytes_of("\n"), ed25519, key});
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < 4; ++i) id = id << 8 | std::to_integer<std::uint32_t>(hash[i]);
  return id;
}

std::string big_endian(std::uint32_t number) {
  std::string bytes(4, '\0');
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<char>(number >> (24 - 8 * i));
  return bytes;
}

std::expected<Note::Line, std::string> parse_line(std::string_view line) {
  if (!line.starts_with(dash)) return std::unexpected("a signature does not begin with a dash");
  line.remove_prefix(dash.size());
  const auto space = line.find(' ');
  if (space == 0 || space == line.npos) return std::unexpected("a signature has no name");
  Note::Line parsed{.name = std::string(line.substr(0, space))};
  const auto bytes = from_base64(line.substr(space + 1), 4 + parsed.signature.size());
  if (!bytes) return std::unexpected("a signature has not the length of Ed25519");
  for (std::size_t i = 0; i < 4; ++i) {
    parsed.key_id = parsed.key_id << 8 | static_cast<unsigned char>((*bytes)[i]);
  }
  std::ranges::copy(bytes_of(*bytes).subspan(4), parsed.signature.begin());
  return parsed;
}

}  // namespace

void PrivateKey::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

PrivateKey PrivateKey::generate() {
  auto* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (key == nullptr) throw std::runtime_error("no key: the system's generator failed");
  return PrivateKey(key);
}

PrivateKey::PrivateKey(Bytes raw)
    : key_(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw_bytes(raw), raw.size())) {
  if (!key_) throw std::runtime_error("these bytes are no key");
}

Signature PrivateKey::sign(std::string_view text) const {
  const Digest digest(EVP_MD_CTX_new());
  Signature signature;
  auto size = signature.size();
  if (EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(digest.get(), room_of(signature), &size, raw_bytes(bytes_of(text)),
                     text.size()) != 1) {
    throw std::runtime_error("Ed25519 failed");
  }
  return signature;
}

PublicKey PrivateKey::public_key() const {
  PublicKey key;
  auto size = key.size();
  if (EVP_PKEY_get_raw_public_key(key_.get(), room_of(key), &size) != 1) {
    throw std::runtime_error("Ed25519 failed");
  }
  return key;
}

std::array<std::byte, 32> PrivateKey::raw() const {
  std::array<std::byte, 32> key;
  auto size = key.size();
  if (EVP_PKEY_get_raw_private_key(key_.get(), room_of(key), &size) != 1) {
    throw std::runtime_error("Ed25519 failed");
  }
  return key;
}

bool has_signed(const PublicKey& key, std::string_view text, const Signature& signature) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> its(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw_bytes(key), key.size()),
      &EVP_PKEY_free);
  const Digest digest(EVP_MD_CTX_new());
  return its && EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, its.get()) == 1 &&
         EVP_DigestVerify(digest.get(), raw_bytes(signature), signature.size(),
                          raw_bytes(bytes_of(text)), text.size()) == 1;
}

std::string to_base64(Bytes bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), raw_bytes(bytes),
                                    static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text, std::size_t bytes) {
  if (text.size() != (bytes + 2) / 3 * 4) return std::nullopt;
  std::string decoded(text.size() / 4 * 3, '\0');
  const auto size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                    raw_bytes(bytes_of(text)), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  decoded.resize(bytes);
  // There is one way to write it: the decoder takes more than that.
  if (to_base64(bytes_of(decoded)) != text) return std::nullopt;
  return decoded;
}

std::string fingerprint(const PublicKey& key) { return to_hex(sha256({key})); }

std::string journal_name(const JournalId& id) { return "interlock/" + to_hex(id); }

std::string verifier_key(const JournalId& id, const PublicKey& key) {
  const auto name = journal_name(id);
  std::vector<std::byte> typed(std::begin(ed25519), std::end(ed25519));
  typed.insert(typed.end(), key.begin(), key.end());
  return fmt::format("{}+{:08x}+{}", name, key_id(name, key), to_base64(typed));
}

std::string text_of(const JournalId& id, const Checkpoint& checkpoint) {
  return fmt::format("{}/{}\n{}\n{}\nsequence {}\nchain {}\n", journal_name(id), checkpoint.segment,
                     checkpoint.records, to_base64(checkpoint.root), checkpoint.sequence,
                     to_base64(checkpoint.head));
}

std::string note_of(std::string_view text, const JournalId& id,
                    const std::vector<Signed>& signatures) {
  const auto name = journal_name(id);
  auto note = fmt::format("{}\n", text);
  for (const auto& [key, signature] : signatures) {
    auto bytes = big_endian(key_id(name, key));
    bytes.append(reinterpret_cast<const char*>(signature.data()), signature.size());
    note += fmt::format("{}{} {}\n", dash, name, to_base64(bytes_of(bytes)));
  }
  return note;
}

std::expected<Note, std::string> parse_note(std::string_view note) {
  const auto blank = note.rfind("\n\n");
  if (blank == note.npos) return std::unexpected("it has no signature");
  Note parsed{.text = std::string(note.substr(0, blank + 1)), .lines = {}};
  for (auto rest = note.substr(blank + 2); !rest.empty();) {
    const auto end = rest.find('\n');
    if (end == rest.npos) return std::unexpected("its last line does not end");
    auto line = parse_line(rest.substr(0, end));
    if (!line) return std::unexpected(line.error());
    parsed.lines.push_back(*std::move(line));
    rest.remove_prefix(end + 1);
  }
  if (parsed.lines.empty()) return std::unexpected("it has no signature");
  return parsed;
}

bool is_signed_by(const Note& note, const JournalId& id, const PublicKey& key) {
  const auto name = journal_name(id);
  return std::ranges::any_of(note.lines, [&](const Note::Line& line) {
    return line.name == name && line.key_id == key_id(name, key) &&
           has_signed(key, note.text, line.signature);
  });
}

}  // namespace interlock::audit

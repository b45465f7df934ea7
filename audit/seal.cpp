#include "audit/seal.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <cstring>
#include <stdexcept>

#include "audit/crc32c.hpp"
#include "audit/stored.hpp"
#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

constexpr std::string_view magic = "ILSEAL\r\n";
constexpr std::uint32_t version = 1;
constexpr std::size_t header_crc_at = 60;
constexpr std::size_t crc_at = 20;

std::uint32_t checksum(Bytes checkpoint) {
  return crc32c(checkpoint.subspan(crc_at + 4), crc32c(checkpoint.first(crc_at)));
}

std::expected<Checkpoint, std::string> parse(Bytes bytes, std::uint64_t before) {
  Checkpoint checkpoint{.sequence = load<std::uint64_t>(bytes.data()),
                        .offset = load<std::uint64_t>(bytes.data() + 8),
                        .segment = load<std::uint32_t>(bytes.data() + 16)};
  std::ranges::copy(bytes.subspan(24), checkpoint.head.begin());
  if (load<std::uint32_t>(bytes.data() + crc_at) != checksum(bytes)) {
    return std::unexpected("has a wrong checksum");
  }
  if (checkpoint.sequence <= before) return std::unexpected("is out of order");
  return checkpoint;
}

}  // namespace

Chain::Chain(const JournalId& id) : digest_(EVP_MD_CTX_new()) {
  hash(std::as_bytes(std::span(std::string_view("interlock journal"))), id);
}

void Chain::Free::operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }

void Chain::hash(Bytes first, Bytes second) {
  if (EVP_DigestInit_ex2(digest_.get(), EVP_sha256(), nullptr) != 1 ||
      EVP_DigestUpdate(digest_.get(), first.data(), first.size()) != 1 ||
      EVP_DigestUpdate(digest_.get(), second.data(), second.size()) != 1 ||
      EVP_DigestFinal_ex(digest_.get(), reinterpret_cast<unsigned char*>(head_.data()), nullptr) !=
          1) {
    throw std::runtime_error("SHA-256 failed");
  }
}

void Chain::add(Bytes padded_record) { hash(head_, padded_record); }

std::array<std::byte, seal_header_bytes> encode_seal_header(const JournalId& id) {
  std::array<std::byte, seal_header_bytes> bytes{};
  std::memcpy(bytes.data(), magic.data(), magic.size());
  store(bytes.data() + 8, version);
  std::ranges::copy(id, bytes.begin() + 12);
  store(bytes.data() + header_crc_at, crc32c(Bytes(bytes).first(header_crc_at)));
  return bytes;
}

std::array<std::byte, checkpoint_bytes> encode(const Checkpoint& checkpoint) {
  std::array<std::byte, checkpoint_bytes> bytes{};
  store(bytes.data(), checkpoint.sequence);
  store(bytes.data() + 8, checkpoint.offset);
  store(bytes.data() + 16, checkpoint.segment);
  std::ranges::copy(checkpoint.head, bytes.begin() + 24);
  store(bytes.data() + crc_at, checksum(bytes));
  return bytes;
}

std::expected<Seal, std::string> read_seal(const std::filesystem::path& directory) {
  const auto file = killswitch::read_file(directory / "seal");
  if (!file) return std::unexpected(fmt::format("the seal cannot be read: {}", file.error()));
  auto rest = std::as_bytes(std::span(*file));
  if (rest.size() < seal_header_bytes ||
      std::memcmp(rest.data(), magic.data(), magic.size()) != 0 ||
      load<std::uint32_t>(rest.data() + header_crc_at) != crc32c(rest.first(header_crc_at)) ||
      load<std::uint32_t>(rest.data() + 8) != version) {
    return std::unexpected("the seal has no header that this build can read");
  }
  Seal seal;
  std::copy_n(rest.begin() + 12, seal.id.size(), seal.id.begin());
  rest = rest.subspan(seal_header_bytes);
  std::uint64_t before = 0;
  for (; rest.size() >= checkpoint_bytes; rest = rest.subspan(checkpoint_bytes)) {
    auto checkpoint = parse(rest.first(checkpoint_bytes), before);
    if (!checkpoint) {
      return std::unexpected(
          fmt::format("checkpoint {} {}", seal.checkpoints.size() + 1, checkpoint.error()));
    }
    before = checkpoint->sequence;
    seal.checkpoints.push_back(*checkpoint);
  }
  seal.torn = !rest.empty();
  return seal;
}

std::string to_hex(const Head& head) {
  std::string hex;
  const auto* bytes = reinterpret_cast<const unsigned char*>(head.data());
  boost::algorithm::hex_lower(bytes, bytes + head.size(), std::back_inserter(hex));
  return hex;
}

}  // namespace interlock::audit

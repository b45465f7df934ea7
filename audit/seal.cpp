#include "audit/seal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "audit/crc32c.hpp"
#include "audit/stored.hpp"
#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

constexpr std::string_view magic = "ILSEAL\r\n";
constexpr std::uint32_t version = 2;
constexpr std::size_t header_crc_at = 60;
constexpr std::size_t crc_at = 20, head_at = 24, root_at = 56, records_at = 88;

std::uint32_t checksum(Bytes checkpoint) {
  return crc32c(checkpoint.subspan(crc_at + 4), crc32c(checkpoint.first(crc_at)));
}

}  // namespace

Chain::Chain(const JournalId& id) : head_(sha256({bytes_of("interlock journal"), id})) {}

void Chain::add(const Hash& leaf) {
  head_ = sha256({head_, leaf});
  tree_.add(leaf);
}

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
  std::ranges::copy(checkpoint.head, bytes.begin() + head_at);
  std::ranges::copy(checkpoint.root, bytes.begin() + root_at);
  store(bytes.data() + records_at, checkpoint.records);
  store(bytes.data() + crc_at, checksum(bytes));
  return bytes;
}

std::expected<Checkpoint, std::string> decode_checkpoint(Bytes bytes) {
  if (bytes.size() != checkpoint_bytes) return std::unexpected("is not whole");
  Checkpoint checkpoint{.sequence = load<std::uint64_t>(bytes.data()),
                        .offset = load<std::uint64_t>(bytes.data() + 8),
                        .segment = load<std::uint32_t>(bytes.data() + 16),
                        .records = load<std::uint32_t>(bytes.data() + records_at)};
  std::ranges::copy(bytes.subspan(head_at, checkpoint.head.size()), checkpoint.head.begin());
  std::ranges::copy(bytes.subspan(root_at, checkpoint.root.size()), checkpoint.root.begin());
  if (load<std::uint32_t>(bytes.data() + crc_at) != checksum(bytes)) {
    return std::unexpected("has a wrong checksum");
  }
  if (load<std::uint32_t>(bytes.data() + records_at + 4) != 0) {
    return std::unexpected("has bytes that mean nothing");
  }
  return checkpoint;
}

std::expected<Seal, std::string> read_seal(const std::filesystem::path& directory) {
  const auto file = killswitch::read_file(directory / "seal");
  if (!file) return std::unexpected(fmt::format("the seal cannot be read: {}", file.error()));
  auto rest = std::as_bytes(std::span(*file));
  if (rest.size() < seal_header_bytes ||
      std::memcmp(rest.data(), magic.data(), magic.size()) != 0 ||
      load<std::uint32_t>(rest.data() + header_crc_at) != crc32c(rest.first(header_crc_at))) {
    return std::unexpected("the seal has no header");
  }
  if (const auto found = load<std::uint32_t>(rest.data() + 8); found != version) {
    return std::unexpected(
        fmt::format("the seal's version is {}, this build reads {}", found, version));
  }
  Seal seal;
  std::copy_n(rest.begin() + 12, seal.id.size(), seal.id.begin());
  rest = rest.subspan(seal_header_bytes);
  std::uint64_t before = 0;
  for (; rest.size() >= checkpoint_bytes; rest = rest.subspan(checkpoint_bytes)) {
    const auto one = rest.first(checkpoint_bytes);
    const bool is_last = rest.size() < 2 * checkpoint_bytes;
    const bool is_whole = load<std::uint32_t>(one.data() + crc_at) == checksum(one);
    if (is_last && !is_whole) break;  // power was cut while it was written
    const auto checkpoint = decode_checkpoint(one);
    if (!checkpoint || checkpoint->sequence <= before) {
      return std::unexpected(
          fmt::format("checkpoint {} {}", seal.checkpoints.size() + 1,
                      checkpoint ? std::string("is out of order") : checkpoint.error()));
    }
    before = checkpoint->sequence;
    seal.checkpoints.push_back(*checkpoint);
  }
  seal.torn = !rest.empty();
  return seal;
}

}  // namespace interlock::audit

// The hash chain over the records, and the checkpoints of it that the seal file holds.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/hash.hpp"
#include "audit/layout.hpp"
#include "audit/merkle.hpp"

namespace interlock::audit {

// h(0) binds the journal's id; each record moves the head on. Beside it grows the tree of the
// segment in which the last record stands.
class Chain {
 public:
  explicit Chain(const JournalId& id);
  explicit Chain(const Hash& head) : head_(head) {}  // where a segment begins
  void add(Bytes padded_record) { add(leaf_hash(padded_record)); }
  void add(const Hash& leaf);
  // The records to come stand in the next segment.
  void begin_segment() { tree_ = {}; }
  [[nodiscard]] const Hash& head() const { return head_; }
  [[nodiscard]] const Tree& tree() const { return tree_; }

 private:
  Hash head_;
  Tree tree_;
};

struct Checkpoint {
  std::uint64_t sequence = 0;
  std::uint64_t offset = 0;  // at which the record ends
  std::uint32_t segment = 0;
  std::uint32_t records = 0;  // of that segment so far: the size of its tree
  Hash head{};                // of the chain
  Hash root{};                // of that tree
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

constexpr std::size_t seal_header_bytes = 64;
constexpr std::size_t checkpoint_bytes = 96;

[[nodiscard]] std::array<std::byte, seal_header_bytes> encode_seal_header(const JournalId& id);
[[nodiscard]] std::array<std::byte, checkpoint_bytes> encode(const Checkpoint& checkpoint);

// The error says what is wrong with it.
[[nodiscard]] std::expected<Checkpoint, std::string> decode_checkpoint(Bytes bytes);

struct Seal {
  JournalId id{};
  std::vector<Checkpoint> checkpoints;
  bool torn = false;  // the last checkpoint is not whole
};

// The error says what is wrong with the file, and where.
[[nodiscard]] std::expected<Seal, std::string> read_seal(const std::filesystem::path& directory);

}  // namespace interlock::audit

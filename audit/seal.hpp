// The hash chain over the records, and the checkpoints of it that the seal file holds.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "audit/layout.hpp"

namespace interlock::audit {

using Head = std::array<std::byte, 32>;

// h(0) binds the journal's id; each record moves the head on.
class Chain {
 public:
  explicit Chain(const JournalId& id);
  void add(Bytes padded_record);
  [[nodiscard]] const Head& head() const { return head_; }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* digest) const;
  };
  void hash(Bytes first, Bytes second);

  std::unique_ptr<EVP_MD_CTX, Free> digest_;
  Head head_{};
};

struct Checkpoint {
  std::uint64_t sequence = 0;
  std::uint64_t offset = 0;  // at which the record ends
  std::uint32_t segment = 0;
  Head head{};
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

constexpr std::size_t seal_header_bytes = 64;
constexpr std::size_t checkpoint_bytes = 56;

[[nodiscard]] std::array<std::byte, seal_header_bytes> encode_seal_header(const JournalId& id);
[[nodiscard]] std::array<std::byte, checkpoint_bytes> encode(const Checkpoint& checkpoint);

struct Seal {
  JournalId id{};
  std::vector<Checkpoint> checkpoints;
  bool torn = false;  // the file ends within a checkpoint
};

// The error says what is wrong with the file, and where.
[[nodiscard]] std::expected<Seal, std::string> read_seal(const std::filesystem::path& directory);

[[nodiscard]] std::string to_hex(const Head& head);

}  // namespace interlock::audit

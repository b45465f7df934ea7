// The tree of RFC 6962, section 2.1, over the records of one segment: its root stands for all of
// them, and a few hashes prove that one record is among them.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "audit/hash.hpp"

namespace interlock::audit {

[[nodiscard]] Hash leaf_hash(Bytes record);
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);

// Grows by leaves and keeps only what its root needs: at most one hash a level.
class Tree {
 public:
  void add(const Hash& leaf);
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] Hash root() const;

 private:
  std::uint32_t size_ = 0;
  std::vector<Hash> peaks_;  // of the complete subtrees, the largest first
};

// From the leaf's sibling to the child of the root (RFC 6962, section 2.1.1).
[[nodiscard]] std::vector<Hash> inclusion_path(std::span<const Hash> leaves, std::uint32_t index);
// The root that such a path leads to; the error: it has not the length that it must have.
[[nodiscard]] std::expected<Hash, std::string> root_by_path(const Hash& leaf, std::uint32_t index,
                                                            std::uint32_t size,
                                                            std::span<const Hash> path);

}  // namespace interlock::audit

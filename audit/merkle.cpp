#include "audit/merkle.hpp"

#include <bit>

namespace interlock::audit {
namespace {

// Leaves and nodes are hashed behind different bytes, so that no node passes for a record.
constexpr std::byte leaf_prefix[] = {std::byte{0}};
constexpr std::byte node_prefix[] = {std::byte{1}};

Hash root_of(std::span<const Hash> leaves) {
  Tree tree;
  for (const auto& leaf : leaves) tree.add(leaf);
  return tree.root();
}

}  // namespace

Hash leaf_hash(Bytes record) { return sha256({leaf_prefix, record}); }

Hash node_hash(const Hash& left, const Hash& right) { return sha256({node_prefix, left, right}); }

void Tree::add(const Hash& leaf) {
  Hash node = leaf;
  for (auto same = std::countr_one(size_); same > 0; --same) {
    node = node_hash(peaks_.back(), node);
    peaks_.pop_back();
  }
  peaks_.push_back(node);
  ++size_;
}

Hash Tree::root() const {
  if (peaks_.empty()) return sha256({});
  Hash root = peaks_.back();
  for (auto left = peaks_.rbegin() + 1; left != peaks_.rend(); ++left) {
    root = node_hash(*left, root);
  }
  return root;
}

std::vector<Hash> inclusion_path(std::span<const Hash> leaves, std::uint32_t index) {
  if (leaves.size() < 2) return {};
  const auto split = std::bit_floor(leaves.size() - 1);
  const bool is_left = index < split;
  auto path =
      is_left ? inclusion_path(leaves.first(split), index)
              : inclusion_path(leaves.subspan(split), index - static_cast<std::uint32_t>(split));
  path.push_back(root_of(is_left ? leaves.subspan(split) : leaves.first(split)));
  return path;
}

std::expected<Hash, std::string> root_by_path(const Hash& leaf, std::uint32_t index,
                                              std::uint32_t size, std::span<const Hash> path) {
  if (index >= size) return std::unexpected("the index is beyond the tree");
  Hash node = leaf;
  std::uint32_t last = size - 1;
  for (const auto& sibling : path) {
    if (last == 0) return std::unexpected("the path is too long");
    if (index % 2 == 1 || index == last) {
      node = node_hash(sibling, node);
      // A node without a sibling stands on the next level as it is.
      while (index % 2 == 0 && index != 0) index /= 2, last /= 2;
    } else {
      node = node_hash(node, sibling);
    }
    index /= 2;
    last /= 2;
  }
  if (last != 0) return std::unexpected("the path is too short");
  return node;
}

}  // namespace interlock::audit

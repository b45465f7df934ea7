#include "audit/merkle.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "audit/seal.hpp"
#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::Scratch;

namespace {

// The leaves and roots that implementations of Certificate Transparency are tried with.
const std::vector<std::string> known_leaves{"",
                                            "00",
                                            "10",
                                            "2021",
                                            "3031",
                                            "40414243",
                                            "5051525354555657",
                                            "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> known_roots{
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

std::vector<Hash> leaves_up_to(std::uint32_t count) {
  std::vector<Hash> leaves;
  for (std::uint32_t i = 0; i < count; ++i) {
    leaves.push_back(leaf_hash(interlock::audit::bytes_of("record " + std::to_string(i))));
  }
  return leaves;
}

}  // namespace

TEST_CASE("merkle: the roots are those of RFC 6962") {
  Tree tree;
  CHECK(to_hex(tree.root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < known_leaves.size(); ++i) {
    tree.add(leaf_hash(interlock::audit::bytes_of(from_hex(known_leaves[i]))));
    CHECK(tree.size() == i + 1);
    CHECK(to_hex(tree.root()) == known_roots[i]);
  }
}

TEST_CASE("merkle: each leaf of each tree leads to its root, and to no other index or size") {
  Tree tree;
  const auto leaves = leaves_up_to(40);
  for (std::uint32_t size = 1; size <= leaves.size(); ++size) {
    tree.add(leaves[size - 1]);
    for (std::uint32_t index = 0; index < size; ++index) {
      auto path = inclusion_path(std::span(leaves).first(size), index);
      CHECK(root_by_path(leaves[index], index, size, path) == tree.root());
      if (index + 1 < size) {
        CHECK(root_by_path(leaves[index], index + 1, size, path) != tree.root());
        CHECK(root_by_path(leaves[index + 1], index, size, path) != tree.root());
      }
      path.push_back(leaves[0]);
      CHECK_FALSE(root_by_path(leaves[index], index, size, path).has_value());
      path.pop_back();
      if (path.empty()) continue;
      path.pop_back();
      CHECK_FALSE(root_by_path(leaves[index], index, size, path).has_value());
    }
    CHECK_FALSE(root_by_path(leaves[0], size, size, {}).has_value());
  }
}

TEST_CASE("seal: each closed segment ends with a checkpoint, whose root is that of its records") {
  const Scratch scratch;
  add_many(*open(scratch.path()), 200);
  add_many(*open(scratch.path()), 100);
  const auto seal = read_seal(scratch.path());
  REQUIRE(seal.has_value());
  Tree tree;
  std::uint32_t number = 1;
  std::vector<std::uint64_t> closings;
  const auto close = [&](std::uint64_t last) {
    const auto found = std::ranges::find(seal->checkpoints, last, &Checkpoint::sequence);
    REQUIRE(found != seal->checkpoints.end());
    CHECK(found->segment == number);
    CHECK(found->records == tree.size());
    CHECK(found->root == tree.root());
    closings.push_back(last);
    tree = {};
  };
  REQUIRE(read(scratch.path(), [&](const Record& record) {
            if (record.location.segment != number) close(record.location.sequence - 1);
            number = record.location.segment;
            const auto file = interlock::tests::bytes_of(scratch / segment_name(number));
            const auto rest = interlock::audit::bytes_of(file).subspan(record.location.offset);
            tree.add(leaf_hash(view_record(rest.data()).padded));
            return true;
          }).has_value());
  close(300);
  CHECK(closings.size() > 3);
}

TEST_CASE("seal: a closing checkpoint that is taken away is missed") {
  const Scratch scratch;
  {
    const auto journal = open(scratch.path());
    add_many(*journal, 200);
    REQUIRE(journal->sync().has_value());
  }
  auto bytes = interlock::tests::bytes_of(scratch / "seal");
  const auto seal = read_seal(scratch.path());
  REQUIRE(seal.has_value());
  REQUIRE(seal->checkpoints.at(0).segment == 1);
  std::size_t first = 0;  // the last one of segment 1
  while (seal->checkpoints[first + 1].segment == 1) ++first;
  interlock::tests::put_bytes(
      scratch / "seal",
      bytes.erase(seal_header_bytes + first * checkpoint_bytes, checkpoint_bytes));
  CHECK(name(verify(scratch.path()).finding) == name(Finding::checkpoint_missing));
}

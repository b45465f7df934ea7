// A hash table that never grows as a whole: whoever adds to one of a million entries would wait for
// all of them to be moved, and its new home to be made.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

namespace interlock::risk {

// 64 tables, of which a key's hash chooses one; each grows by itself, and is used as such. Table is
// one of Boost's flat ones whose hash is_avalanching.
template <class Table>
class InParts {
 public:
  template <class Key>
  [[nodiscard]] Table& of(const Key& key) {
    return parts_[place_of(key)];
  }
  template <class Key>
  [[nodiscard]] const Table& of(const Key& key) const {
    return parts_[place_of(key)];
  }
  [[nodiscard]] auto begin() { return parts_.begin(); }  // over the parts
  [[nodiscard]] auto end() { return parts_.end(); }
  [[nodiscard]] auto begin() const { return parts_.begin(); }
  [[nodiscard]] auto end() const { return parts_.end(); }

  [[nodiscard]] std::size_t size() const {
    std::size_t size = 0;
    for (const Table& part : parts_) size += part.size();
    return size;
  }
  [[nodiscard]] bool empty() const { return std::ranges::all_of(parts_, &Table::empty); }

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [parts] = *this;
    archive(parts);
  }

 private:
  // By bits that a table does not go by: it takes the lowest eight and the highest.
  template <class Key>
  [[nodiscard]] static std::size_t place_of(const Key& key) {
    return typename Table::hasher{}(key) >> 8 & (part_count - 1);
  }

  static constexpr std::size_t part_count = 64;
  std::array<Table, part_count> parts_;
};

}  // namespace interlock::risk

// Sets and tables by tag, for what is asked of every field of every message: a look into a row that
// is as long as the highest tag in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace interlock::config {

using Tag = std::uint32_t;  // 1..99999

class TagSet {
 public:
  // False: it was there.
  bool insert(Tag tag) {
    if (contains(tag)) return false;
    if (tag / 64 >= bits_.size()) bits_.resize(tag / 64 + 1);
    bits_[tag / 64] |= std::uint64_t{1} << tag % 64;
    tags_.push_back(tag);
    return true;
  }
  [[nodiscard]] bool contains(Tag tag) const {
    return tag / 64 < bits_.size() && (bits_[tag / 64] >> tag % 64 & 1) != 0;
  }
  [[nodiscard]] bool empty() const { return tags_.empty(); }
  [[nodiscard]] auto begin() const { return tags_.begin(); }  // as they were inserted
  [[nodiscard]] auto end() const { return tags_.end(); }

 private:
  std::vector<std::uint64_t> bits_;
  std::vector<Tag> tags_;
};

template <class Value>
class TagTable {
 public:
  // False: it has one. Pointers into the table end with this.
  bool emplace(Tag tag, Value value) {
    if (find(tag) != nullptr) return false;
    if (tag >= behind_.size()) behind_.resize(std::size_t{tag} + 1);
    values_.emplace_back(tag, std::move(value));
    behind_[tag] = static_cast<std::uint32_t>(values_.size());
    return true;
  }
  [[nodiscard]] const Value* find(Tag tag) const {
    if (tag >= behind_.size() || behind_[tag] == 0) return nullptr;
    return &values_[behind_[tag] - 1].second;
  }
  [[nodiscard]] Value* find(Tag tag) { return const_cast<Value*>(std::as_const(*this).find(tag)); }
  [[nodiscard]] auto begin() const { return values_.begin(); }
  [[nodiscard]] auto end() const { return values_.end(); }

 private:
  std::vector<std::uint32_t> behind_;  // by tag: its place in `values_` + 1; 0: it has none
  std::vector<std::pair<Tag, Value>> values_;
};

}  // namespace interlock::config

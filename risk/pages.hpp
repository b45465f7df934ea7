// A table that only grows, by a page at a time: what is in it stays where it is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace interlock::risk {

// Small pages by default: whoever begins one waits for it.
template <class T, std::size_t page_size = 32>
class Pages {
 public:
  T& push_back(T value) { return emplace_back() = std::move(value); }
  T& emplace_back() {
    if (size_ % page_size == 0) pages_.push_back(std::make_unique<Page>());
    return (*this)[size_++];
  }
  // Takes what is behind `size` away; below it nothing moves. What comes in its place is fresh.
  void cut(std::size_t size) {
    while (size_ > size) (*this)[--size_] = {};
    pages_.resize((size_ + page_size - 1) / page_size);
  }
  [[nodiscard]] T& operator[](std::size_t at) { return (*pages_[at / page_size])[at % page_size]; }
  [[nodiscard]] const T& operator[](std::size_t at) const {
    return (*pages_[at / page_size])[at % page_size];
  }
  [[nodiscard]] std::size_t size() const { return size_; }

  template <class Archive>
  void save(Archive& archive) const {  // for a snapshot
    auto& [pages, size] = *this;
    archive(std::uint64_t{size});
    for (std::size_t i = 0; i < size; ++i) archive((*this)[i]);
  }
  template <class Archive>
  void load(Archive& archive) {
    std::uint64_t size = 0;
    archive(size);
    for (*this = {}; size > 0; --size) archive(emplace_back());
  }

 private:
  using Page = std::array<T, page_size>;
  std::vector<std::unique_ptr<Page>> pages_;
  std::size_t size_ = 0;
};

}  // namespace interlock::risk

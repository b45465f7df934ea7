// A sliding window: the times of the last attempts in one scope, counted at entry.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "risk/units.hpp"

namespace interlock::risk {

// A ring of times. It remembers at least as many as the limit allows, so that "is this one too
// many" is exact; beyond that, and beyond `least_remembered`, the oldest is forgotten.
class Window {
 public:
  static constexpr std::uint32_t least_remembered = 1024;

  // What the limit needs: `count` entries, none of them for longer than `span`.
  struct Memory {
    std::uint32_t count = 0;
    Duration span;
  };
  void remember(Memory memory) {
    most_ = std::max(memory.count, least_remembered);
    span_ = memory.span;
  }

  // A clock that was set back does not reorder the ring: the entry then counts for longer.
  void add(Time now) {
    if (size_ > 0) now = std::max(now, at(size_ - 1));
    if (size_ == ring_.size() && !may_forget_oldest(now)) grow();
    std::size_t at = first_;
    if (size_ == ring_.size()) {
      first_ = first_ + 1 == size_ ? 0 : first_ + 1;
    } else {
      at = place(size_);
      ++size_;
    }
    ring_[at] = now;
    // An order writes into a dozen rings, and each takes its lines in turn: the next one of this is
    // on its way before it is written.
    __builtin_prefetch(ring_.data() + at + 64 / sizeof(Time), 1);
  }

  // Entries less than `span` old; at most as many as are remembered.
  [[nodiscard]] std::uint32_t within(Duration span, Time now) const {
    std::size_t low = 0;
    for (std::size_t high = size_; low < high;) {
      const std::size_t middle = low + (high - low) / 2;
      if (now - at(middle) < span) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return static_cast<std::uint32_t>(size_ - low);
  }

  // Whether they are at least `count`, with one look where `within` searches: the last of so many
  // is not older than that.
  [[nodiscard, gnu::always_inline]] inline bool reaches(std::uint64_t count, Duration span,
                                                        Time now) const {
    return size_ >= count && (count == 0 || now - at(size_ - count) < span);
  }

  // Gives the memory back when the limit asks for none of the entries any more.
  void forget_before(Time now) {
    if (size_ == 0 || now - at(size_ - 1) < span_) return;
    ring_ = {};
    first_ = size_ = 0;
  }

  template <class Archive>
  void serialize(Archive& archive) {
    auto& [ring, first, size, most, span] = *this;
    archive(ring, first, size, most, span);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Time at(std::size_t i) const { return ring_[place(i)]; }

 private:
  // Of the i-th oldest in the ring; less than two rounds away, so no division.
  [[nodiscard]] std::size_t place(std::size_t i) const {
    const std::size_t at = first_ + i;
    return at < ring_.size() ? at : at - ring_.size();
  }
  [[nodiscard]] bool may_forget_oldest(Time now) const {
    if (size_ >= most_) return true;
    return size_ >= least_remembered && !(now - at(0) < span_);
  }
  void grow() {
    std::vector<Time> larger(std::min<std::size_t>(most_, std::max<std::size_t>(8, size_ * 2)));
    for (std::size_t i = 0; i < size_; ++i) larger[i] = at(i);
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<Time> ring_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::uint32_t most_ = least_remembered;
  Duration span_;
};

}  // namespace interlock::risk

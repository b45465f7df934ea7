// Memory of what was entered lately: amounts of money, and orders that are alike.
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "risk/units.hpp"
#include "risk/wide.hpp"

namespace interlock::risk {

// A ring of Entry {Time at; ...} in the order of time, as large as it has to be up to `most`.
template <class Entry>
class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}
  [[nodiscard]] bool is_full() const { return size_ == most_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const Entry& at(std::size_t i) const { return ring_[place(i)]; }
  void drop_oldest() {
    first_ = place(1);
    --size_;
  }
  // Not when it is full. A clock that was set back does not reorder: the entry counts for longer.
  void add(Entry entry) {
    if (size_ > 0) entry.at = std::max(entry.at, at(size_ - 1).at);
    if (size_ == ring_.size()) grow();
    const std::size_t at = place(size_);
    ring_[at] = entry;
    ++size_;
    __builtin_prefetch(ring_.data() + at + 64 / sizeof(Entry), 1);  // as in Window
  }
  // The first that is less than `span` old.
  [[nodiscard]] std::size_t first_within(Duration span, Time now) const {
    std::size_t low = 0;
    for (std::size_t high = size_; low < high;) {
      const std::size_t middle = low + (high - low) / 2;
      if (now - at(middle).at < span) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  template <class Archive>
  void serialize(Archive& archive) {
    auto& [ring, first, size, most] = *this;
    archive(ring, first, size, most);
  }

 private:
  // Of the i-th oldest in the ring; less than two rounds away, so no division.
  [[nodiscard]] std::size_t place(std::size_t i) const {
    const std::size_t at = first_ + i;
    return at < ring_.size() ? at : at - ring_.size();
  }
  void grow() {
    std::vector<Entry> larger(std::min(most_, std::max<std::size_t>(16, size_ * 2)));
    for (std::size_t i = 0; i < size_; ++i) larger[i] = at(i);
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<Entry> ring_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
  std::size_t most_;
};

// How much money was entered in a sliding window. Exact for as many amounts as it remembers; of
// more in one window, the oldest count for as long as the one after them: never too little.
class MoneyWindow {
 public:
  static constexpr std::size_t remembered_max = 8192;

  void remember(Duration span) { span_ = span; }
  void add(Money amount, Time now) {
    while (amounts_.size() > 0 && (amounts_.is_full() || !(now - amounts_.at(0).at < span_))) {
      if (!(now - amounts_.at(0).at < span_)) before_ = amounts_.at(0).total;
      amounts_.drop_oldest();
    }
    total_ += amount.raw();
    amounts_.add({now, total_});
  }
  [[nodiscard]] Wide within(Duration span, Time now) const {
    const std::size_t first = amounts_.first_within(span, now);
    return total_ - (first == 0 ? before_ : amounts_.at(first - 1).total);
  }

  // All that is remembered: not less than what is within any span.
  [[nodiscard]] Wide remembered() const { return total_ - before_; }

  struct Amount {
    Time at;
    Wide total = 0;  // with all before it
  };
  [[nodiscard]] const Recent<Amount>& amounts() const { return amounts_; }
  template <class Archive>
  void serialize(Archive& archive) {
    auto& [amounts, before, total, span] = *this;
    archive(amounts, before, total, span);
  }

 private:
  Recent<Amount> amounts_{remembered_max};
  Wide before_ = 0;  // total before the oldest that is remembered
  Wide total_ = 0;
  Duration span_;
};

// How often orders alike were entered in a sliding window. Of more than it remembers in one window,
// the oldest are forgotten: order-rate stands before that.
class Repeats {
 public:
  static constexpr std::size_t remembered_max = 65'536;

  void remember(Duration span) { span_ = span; }
  void add(std::uint64_t likeness, Time now) {
    while (entries_.size() > 0 && (entries_.is_full() || !(now - entries_.at(0).at < span_))) {
      const auto oldest = counts_.find(entries_.at(0).likeness);
      if (--oldest->second == 0) counts_.erase(oldest);
      entries_.drop_oldest();
    }
    entries_.add({now, likeness});
    ++counts_[likeness];
  }
  // `most` or fewer are not counted exactly: none too many, and never too few.
  [[nodiscard]] std::uint32_t within(std::uint64_t likeness, Duration span, Time now,
                                     std::uint32_t most = 0) const {
    const auto found = counts_.find(likeness);
    if (found == counts_.end()) return 0;
    if (found->second <= most) return found->second;
    std::uint32_t count = found->second;
    for (std::size_t i = 0, end = entries_.first_within(span, now); i < end; ++i) {
      if (entries_.at(i).likeness == likeness) --count;
    }
    return count;
  }

  struct Entry {
    Time at;
    std::uint64_t likeness = 0;
  };
  [[nodiscard]] const Recent<Entry>& entries() const { return entries_; }
  template <class Archive>
  void serialize(Archive& archive) {
    auto& [entries, counts, span] = *this;
    archive(entries, counts, span);
  }

 private:
  Recent<Entry> entries_{remembered_max};
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> counts_;  // of those remembered
  Duration span_;
};

}  // namespace interlock::risk

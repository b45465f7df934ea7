// Which tags a message has had so far: most are low, and are bits.
#pragma once

#include <algorithm>
#include <bitset>
#include <boost/container/small_vector.hpp>

#include "config/tags.hpp"

namespace interlock::gateway {

class SeenTags {
 public:
  // False when it was there before.
  bool insert(config::Tag tag) {
    if (contains(tag)) return false;
    if (tag < low_.size())
      low_[tag] = true;
    else
      high_.push_back(tag);
    return true;
  }
  [[nodiscard]] bool contains(config::Tag tag) const {
    return tag < low_.size() ? low_[tag] : std::ranges::find(high_, tag) != high_.end();
  }

 private:
  std::bitset<2048> low_;
  boost::container::small_vector<config::Tag, 16> high_;
};

}  // namespace interlock::gateway

// The orders in which the tags of messages have come: what comes in one of them again need not be
// asked again where each of its tags may stand.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "config/dialect.hpp"
#include "gateway/eight_bytes.hpp"

namespace interlock::gateway {

// A tree of tags, for one session: a way from its root to a step that `ends` is the tags behind 35
// of a message that the strict reader took, without groups and data. Of such a message all is right
// that follows from its tags alone: that they are declared, once, and in this message, where they
// stand, and that none is missing. Its values are another matter.
class KnownPaths {
 public:
  struct Step {
    std::uint64_t text = 0, mask = 0;  // "NN=" as it lies in a frame; of the eight bytes, which
    const config::FieldRule* rule = nullptr;
    config::Tag tag = 0;
    std::uint8_t size = 0;  // of "NN="
    bool in_header = false;
    bool ends = false;
    std::uint16_t behind = 0;  // the first of the steps behind it; 0: none
    std::uint16_t beside = 0;  // the next that is behind the same step
  };

  // Before the first tag; nullptr: none of these messages is known.
  [[nodiscard]] const Step* begin(const config::MessageRule& message) const {
    for (const auto& [rule, root] : roots_)
      if (rule == &message) return &steps_[root];
    return nullptr;
  }
  // Behind `at`, whose tag begins these eight bytes of the frame.
  [[nodiscard]] const Step* next(const Step& at, std::uint64_t eight) const {
    for (std::uint16_t i = at.behind; i != 0; i = steps_[i].beside)
      if ((eight & steps_[i].mask) == steps_[i].text) return &steps_[i];
    return nullptr;
  }

  // The fields behind 35 and before 10 of a message that was taken; `header` of them, from the
  // first, are the header's.
  template <class Fields>
  void add(const config::Dialect& dialect, const config::MessageRule& message, const Fields& fields,
           std::size_t header) {
    if (fields.size() > fields_most) return;
    if (steps_.size() + fields_most + 2 > steps_most) *this = {};  // and is learned anew
    std::uint16_t at = root_of(message);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto [found, others] = child(at, fields[i].tag);
      if (found == 0 && others >= beside_most) return;
      at = found != 0 ? found : append(at, dialect, fields[i].tag, i < header);
    }
    steps_[at].ends = true;
  }

 private:
  // Whoever sends his tags in ever new orders makes nobody slow.
  static constexpr std::size_t steps_most = 4096, fields_most = 256;
  static constexpr int beside_most = 8;

  std::uint16_t root_of(const config::MessageRule& message) {
    for (const auto& [rule, root] : roots_)
      if (rule == &message) return root;
    if (steps_.empty()) steps_.emplace_back();  // 0 is nobody's number
    roots_.emplace_back(&message, static_cast<std::uint16_t>(steps_.size()));
    steps_.emplace_back();
    return roots_.back().second;
  }
  // Its step, 0 if there is none, and how many others were looked at.
  [[nodiscard]] std::pair<std::uint16_t, int> child(std::uint16_t of, config::Tag tag) const {
    int others = 0;
    std::uint16_t i = steps_[of].behind;
    for (; i != 0 && steps_[i].tag != tag; i = steps_[i].beside) ++others;
    return {i, others};
  }
  std::uint16_t append(std::uint16_t to, const config::Dialect& dialect, config::Tag tag,
                       bool in_header) {
    Step step;
    step.rule = dialect.field(tag);
    step.tag = tag;
    step.in_header = in_header;
    step.beside = steps_[to].behind;
    const std::string text = std::to_string(tag) + "=";
    step.size = static_cast<std::uint8_t>(text.size());
    step.mask = ~std::uint64_t{0} >> (64 - 8 * text.size());
    step.text = eight_bytes::at((text + "        ").data()) & step.mask;
    const auto number = static_cast<std::uint16_t>(steps_.size());
    steps_[to].behind = number;
    steps_.push_back(step);
    return number;
  }

  std::vector<std::pair<const config::MessageRule*, std::uint16_t>> roots_;
  std::vector<Step> steps_;
};

}  // namespace interlock::gateway

#include "audit/frame.hpp"

#include <algorithm>
#include <charconv>

namespace interlock::audit {
namespace {

constexpr char soh = '\x01';

bool is_data(unsigned tag) { return tag == 96 || tag == 1402 || tag == 1404; }
bool is_length(unsigned tag) { return tag == 95 || tag == 1401 || tag == 1403; }

unsigned as_number(std::string_view digits) {
  unsigned number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

std::optional<FrameFields::Item> FrameFields::next() {
  if (rest_.empty()) return std::nullopt;
  Item item;
  const auto equals = std::min(rest_.find('='), rest_.find(soh));
  const auto value_at = equals < rest_.size() && rest_[equals] == '=' ? equals + 1 : 0;
  item.name = rest_.substr(0, value_at);
  item.tag = as_number(item.name.substr(0, value_at == 0 ? 0 : value_at - 1));
  rest_.remove_prefix(value_at);
  const auto least = is_data(item.tag) ? std::min<std::size_t>(length_, rest_.size()) : 0;
  const auto end = std::min(rest_.find(soh, least), rest_.size());
  item.value = rest_.substr(0, end);
  item.ended = end < rest_.size();
  rest_.remove_prefix(end + (item.ended ? 1 : 0));
  length_ = is_length(item.tag) ? as_number(item.value) : 0;
  return item;
}

std::string_view frame_value(std::string_view frame, unsigned tag) {
  FrameFields fields(frame);
  while (const auto item = fields.next()) {
    if (item->tag == tag) return item->value;
  }
  return {};
}

std::string mask_secrets(std::string_view frame) {
  const bool logon = frame_value(frame, 35) == "A";
  std::string out;
  FrameFields fields(frame);
  while (const auto item = fields.next()) {
    const bool secret = item->tag == 554 || item->tag == 925 || item->tag == 1402 ||
                        item->tag == 1404 || (logon && item->tag == 96);
    out += item->name;
    out += secret ? "***" : item->value;
    if (item->ended) out += soh;
  }
  return out;
}

}  // namespace interlock::audit

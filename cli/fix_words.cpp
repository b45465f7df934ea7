#include "cli/fix_words.hpp"

#include <fmt/format.h>

#include <iterator>

#include "audit/frame.hpp"
#include "config/tag_names.hpp"

namespace interlock::cli {
namespace {

struct Meaning {
  unsigned tag;
  std::string_view value, words;
};

// Of the values that orders and reports carry; FIX 4.2 to 5.0SP2 agree on them.
constexpr Meaning meanings[] = {
    {20, "0", "new"},
    {20, "1", "cancel of an execution"},
    {20, "2", "correction of an execution"},
    {20, "3", "status"},
    {21, "1", "automatic, private"},
    {21, "2", "automatic, public"},
    {21, "3", "manual"},
    {39, "0", "new"},
    {39, "1", "partially filled"},
    {39, "2", "filled"},
    {39, "3", "done for day"},
    {39, "4", "cancelled"},
    {39, "5", "replaced"},
    {39, "6", "pending cancel"},
    {39, "7", "stopped"},
    {39, "8", "rejected"},
    {39, "9", "suspended"},
    {39, "A", "pending new"},
    {39, "B", "calculated"},
    {39, "C", "expired"},
    {39, "D", "accepted for bidding"},
    {39, "E", "pending replace"},
    {40, "1", "market"},
    {40, "2", "limit"},
    {40, "3", "stop"},
    {40, "4", "stop limit"},
    {40, "P", "pegged"},
    {43, "Y", "possible duplicate"},
    {54, "1", "buy"},
    {54, "2", "sell"},
    {54, "5", "sell short"},
    {54, "6", "sell short exempt"},
    {59, "0", "day"},
    {59, "1", "good till cancel"},
    {59, "2", "at the opening"},
    {59, "3", "immediate or cancel"},
    {59, "4", "fill or kill"},
    {59, "5", "good till crossing"},
    {59, "6", "good till date"},
    {59, "7", "at the close"},
    {97, "Y", "possible resend"},
    {102, "0", "too late to cancel"},
    {102, "1", "unknown order"},
    {102, "2", "broker option"},
    {102, "3", "already pending"},
    {102, "99", "other"},
    {103, "0", "broker option"},
    {103, "1", "unknown symbol"},
    {103, "2", "exchange closed"},
    {103, "3", "exceeds limit"},
    {103, "4", "too late to enter"},
    {103, "5", "unknown order"},
    {103, "6", "duplicate order"},
    {103, "8", "stale order"},
    {103, "99", "other"},
    {150, "0", "new"},
    {150, "1", "partial fill"},
    {150, "2", "fill"},
    {150, "3", "done for day"},
    {150, "4", "cancelled"},
    {150, "5", "replaced"},
    {150, "6", "pending cancel"},
    {150, "7", "stopped"},
    {150, "8", "rejected"},
    {150, "9", "suspended"},
    {150, "A", "pending new"},
    {150, "C", "expired"},
    {150, "D", "restated"},
    {150, "E", "pending replace"},
    {150, "F", "trade"},
    {150, "G", "correction of a trade"},
    {150, "H", "cancel of a trade"},
    {150, "I", "status"},
    {434, "1", "to a cancel"},
    {434, "2", "to a replace"},
    {530, "1", "of a security"},
    {530, "7", "of all orders"},
};

}  // namespace

std::string_view meaning(unsigned tag, std::string_view value) {
  if (tag == 35) return config::message_name(value);
  for (const Meaning& each : meanings) {
    if (each.tag == tag && each.value == value) return each.words;
  }
  return {};
}

std::string in_words(std::string_view frame) {
  std::string words;
  audit::FrameFields fields(frame);
  while (const auto item = fields.next()) {
    const auto name = config::tag_name(item->tag);
    if (name.empty() || item->name.empty())
      words += item->name;
    else
      fmt::format_to(std::back_inserter(words), "{} {}=", item->tag, name);
    words += item->value;
    const auto means = meaning(item->tag, item->value);
    if (!means.empty()) fmt::format_to(std::back_inserter(words), " {}", means);
    if (item->ended) words += '\x01';
  }
  return words;
}

}  // namespace interlock::cli

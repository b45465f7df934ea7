#include "gateway/fix_log.hpp"

#include <algorithm>
#include <charconv>

namespace interlock::gateway {
namespace {

constexpr std::string_view mark = "8=FIX";
constexpr std::size_t version_max = 12;   // "FIX.5.0SP2"
constexpr std::size_t separator_max = 6;  // "<SOH>"
constexpr std::size_t head_max = 2 + version_max + separator_max + 2;
constexpr std::size_t message_max = 1 << 20;
constexpr std::size_t nowhere = std::string::npos;

bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_of_version(char byte) {
  return is_digit(byte) || (byte >= 'A' && byte <= 'Z') || byte == '.';
}

}  // namespace

void FixLog::feed(std::string_view text, const Each& each) {
  text_ += text;
  read(each, false);
}

void FixLog::end(const Each& each) {
  read(each, true);
  text_.clear();
}

// 58=FIX is no beginning.
std::size_t FixLog::find_begin(std::size_t from) const {
  for (auto at = text_.find(mark, from); at != nowhere; at = text_.find(mark, at + 1)) {
    if (at == 0 || !is_digit(text_[at - 1])) return at;
  }
  return nowhere;
}

std::optional<FixLog::Begin> FixLog::begin_at(std::size_t at) const {
  auto end = at + 2;
  while (end < text_.size() && end < at + 2 + version_max && is_of_version(text_[end])) ++end;
  const auto next = text_.find("9=", end);
  if (next == nowhere || next == end || next > end + separator_max) return std::nullopt;
  auto separator = text_.substr(end, next - end);
  if (separator.find('\n') != nowhere) return std::nullopt;
  return Begin{at, next, std::move(separator)};
}

// By BodyLength, where the bytes are the original ones: what a data field holds does not mislead.
std::size_t FixLog::end_by_length(const Begin& begin, std::size_t until) const {
  if (begin.separator != "\x01") return nowhere;
  std::size_t length = 0;
  const char* const from = text_.data() + begin.rest + 2;
  const auto read = std::from_chars(from, text_.data() + until, length);
  if (read.ec != std::errc() || length > message_max) return nowhere;
  const auto sum = static_cast<std::size_t>(read.ptr - text_.data()) + 1 + length;
  if (sum + 7 > text_.size() || text_.compare(sum - 1, 4,
                                              "\x01"
                                              "10=") != 0)
    return nowhere;
  return sum + 6;
}

// Behind the three digits of CheckSum.
std::size_t FixLog::end_of(const Begin& begin, std::size_t until) const {
  if (const auto end = end_by_length(begin, until); end != nowhere) return end;
  const auto sum = begin.separator + "10=";
  for (auto at = text_.find(sum, begin.rest); at != nowhere && at < until;
       at = text_.find(sum, at + 1)) {
    const auto end = at + sum.size() + 3;
    if (end > text_.size()) return nowhere;
    const bool digits = std::all_of(text_.begin() + static_cast<std::ptrdiff_t>(end - 3),
                                    text_.begin() + static_cast<std::ptrdiff_t>(end), is_digit);
    if (digits && (end == text_.size() || !is_digit(text_[end]))) return end;
  }
  return nowhere;
}

void FixLog::give(const Begin& begin, std::size_t end, const Each& each) const {
  std::string frame = text_.substr(begin.at, end - begin.at);
  if (begin.separator != "\x01") {
    std::string with_soh;
    with_soh.reserve(frame.size());
    for (std::size_t at = 0; at < frame.size();) {
      const bool separates = frame.compare(at, begin.separator.size(), begin.separator) == 0;
      with_soh += separates ? '\x01' : frame[at];
      at += separates ? begin.separator.size() : 1;
    }
    frame = std::move(with_soh);
  }
  each(frame + '\x01');
}

void FixLog::read(const Each& each, bool at_end) {
  std::size_t done = 0;
  auto at = find_begin(0);
  while (at != nowhere) {
    done = at;
    if (!at_end && text_.size() - at < head_max) break;
    const auto begin = begin_at(at);
    if (!begin) {
      at = find_begin(at + 1);
      done = std::min(at, text_.size());
      continue;
    }
    const auto next = find_begin(begin->rest);
    const auto until = std::min(next, text_.size());
    const auto end = end_of(*begin, until);
    // A digit more could follow the last three.
    const bool may_go_on = end == nowhere ? next == nowhere : end == text_.size();
    if (may_go_on && !at_end && text_.size() - at < message_max) break;
    if (end == nowhere) {
      ++incomplete_;
      at = next;
    } else {
      give(*begin, end, each);
      at = find_begin(end);
    }
    done = std::min(at, text_.size());
  }
  // What may be the beginning of a mark stays, and the byte before it.
  if (at == nowhere) done = text_.size() - std::min(text_.size(), mark.size());
  text_.erase(0, done);
}

}  // namespace interlock::gateway

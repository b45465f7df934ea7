#include "gateway/wire.hpp"

#include <algorithm>
#include <array>

namespace interlock::gateway {
namespace {

constexpr std::string_view frame_start = "8=FIX";
constexpr std::size_t begin_string_max = 16;  // bytes of "8=FIXT.1.1", with room
constexpr std::size_t length_digits_max = 7;

// Where the body begins and ends, as the first two fields promise; or why there is none yet.
struct Promise {
  Framed::Outcome outcome = Framed::Outcome::need_more;
  FrameError error = FrameError::none;
  std::size_t body = 0;    // offset of the byte after 9=...|
  std::size_t length = 0;  // BodyLength
};

// True as long as `buffer` may still begin with `expected`.
bool may_begin_with(std::string_view buffer, std::string_view expected) {
  const std::size_t common = std::min(buffer.size(), expected.size());
  return buffer.substr(0, common) == expected.substr(0, common);
}

Promise garbled(FrameError error) { return {Framed::Outcome::garbled, error, 0, 0}; }

Promise read_length(std::string_view buffer, std::size_t at, std::size_t frame_max) {
  std::size_t length = 0;
  const std::size_t first = at;
  for (; at < buffer.size() && buffer[at] != soh; ++at) {
    const char c = buffer[at];
    if (c < '0' || c > '9' || at - first == length_digits_max)
      return garbled(FrameError::bad_length);
    length = length * 10 + static_cast<std::size_t>(c - '0');
  }
  if (at == buffer.size()) return {};
  if (at == first || length == 0) return garbled(FrameError::bad_length);
  if (at + 1 + length + trailer_size > frame_max) return garbled(FrameError::too_long);
  return {Framed::Outcome::frame, FrameError::none, at + 1, length};
}

Promise read_promise(std::string_view buffer, std::size_t frame_max) {
  if (!may_begin_with(buffer, frame_start)) return garbled(FrameError::garbage);
  const std::size_t end = buffer.substr(0, begin_string_max).find(soh);
  if (end == std::string_view::npos)
    return buffer.size() < begin_string_max ? Promise{} : garbled(FrameError::garbage);
  const std::string_view rest = buffer.substr(end + 1);
  if (!may_begin_with(rest, "9=")) return garbled(FrameError::garbage);
  if (rest.size() < 2) return {};
  return read_length(buffer, end + 3, frame_max);
}

// Bytes up to where the next frame may begin: never 0, so that reading always goes on. The start of
// a "8=FIX" that is cut off at the end of the buffer is kept.
std::size_t garbled_bytes(std::string_view buffer) {
  const std::size_t next = buffer.find(frame_start, 1);
  if (next != std::string_view::npos) return next;
  for (std::size_t kept = std::min(frame_start.size(), buffer.size()) - 1; kept > 0; --kept)
    if (buffer.ends_with(frame_start.substr(0, kept))) return buffer.size() - kept;
  return buffer.size();
}

bool is_trailer(std::string_view bytes) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return bytes.starts_with("10=") && digit(bytes[3]) && digit(bytes[4]) && digit(bytes[5]) &&
         bytes[6] == soh;
}

bool checksum_holds(std::string_view frame) {
  const std::string_view digits = frame.substr(frame.size() - 4, 3);
  const int written = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  return written == checksum(frame.substr(0, frame.size() - trailer_size));
}

}  // namespace

std::string_view name(FrameError error) {
  switch (error) {
    case FrameError::none:
      return "none";
    case FrameError::garbage:
      return "garbage";
    case FrameError::bad_length:
      return "bad_length";
    case FrameError::too_long:
      return "too_long";
    case FrameError::bad_checksum:
      return "bad_checksum";
  }
  return "unknown";
}

// Sixteen sums side by side, each modulo 256: the compiler makes one instruction of a block.
std::uint8_t checksum(std::string_view bytes) {
  std::array<std::uint8_t, 16> sums{};
  while (bytes.size() >= sums.size()) {
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] = static_cast<std::uint8_t>(sums[i] + static_cast<std::uint8_t>(bytes[i]));
    bytes.remove_prefix(sums.size());
  }
  unsigned sum = 0;
  for (const std::uint8_t part : sums) sum += part;
  for (const char byte : bytes) sum += static_cast<std::uint8_t>(byte);
  return static_cast<std::uint8_t>(sum);
}

Framed next_frame(std::string_view buffer, std::size_t frame_max) {
  if (buffer.empty()) return {};
  const Promise promise = read_promise(buffer, frame_max);
  if (promise.outcome == Framed::Outcome::need_more) return {};
  if (promise.outcome == Framed::Outcome::garbled)
    return {Framed::Outcome::garbled, {}, garbled_bytes(buffer), promise.error};

  const std::size_t body_end = promise.body + promise.length;
  const std::size_t size = body_end + trailer_size;
  if (buffer.size() < size) return {};
  const std::string_view frame = buffer.substr(0, size);
  if (frame[body_end - 1] != soh || !is_trailer(frame.substr(body_end)))
    return {Framed::Outcome::garbled, {}, garbled_bytes(buffer), FrameError::bad_length};
  // The length was right, so exactly this frame is skipped: nothing inside it can pose as a frame.
  if (!checksum_holds(frame)) return {Framed::Outcome::garbled, {}, size, FrameError::bad_checksum};
  return {Framed::Outcome::frame, frame, size, FrameError::none};
}

}  // namespace interlock::gateway

#include "gateway/outbuffer.hpp"

#include <algorithm>

#include "gateway/wire.hpp"

namespace interlock::gateway {
namespace {

constexpr std::size_t checksum_bytes = 4;  // "nnn|" at the end of a frame

// Adds one to the checksum, modulo 256: the frame stays well-formed and is surely garbled.
void spoil_checksum(std::string& frame) {
  const std::size_t at = frame.size() - checksum_bytes;
  const int value = (std::stoi(frame.substr(at, 3)) + 1) % 256;
  frame[at] = static_cast<char>('0' + value / 100);
  frame[at + 1] = static_cast<char>('0' + value / 10 % 10);
  frame[at + 2] = static_cast<char>('0' + value % 10);
}

}  // namespace

void OutBuffer::push(OutFrame frame) {
  bytes_ += frame.bytes.size();
  if (frame.resent) resent_bytes_ += frame.bytes.size();
  last_record_ = std::max(last_record_, frame.record);
  frames_.push_back(std::move(frame));
}

void OutBuffer::gather(std::string& into, std::size_t most, std::uint64_t on_disk) const {
  into.clear();
  std::size_t skip = written_;
  for (std::size_t i = first_; i < frames_.size(); ++i) {
    const OutFrame& frame = frames_[i];
    if (skip == 0 && frame.record > on_disk) return;
    into.append(frame.bytes, skip);
    skip = 0;
    if (into.size() >= most) return;
  }
}

void OutBuffer::wrote(std::size_t count) {
  finished_.clear();
  if (count == 0 || empty()) return;
  bytes_ -= count;
  gone_ += count;
  while (count > 0 && !empty()) {
    const OutFrame& frame = frames_[first_];
    last_begun_ = std::max(last_begun_, frame.sequence);
    const std::size_t left = frame.bytes.size() - written_;
    if (count < left) {
      written_ += count;
      return;
    }
    count -= left;
    written_ = 0;
    if (frame.resent) resent_bytes_ -= frame.bytes.size();
    if (frame.opens_risk) finished_.push_back(frame.since_ns);
    drop_front();
  }
}

// A buffer that runs empty, as it does at most turns, begins again where it lies.
void OutBuffer::drop_front() {
  constexpr std::size_t gone_most = 1'024;
  give_back(std::move(frames_[first_].bytes));
  ++first_;
  if (first_ < gone_most && !empty()) return;
  if (!empty() && first_ < frames_.size() / 2) return;  // each frame is moved once at most
  frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

std::vector<OutFrame> OutBuffer::purge(
    const std::function<bool(const OutFrame&)>& doomed,
    const std::function<std::string(std::uint32_t, std::uint32_t)>& gap_fill) {
  std::vector<OutFrame> purged;
  std::vector<OutFrame> kept;
  std::uint32_t first = 0, next = 0;  // the run of purged numbers that is open
  const auto close_run = [&] {
    if (first == 0) return;
    OutFrame fill;
    fill.bytes = gap_fill(first, next);
    fill.sequence = first;
    kept.push_back(std::move(fill));
    first = next = 0;
  };
  for (std::size_t i = first_; i < frames_.size(); ++i) {
    OutFrame& frame = frames_[i];
    const bool begun = i == first_ && written_ > 0;
    const bool past_recall = begun && frame.bytes.size() - written_ < checksum_bytes;
    if (!frame.opens_risk || past_recall || !doomed(frame)) {
      close_run();
      kept.push_back(std::move(frame));
      continue;
    }
    if (begun) {
      spoil_checksum(frame.bytes);
      kept.push_back(frame);
      kept.back().opens_risk = false;  // spoilt: it cannot be taken out twice
    }
    if (first != 0 && frame.sequence != next) close_run();
    if (first == 0) first = frame.sequence;
    next = frame.sequence + 1;
    purged.push_back(std::move(frame));
  }
  close_run();
  frames_ = std::move(kept);
  first_ = 0;
  bytes_ = 0;
  last_record_ = 0;
  for (const OutFrame& frame : frames_) {
    bytes_ += frame.bytes.size();
    last_record_ = std::max(last_record_, frame.record);
  }
  bytes_ -= written_;
  return purged;
}

void OutBuffer::clear() {
  gone_ += bytes_;
  frames_.clear();
  first_ = written_ = 0;
  bytes_ = 0;
  resent_bytes_ = 0;
  last_record_ = 0;
}

}  // namespace interlock::gateway

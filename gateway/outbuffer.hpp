// What waits to leave towards one counterparty: whole frames, so that a kill can take orders out
// again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "risk/ids.hpp"

namespace interlock::gateway {

struct OutFrame {
  std::string bytes;
  std::uint32_t sequence = 0;
  bool opens_risk = false;  // D, G or E: judged again by its scopes when the latch changes
  risk::OrderId order;      // of an opening frame; of an E the first of `list_size` in a row
  std::uint32_t list_size = 0;
  std::string cl_ord_id;  // its 11 as the router wrote it
  bool replace = false;
  bool resent = false;        // an answer to a ResendRequest
  std::uint64_t record = 0;   // of the journal: leaves when that is on disk; 0: at once
  std::int64_t since_ns = 0;  // monotonic: the wake-up that an opening frame was made in
};

class OutBuffer {
 public:
  void push(OutFrame frame);
  [[nodiscard]] bool empty() const { return first_ == frames_.size(); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Of these, what was not asked for again by the counterparty: the measure of one that does not
  // read.
  [[nodiscard]] std::uint64_t unasked_bytes() const {
    return bytes_ - std::min(bytes_, resent_bytes_);
  }

  // How many bytes were taken from here, over all connections: written, or lost with them.
  [[nodiscard]] std::uint64_t gone() const { return gone_; }

  // Some of it may leave, where the journal is on disk up to the record `on_disk`.
  [[nodiscard]] bool ready(std::uint64_t on_disk) const {
    return !empty() && (written_ > 0 || frames_[first_].record <= on_disk);
  }
  // Some of it may not leave yet.
  [[nodiscard]] bool waits(std::uint64_t on_disk) const { return last_record_ > on_disk; }
  // The next bytes to write, whole frames together up to about `most`, so that one write carries
  // many; none from the first on whose record is not on disk.
  void gather(std::string& into, std::size_t most, std::uint64_t on_disk) const;
  // `count` bytes of the front have been written.
  void wrote(std::size_t count);
  // `since_ns` of each opening frame whose last byte that was.
  [[nodiscard]] const std::vector<std::int64_t>& finished() const { return finished_; }
  // The highest sequence of which any byte has left.
  [[nodiscard]] std::uint32_t last_begun() const { return last_begun_; }

  // Takes out every opening frame that `doomed` says, and puts one gap fill in place of each run of
  // neighbours. A frame that is half out is finished with a wrong checksum, so that the
  // counterparty drops it, and its number is gap-filled too; once its checksum has begun to leave
  // it counts as sent. `gap_fill(first, next)` builds 35=4 123=Y.
  std::vector<OutFrame> purge(
      const std::function<bool(const OutFrame&)>& doomed,
      const std::function<std::string(std::uint32_t, std::uint32_t)>& gap_fill);
  void clear();  // the connection is gone

 private:
  void drop_front();

  std::vector<OutFrame> frames_;
  std::size_t first_ = 0;    // of them; those before it are gone
  std::size_t written_ = 0;  // of the front frame
  std::uint64_t bytes_ = 0;
  std::uint64_t gone_ = 0;
  std::uint64_t resent_bytes_ = 0;  // of whole resent frames that are not out
  std::uint32_t last_begun_ = 0;
  std::uint64_t last_record_ = 0;  // that a frame in here waits for
  std::vector<std::int64_t> finished_;
};

}  // namespace interlock::gateway

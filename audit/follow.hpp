// A journal followed while it is written: what has come since the last look, over all segments.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "audit/journal.hpp"

namespace interlock::audit {

class Follower {
 public:
  // Begins with that segment's first record.
  Follower(std::filesystem::path directory, std::uint32_t segment);
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  ~Follower();

  // Gives each whole record that is there and was not given yet; views end with the call. Each is
  // checked by its CRC, not by the chain: that is for `verify`. The error: what is damaged.
  [[nodiscard]] std::expected<void, std::string> look(
      const std::function<void(const Record&)>& each);

 private:
  struct Mapped;
  [[nodiscard]] std::expected<bool, std::string> open();  // false: it is not there yet

  std::filesystem::path directory_;
  std::uint32_t segment_;
  std::uint64_t offset_ = 0;
  std::unique_ptr<Mapped> mapped_;
};

// The last segment that has one before it at every number; 0: there is none.
[[nodiscard]] std::uint32_t last_segment(const std::filesystem::path& directory);

}  // namespace interlock::audit

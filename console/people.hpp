// Who asks: bearer tokens of the named persons, verified once and remembered by their digest.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <mutex>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace interlock::console {

// Thread-safe.
class People {
 public:
  explicit People(std::vector<config::PersonEntry> people) : people_(std::move(people)) {}

  // The person whose token it is, or nullptr. The first use of a token costs a slow hash for each
  // person; later ones a SHA-256.
  [[nodiscard]] const config::PersonEntry* owner(std::string_view token);
  // True when `owner` will answer at once.
  [[nodiscard]] bool knows(std::string_view token) const;

 private:
  using Digest = std::array<std::byte, 32>;
  [[nodiscard]] static Digest digest_of(std::string_view token);
  [[nodiscard]] const config::PersonEntry* remembered(const Digest& digest) const;

  const std::vector<config::PersonEntry> people_;
  mutable std::mutex mutex_;
  std::map<Digest, const config::PersonEntry*> verified_;  // only right tokens: one a person
};

}  // namespace interlock::console

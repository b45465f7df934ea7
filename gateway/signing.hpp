// Who signs the journal: each change of its key, and each time that nobody does, is a record and
// an alert. No order waits for a signature.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/floor.hpp"
#include "gateway/snapshot.hpp"

namespace interlock::gateway {

class Signing {
 public:
  explicit Signing(Floor& floor) : floor_(floor) {}

  void tick();
  [[nodiscard]] SigningView view() const;

 private:
  void record(const audit::Proofs& proofs, std::string_view event);
  void watch_signer(const audit::Proofs& proofs);
  void watch_copies(const audit::Proofs& proofs);

  Floor& floor_;
  std::uint32_t key_ = 0;  // that was recorded last, or was there before
  bool lost_ = false;
  std::string copy_problem_;
};

}  // namespace interlock::gateway

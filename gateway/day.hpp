// The day roll: what is counted a day begins anew at the configured time, once, and what the day
// begins with is read from its files.
#pragma once

#include <optional>
#include <string>

#include "gateway/floor.hpp"

namespace interlock::gateway {

class Day {
 public:
  explicit Day(Floor& floor) : floor_(floor) {}

  // Rolls when a day has begun that was not rolled to yet; a start catches up with one that it
  // missed. A clock that goes back rolls nothing.
  void tick();
  // Again from the journal.
  void rolled(const audit::FieldReader& fields, risk::Time at);

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [floor, day] = *this;
    archive(day);
  }

 private:
  void put_positions(audit::FieldWriter& record);
  void put_locates(audit::FieldWriter& record);

  Floor& floor_;
  std::string day_;  // the last one that was rolled to: "2026-01-05"; dates of this form sort
};

}  // namespace interlock::gateway

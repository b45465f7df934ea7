// When a session may be on: a trading calendar with time zones. Time is an argument; QuickFIX's own
// schedules are not used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "risk/control.hpp"
#include "risk/units.hpp"

namespace interlock::config {

struct LocalDate {
  std::int16_t year = 1970;
  std::uint8_t month = 1;
  std::uint8_t day = 1;
  friend auto operator<=>(const LocalDate&, const LocalDate&) = default;
};

// Open from `open` to `close` local time on each day of `weekdays` that is no holiday. close <=
// open runs over midnight. `always` has neither opening nor close.
struct Schedule {
  bool always = true;
  std::int32_t open_s = 0;  // seconds after local midnight
  std::int32_t close_s = 0;
  std::string zone = "UTC";      // IANA name; checked when the configuration is read
  std::uint8_t weekdays = 0x7f;  // bit 0: Monday, of the day on which it opens
  std::vector<LocalDate> holidays;

  [[nodiscard]] bool open_at(risk::Time now) const;
  // The local date of the trading day that `now` belongs to: of the last opening at or before
  // `now`.
  [[nodiscard]] LocalDate trading_day(risk::Time now) const;
  // Next opening or close strictly after `now`; nullopt when always, or none within 400 days.
  [[nodiscard]] std::optional<risk::Time> next_change(risk::Time now) const;
};

// A time of each day, in local time. `to` <= `from` runs over midnight.
struct DailyPeriod {
  std::int32_t from_s = 0;  // seconds after local midnight
  std::int32_t to_s = 0;
};
// When the last of those that `now` lies in ends; nullopt: it lies in none.
[[nodiscard]] std::optional<risk::Time> end_of_period(const std::vector<DailyPeriod>& periods,
                                                      const std::string& zone, risk::Time now);

// When the instruments are traded: how old a price may be depends on it.
struct Trading {
  Schedule open;      // without a [session]: always, the state in which prices have to be newest
  Schedule pre_open;  // from the pre-open to the open
  bool has_pre_open = false;

  [[nodiscard]] risk::SessionState state_at(risk::Time now) const;
};

// The state, remembered until it may change: the gate asks for each order.
class TradingClock {
 public:
  [[nodiscard]] risk::SessionState state(const Trading& trading, risk::Time now);

 private:
  risk::SessionState state_ = risk::SessionState::closed;
  risk::Time from_;   // holds from here
  risk::Time until_;  // to here, exclusive; equal: it was never asked
};

[[nodiscard]] bool zone_exists(const std::string& zone);

}  // namespace interlock::config

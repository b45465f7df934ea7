#include "config/schedule.hpp"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

namespace interlock::config {
namespace {

using std::chrono::nanoseconds;
using Instant = date::sys_time<nanoseconds>;

constexpr int search_days = 400;

struct Session {
  date::local_days day;  // on which it opens
  Instant open, close;
};

Instant instant_of(risk::Time time) { return Instant{nanoseconds{time.ns}}; }
risk::Time time_of(Instant instant) { return {instant.time_since_epoch().count()}; }

LocalDate local_date(date::local_days day) {
  const date::year_month_day ymd{day};
  return {static_cast<std::int16_t>(static_cast<int>(ymd.year())),
          static_cast<std::uint8_t>(static_cast<unsigned>(ymd.month())),
          static_cast<std::uint8_t>(static_cast<unsigned>(ymd.day()))};
}

date::local_days local_day(const date::time_zone& zone, Instant instant) {
  return date::floor<date::days>(zone.to_local(instant));
}

// A local time that a clock change skips is the moment of the change; one that occurs twice, the
// first.
Instant instant_at(const date::time_zone& zone, date::local_days day, std::int32_t second) {
  return zone.to_sys(day + std::chrono::seconds{second}, date::choose::earliest);
}

// The session that opens on `day`; nullopt on a day without one.
std::optional<Session> session_of(const Schedule& schedule, const date::time_zone& zone,
                                  date::local_days day) {
  const auto bit = date::weekday{day}.iso_encoding() - 1;
  if ((schedule.weekdays >> bit & 1) == 0) return std::nullopt;
  if (std::ranges::find(schedule.holidays, local_date(day)) != schedule.holidays.end())
    return std::nullopt;
  const auto closing_day = schedule.close_s > schedule.open_s ? day : day + date::days{1};
  const Session session{day, instant_at(zone, day, schedule.open_s),
                        instant_at(zone, closing_day, schedule.close_s)};
  if (session.close <= session.open) return std::nullopt;  // skipped by a clock change
  return session;
}

}  // namespace

bool Schedule::open_at(risk::Time now) const {
  if (always) return true;
  const auto& tz = *date::locate_zone(zone);
  const auto instant = instant_of(now);
  const auto today = local_day(tz, instant);
  for (const auto day : {today - date::days{1}, today}) {
    const auto session = session_of(*this, tz, day);
    if (session && session->open <= instant && instant < session->close) return true;
  }
  return false;
}

std::optional<risk::Time> end_of_period(const std::vector<DailyPeriod>& periods,
                                        const std::string& zone, risk::Time now) {
  if (periods.empty()) return std::nullopt;
  const auto& tz = *date::locate_zone(zone);
  const auto instant = instant_of(now);
  const auto today = local_day(tz, instant);
  std::optional<risk::Time> last;
  for (const DailyPeriod& period : periods) {
    for (const auto day : {today - date::days{1}, today}) {
      const auto last_day = period.to_s > period.from_s ? day : day + date::days{1};
      const auto end = instant_at(tz, last_day, period.to_s);
      if (instant_at(tz, day, period.from_s) > instant || instant >= end) continue;
      last = std::max(last, std::optional(time_of(end)));
    }
  }
  return last;
}

LocalDate Schedule::trading_day(risk::Time now) const {
  const auto& tz = *date::locate_zone(zone);
  const auto instant = instant_of(now);
  const auto today = local_day(tz, instant);
  if (always) return local_date(today);
  for (int back = 0; back < search_days; ++back) {
    const auto session = session_of(*this, tz, today - date::days{back});
    if (session && session->open <= instant) return local_date(session->day);
  }
  return local_date(today);
}

std::optional<risk::Time> Schedule::next_change(risk::Time now) const {
  if (always) return std::nullopt;
  const auto& tz = *date::locate_zone(zone);
  const auto instant = instant_of(now);
  const auto today = local_day(tz, instant);
  for (int ahead = -1; ahead < search_days; ++ahead) {
    const auto session = session_of(*this, tz, today + date::days{ahead});
    if (!session) continue;
    if (session->open > instant) return time_of(session->open);
    if (session->close > instant) return time_of(session->close);
  }
  return std::nullopt;
}

risk::SessionState Trading::state_at(risk::Time now) const {
  if (open.open_at(now)) return risk::SessionState::open;
  if (has_pre_open && pre_open.open_at(now)) return risk::SessionState::pre_open;
  return risk::SessionState::closed;
}

risk::SessionState TradingClock::state(const Trading& trading, risk::Time now) {
  if (from_ <= now && now < until_) return state_;
  state_ = trading.state_at(now);
  from_ = now;
  until_ = now + risk::seconds(24 * 3600);
  if (const auto change = trading.open.next_change(now)) until_ = std::min(until_, *change);
  if (trading.has_pre_open)
    if (const auto change = trading.pre_open.next_change(now)) until_ = std::min(until_, *change);
  return state_;
}

bool zone_exists(const std::string& zone) {
  try {
    return date::locate_zone(zone) != nullptr;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace interlock::config

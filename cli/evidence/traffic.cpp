// Chapters of traffic: the peaks of each day, and twice those of six months beside what was tested.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>

#include "audit/frame.hpp"
#include "cli/evidence/chapters.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

constexpr std::int64_t ns_per_s = 1'000'000'000;

// An execution, and not a correction of one or a question answered.
bool is_trade(std::string_view frame) {
  if (audit::frame_value(frame, 35) != "8") return false;
  const auto type = audit::frame_value(frame, 150);
  const auto transaction = audit::frame_value(frame, 20);
  return (type == "F" || type == "1" || type == "2") && (transaction.empty() || transaction == "0");
}

// Counts of one thing: in all, and the most within a second.
struct Count {
  std::int64_t all = 0, most = 0, most_ns = 0;
  std::int64_t second = 0, in_second = 0;

  void add(std::int64_t time_ns, std::int64_t count) {
    if (time_ns / ns_per_s != second) second = time_ns / ns_per_s, in_second = 0;
    all += count;
    in_second += count;
    if (in_second <= most) return;
    most = in_second;
    most_ns = time_ns;
  }
};

std::int64_t six_months_before(std::int64_t time_ns) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds(time_ns)};
  const auto day = floor<days>(time);
  year_month_day before = year_month_day(day) - months(6);
  if (!before.ok()) before = before.year() / before.month() / last;
  return duration_cast<nanoseconds>(sys_days(before).time_since_epoch()).count();
}

class Traffic : public Chapter {
 public:
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind == Kind::statement && entry.in_year) note_test(entry);
    const bool carries = entry.record.kind == Kind::router_message ||
                         entry.record.kind == Kind::venue_message ||
                         entry.record.kind == Kind::gateway_message;
    if (!carries) return;
    std::int64_t frames = 0;
    for (const Field frame : {Field::in_frame, Field::out_frame, Field::reply_frame})
      frames += entry.fields.text(frame) ? 1 : 0;
    const std::int64_t day = entry.record.time_ns / day_ns;
    messages_[day].add(entry.record.time_ns, frames);
    const bool trade = entry.record.kind == Kind::venue_message &&
                       is_trade(entry.fields.text(Field::in_frame).value_or(""));
    if (trade) trades_[day].add(entry.record.time_ns, 1);
  }
  void write(const Course& course, const Year& year, Pack& pack) override {
    for (const auto& [day, messages] : messages_) {
      if (day * day_ns < year.from_ns) continue;
      const Count& trades = trades_[day];
      pack.table("traffic").add({course.host, day_of(day * day_ns), messages.all, messages.most,
                                 at(messages.most_ns), trades.all, trades.most,
                                 at(trades.most_ns)});
    }
    put(course, "messages", messages_, pack);
    put(course, "trades", trades_, pack);
  }

 private:
  static constexpr std::int64_t day_ns = 86'400 * ns_per_s;
  using Days = std::map<std::int64_t, Count>;

  void note_test(const Entry& entry) {
    if (entry.text(Field::subject) != "stress-test" || entry.text(Field::event) != "passed") return;
    const auto items = entry.fields.items();
    if (!items) return;
    std::string name;
    for (const auto& item : *items) {
      if (item.field == Field::figure) name = item.bytes;
      if (item.field != Field::value) continue;
      std::int64_t value = 0;  // the whole part
      std::from_chars(item.bytes.data(), item.bytes.data() + item.bytes.size(), value);
      tested_[name] = std::max(tested_[name], value);
    }
  }
  void put(const Course& course, const std::string& what, const Days& days, Pack& pack) {
    const std::int64_t from_ns = six_months_before(course.last_ns);
    const auto row = [&](const std::string& of, std::int64_t peak, std::int64_t peak_ns) {
      const auto tested = tested_.find(of);
      const bool enough = tested != tested_.end() && tested->second >= 2 * peak;
      pack.table("stress").add(
          {course.host, of, day_of(from_ns), day_of(course.last_ns), peak, at(peak_ns), 2 * peak,
           tested == tested_.end() ? Cell{std::string("never")} : Cell{tested->second},
           enough ? "yes" : "NO"});
    };
    Count second, day;
    for (const auto& [number, count] : days) {
      if (number * day_ns < from_ns) continue;
      if (count.most > second.most) second = count;
      if (count.all > day.all) day = count;
    }
    row(what + "_per_second", second.most, second.most_ns);
    row(what + "_per_day", day.all, day.all == 0 ? 0 : day.most_ns / day_ns * day_ns);
  }

  Days messages_, trades_;
  std::map<std::string, std::int64_t> tested_;
};

}  // namespace

void add_traffic_chapters(Chapters& chapters) { chapters.push_back(std::make_unique<Traffic>()); }

}  // namespace interlock::cli::evidence

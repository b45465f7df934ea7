// Chapters of what ran: builds by day, the clock, the keys of the checkpoints, declared gaps.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "cli/evidence/chapters.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

constexpr std::int64_t ns_per_s = 1'000'000'000;

class Builds : public Chapter {
 public:
  void take(const Entry& entry, const Course& course) override {
    if (course.run_begins) {
      close(last_ns_);
      running_ = false;
    }
    const bool starts = entry.record.kind == Kind::start;
    const bool changes = starts || entry.record.kind == Kind::reload;
    if (changes || entry.record.kind == Kind::stop) close(entry.record.time_ns);
    if (changes) {
      running_ = true;
      since_ns_ = entry.record.time_ns;
      ran_ = {course.build, course.config_hash};
      if (starts) ++days_[{day_of(since_ns_), ran_}];
    }
    if (entry.record.kind == Kind::stop) running_ = false;
    last_ns_ = entry.record.time_ns;
  }
  void write(const Course& course, const Year& year, Pack& pack) override {
    close(last_ns_);
    const std::string prefix = day_of(year.from_ns).substr(0, 5);
    for (const auto& [key, starts] : days_)
      if (key.first.starts_with(prefix))
        pack.table("builds").add(
            {course.host, key.first, key.second.first, key.second.second, starts});
  }

 private:
  void close(std::int64_t until_ns) {
    if (!running_) return;
    for (const std::string& day : days_between(since_ns_, until_ns)) days_[{day, ran_}] += 0;
    since_ns_ = until_ns;
  }
  bool running_ = false;
  std::int64_t since_ns_ = 0, last_ns_ = 0;
  std::pair<std::string, std::string> ran_;  // build, configuration
  std::map<std::pair<std::string, std::pair<std::string, std::string>>, std::int64_t> days_;
};

class Clocks : public Chapter {
 public:
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind != Kind::clock || !entry.in_year) return;
    Day& day = days_[day_of(entry.record.time_ns)];
    ++day.readings;
    day.offset_ns = std::max(day.offset_ns, std::abs(entry.number(Field::clock_offset)));
    day.error_ns = std::max(day.error_ns, entry.number(Field::clock_error));
    if (entry.text(Field::clock_state) != "synchronised") ++day.doubts;
  }
  void write(const Course& course, const Year&, Pack& pack) override {
    for (const auto& [day, seen] : days_)
      pack.table("clock").add(
          {course.host, day, seen.readings, seen.offset_ns, seen.error_ns, seen.doubts});
  }

 private:
  struct Day {
    std::int64_t readings = 0, offset_ns = 0, error_ns = 0, doubts = 0;
  };
  std::map<std::string, Day> days_;
};

class Signing : public Listing {
 public:
  Signing() : Listing("signing") {}
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind != Kind::signing || !entry.in_year) return;
    rows_.push_back({"", entry.sequence(), at(entry.record.time_ns),
                     entry.number(Field::signing_key), entry.text(Field::public_key),
                     entry.text(Field::text)});
  }
};

class Gaps : public Chapter {
 public:
  void take(const Entry& entry, const Course& course) override {
    const std::int64_t now_ns = entry.record.time_ns;
    if (course.run_begins && last_ns_ != 0)
      note(stopped_ ? "stopped" : "crashed", last_ns_, now_ns,
           stopped_ ? "it was stopped in order" : "it ended without a record of its stop");
    if (course.run_begins) stopped_ = false;
    if (entry.record.kind == Kind::clock) note_clock(entry);
    if (entry.record.kind == Kind::stop) stopped_ = true;
    last_ns_ = now_ns;
  }
  void write(const Course& course, const Year& year, Pack& pack) override {
    if (doubt_ns_ != 0) note("clock in doubt", doubt_ns_, last_ns_, "still so at the last record");
    if (course.first_ns > year.from_ns)
      note("no record yet", year.from_ns, course.first_ns, "the journal begins");
    if (last_ns_ < year.until_ns)
      note("no record any more", last_ns_, year.until_ns,
           "the journal, or what is proven of it, ends; the year may not be over");
    for (const Gap& gap : gaps_) {
      if (gap.until_ns <= year.from_ns) continue;
      const std::int64_t from_ns = std::max(gap.from_ns, year.from_ns);
      pack.table("gaps").add({course.host, gap.kind, at(from_ns), at(gap.until_ns),
                              (gap.until_ns - from_ns) / ns_per_s, gap.says});
    }
  }

 private:
  struct Gap {
    std::string kind;
    std::int64_t from_ns = 0, until_ns = 0;
    std::string says;
  };
  void note(std::string kind, std::int64_t from_ns, std::int64_t until_ns, std::string says) {
    gaps_.push_back({std::move(kind), from_ns, until_ns, std::move(says)});
  }
  void note_clock(const Entry& entry) {
    const bool sure = entry.text(Field::clock_state) == "synchronised";
    if (!sure && doubt_ns_ == 0) doubt_ns_ = entry.record.time_ns;
    if (!sure || doubt_ns_ == 0) return;
    note("clock in doubt", doubt_ns_, entry.record.time_ns, "the kernel called it unsynchronised");
    doubt_ns_ = 0;
  }

  std::vector<Gap> gaps_;
  bool stopped_ = false;
  std::int64_t last_ns_ = 0, doubt_ns_ = 0;
};

}  // namespace

void add_running_chapters(Chapters& chapters) {
  chapters.push_back(std::make_unique<Builds>());
  chapters.push_back(std::make_unique<Clocks>());
  chapters.push_back(std::make_unique<Signing>());
  chapters.push_back(std::make_unique<Gaps>());
}

}  // namespace interlock::cli::evidence

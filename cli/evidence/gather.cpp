#include "cli/evidence/gather.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <set>

#include "audit/reader.hpp"
#include "cli/evidence/chapters.hpp"
#include "cli/progress.hpp"

namespace interlock::cli::evidence {
namespace {

namespace fs = std::filesystem;

Year year_of(int number) {
  using namespace std::chrono;
  const auto begin = [](int of) {
    const sys_days day{std::chrono::year{of} / January / 1};
    return duration_cast<nanoseconds>(day.time_since_epoch()).count();
  };
  return {begin(number), begin(number + 1)};
}

Chapters all_chapters() {
  Chapters all;
  add_policy_chapters(all);
  add_control_chapters(all);
  add_kill_chapters(all);
  add_override_chapters(all);
  add_path_chapters(all);
  add_running_chapters(all);
  add_traffic_chapters(all);
  add_people_chapters(all);
  return all;
}

// What was read of one journal.
struct Reading {
  Course course;
  Chapters chapters = all_chapters();
  audit::Verification verified;
  std::uint64_t records = 0;  // whole ones, the unsealed among them
  std::uint64_t used_to = 0;

  // Of a journal that is being written, all up to the mark of `verify` has been looked at. One
  // without a record that is proven and before the year's end is evidence of nothing.
  [[nodiscard]] bool sound() const {
    return verified.finding == audit::Finding::whole && used_to > 0;
  }
};

Reading read(const fs::path& journal, const Year& year) {
  Reading reading;
  const std::uint64_t last = records_of(journal);
  {
    Progress progress("verifying", last);
    audit::VerifyOptions how;
    how.at = &progress.at;
    reading.verified = audit::verify(journal, how);
  }
  Progress progress("reading", last);
  // What is wrong is said by `verify`; up to there the records are as they were written.
  [[maybe_unused]] const auto end = audit::read(journal, [&](const audit::Record& record) {
    ++reading.records;
    progress.at.store(record.location.sequence, std::memory_order_relaxed);
    const bool proven = record.location.sequence <= reading.verified.last_good;
    if (!proven || record.time_ns >= year.until_ns) return true;
    const Entry entry{record, audit::FieldReader(record.payload), record.time_ns >= year.from_ns};
    reading.course.take(entry);
    reading.used_to = record.location.sequence;
    for (const auto& chapter : reading.chapters) chapter->take(entry, reading.course);
    return true;
  });
  return reading;
}

void write(Reading& reading, const Year& year, Pack& pack) {
  const audit::Verification& verified = reading.verified;
  const std::uint64_t unsealed =
      reading.records > verified.last_good ? reading.records - verified.last_good : 0;
  const auto count = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
  pack.table("journals")
      .add({reading.course.host, std::string(audit::name(verified.finding)),
            verified.is_being_written ? "yes" : "no", count(reading.records), count(unsealed),
            verified.where, at(reading.course.first_ns), count(reading.used_to),
            at(reading.course.last_ns), count(verified.last_good), verified.chain,
            count(verified.signed_sequence), fmt::format("{}", fmt::join(verified.keys, " "))});
  for (const auto& chapter : reading.chapters) chapter->write(reading.course, year, pack);
  pack.note(fmt::format(
      "{}: {}{}{}. Rests on records B1 to B{}, {} to {}; proven to B{}, head of the chain {}.{}",
      reading.course.host, audit::name(verified.finding), verified.where.empty() ? "" : ", ",
      verified.where, reading.used_to, at(reading.course.first_ns), at(reading.course.last_ns),
      verified.last_good, verified.chain,
      unsealed == 0 ? "" : fmt::format(" {} records behind it are unsealed.", unsealed)));
  if (reading.sound()) return;
  pack.sound = false;
  pack.table("gaps").add({reading.course.host, std::string(audit::name(verified.finding)),
                          at(reading.course.last_ns), "", std::int64_t{0}, verified.where});
}

}  // namespace

std::expected<Pack, std::string> gather(int number, const std::vector<fs::path>& journals) {
  const Year year = year_of(number);
  Pack pack = blank_pack(number);
  std::set<std::string> hosts;
  for (const fs::path& journal : journals) {
    Reading reading = read(journal, year);
    if (reading.verified.finding == audit::Finding::no_journal)
      return std::unexpected(fmt::format("{} is no journal", journal.string()));
    std::string& host = reading.course.host;
    if (host.empty()) host = "unnamed";
    for (int again = 2; !hosts.insert(host).second; ++again)
      host = fmt::format("{} ({})", host.substr(0, host.find(" (")), again);
    write(reading, year, pack);
  }
  pack.note(fmt::format("Journals read: {}. Whether they are of all hosts is for the firm to say.",
                        journals.size()));
  return pack;
}

}  // namespace interlock::cli::evidence

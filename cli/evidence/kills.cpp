// Chapters of kills, from the trip to the re-arm, and of drills.
#include <algorithm>
#include <map>

#include "cli/evidence/chapters.hpp"
#include "killswitch/latch.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

constexpr std::int64_t ns_per_us = 1'000;
constexpr std::int64_t ns_per_s = 1'000'000'000;

// "kill 7", "kill 7, again", "kill 7: it came alive late": which kill a cancel was sent for.
std::optional<std::int64_t> kill_of(const std::string& cause) {
  constexpr std::string_view begin = "kill ";
  if (!cause.starts_with(begin)) return std::nullopt;
  const auto digits = cause.find_first_not_of("0123456789", begin.size());
  const std::string number = cause.substr(begin.size(), digits - begin.size());
  if (number.empty() || number.size() > 18) return std::nullopt;
  return std::stoll(number);
}

class Kills : public Chapter {
 public:
  void take(const Entry& entry, const Course&) override {
    switch (entry.record.kind) {
      case Kind::kill:
        return tripped(entry);
      case Kind::gateway_message:
        if (const auto kill = kill_of(entry.text(Field::text)))
          if (Kill* known = find(*kill)) ++known->cancels;
        return;
      case Kind::cut:
        if (Kill* known = find(entry.number(Field::kill_id))) ++known->cuts;
        return;
      case Kind::rearm:
        return rearmed(entry);
      default:
        return;
    }
  }
  void write(const Course& course, const Year& year, Pack& pack) override {
    for (const Kill& each : kills_) {
      if (each.rearmed_ns != 0 && each.rearmed_ns < year.from_ns) continue;
      const std::int64_t until_ns = each.rearmed_ns != 0 ? each.rearmed_ns : course.last_ns;
      pack.table("kills").add(
          {course.host,        each.id,
           each.record,        each.level,
           each.scope_kind,    each.scope,
           each.source,        each.actor,
           each.cause,         at(each.tripped_ns),
           at(each.closed_ns), (each.closed_ns - each.tripped_ns) / ns_per_us,
           each.residual,      each.cancels,
           each.cuts,          each.rearmed_ns == 0 ? "still in force" : at(each.rearmed_ns),
           each.people,        (until_ns - each.tripped_ns) / ns_per_s,
           each.reason,        each.signed_off,
           each.identity});
    }
  }

 private:
  struct Kill {
    std::int64_t id = 0, record = 0;
    std::string level, scope_kind, scope, source, actor, cause;
    std::int64_t tripped_ns = 0, closed_ns = 0, residual = 0, cancels = 0, cuts = 0;
    std::int64_t rearmed_ns = 0;
    std::string people, reason, signed_off, identity;
  };
  Kill* find(std::int64_t id) {
    const auto found = std::ranges::find(kills_, id, &Kill::id);
    return found == kills_.end() ? nullptr : &*found;
  }
  void tripped(const Entry& entry) {
    const std::int64_t id = entry.number(Field::kill_id);
    if (find(id) != nullptr) return;  // it outlived a start, which writes it again
    Kill kill;
    kill.id = id;
    kill.record = entry.sequence();
    kill.level = name(static_cast<killswitch::Level>(entry.number(Field::level)));
    kill.scope_kind = entry.text(Field::scope_kind);
    kill.scope = entry.text(Field::scope_id);
    kill.source = entry.text(Field::source);
    kill.actor = entry.text(Field::actor);
    kill.cause = entry.text(Field::text);
    kill.tripped_ns = entry.number(Field::time);
    kill.closed_ns = entry.number(Field::closed_at);
    kill.residual = entry.number(Field::residual);
    kills_.push_back(std::move(kill));
  }
  void rearmed(const Entry& entry) {
    Kill* kill = find(entry.number(Field::kill_id));
    if (kill == nullptr) return;
    kill->rearmed_ns = entry.record.time_ns;
    kill->people = entry.text(Field::actor);
    kill->reason = entry.text(Field::text);
    kill->signed_off = entry.text(Field::why);
    kill->identity = entry.text(Field::after);
  }

  std::vector<Kill> kills_;
};

class Drills : public Listing {
 public:
  Drills() : Listing("drills") {}
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind != Kind::drill || !entry.in_year) return;
    if (entry.text(Field::event) == "begun") return;
    rows_.push_back({"", entry.sequence(), at(entry.record.time_ns), entry.text(Field::button),
                     entry.text(Field::actor), entry.text(Field::event),
                     entry.number(Field::duration) / ns_per_us, entry.text(Field::text)});
  }
};

}  // namespace

void add_kill_chapters(Chapters& chapters) {
  chapters.push_back(std::make_unique<Kills>());
  chapters.push_back(std::make_unique<Drills>());
}

}  // namespace interlock::cli::evidence

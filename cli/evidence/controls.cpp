// Chapters of the controls: how long each was armed, what it refused and shut, when it was tested.
#include <algorithm>
#include <map>
#include <set>

#include "cli/evidence/chapters.hpp"
#include "killswitch/latch.hpp"
#include "risk/decide.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

// How many limits of it are set; nullopt: it needs none, what was declared is its limit.
std::optional<std::int64_t> limits_set(const risk::Control& control,
                                       const std::vector<config::PolicyRow>& policy) {
  constexpr std::string_view tables_of_their_own[] = {"", "retired", "restrictions"};
  if (std::ranges::find(tables_of_their_own, control.keys) != std::end(tables_of_their_own))
    return std::nullopt;
  return std::ranges::count_if(policy, [&](const config::PolicyRow& row) {
    const bool is_parameter = row.key.ends_with("min_sample");
    return row.scope_kind != "start" && !is_parameter && row.value != "none" &&
           has_key(control, row.key);
  });
}

class Controls : public Chapter {
 public:
  void take(const Entry& entry, const Course& course) override {
    if (course.run_begins || course.armed != armed_ || course.policy_is_new) {
      close(course.run_begins ? last_ns_ : entry.record.time_ns);
      armed_ = course.armed;
      since_ns_ = entry.record.time_ns;
      if (course.policy_is_new) note_set(course);
    }
    last_ns_ = entry.record.time_ns;
    if (!entry.in_year) return;
    switch (entry.record.kind) {
      case Kind::router_message:
      case Kind::gateway_message:
        if (entry.fields.number(Field::reason))
          ++refusals_[std::string(
              risk::code(static_cast<risk::Reason>(entry.number(Field::reason))))];
        return;
      case Kind::kill:
        return note_kill(entry);
      case Kind::statement:
        return note_test(entry);
      default:
        return;
    }
  }
  void write(const Course& course, const Year& year, Pack& pack) override {
    close(last_ns_);
    const std::string prefix = day_of(year.from_ns).substr(0, 5);
    for (const risk::Control& control : risk::controls()) {
      const std::string id(control.id);
      const auto in_year = std::ranges::count_if(
          days_[id], [&](const std::string& day) { return day.starts_with(prefix); });
      const Test& test = tests_[id];
      const auto set = limits_set(control, course.policy);
      pack.table("controls")
          .add({course.host, id, std::string(control.rule),
                set ? Cell{*set} : Cell{std::string("needs none")}, std::int64_t{in_year},
                refusals_[std::string(risk::code(control.reason))], kills_[control.reason],
                test.at.empty() ? "never" : test.at, test.result, test.person});
    }
    for (const auto& [code, count] : refusals_)
      if (count > 0) pack.table("refusals").add({course.host, code, count});
  }

 private:
  struct Test {
    std::string at, result, person;
  };
  void note_set(const Course& course) {
    set_.clear();
    for (const risk::Control& control : risk::controls())
      if (limits_set(control, course.policy).value_or(1) > 0) set_.emplace_back(control.id);
  }
  void close(std::int64_t until_ns) {
    constexpr std::int64_t least_ns = 1'000'000'000;
    if (!armed_ || until_ns - since_ns_ < least_ns) return;
    for (const std::string& day : days_between(since_ns_, until_ns))
      for (const std::string& id : set_) days_[id].insert(day);
    since_ns_ = until_ns;
  }
  void note_kill(const Entry& entry) {
    if (entry.text(Field::source) != name(killswitch::Source::breach)) return;
    if (!killed_.insert(entry.number(Field::kill_id)).second) return;  // written again by a start
    const std::string cause = entry.text(Field::text);                 // "PARENT_FILL: ..."
    if (const auto reason = risk::reason_of(cause.substr(0, cause.find(':')))) ++kills_[*reason];
  }
  void note_test(const Entry& entry) {
    if (entry.text(Field::subject) != "control-test") return;
    const auto items = entry.fields.items();
    if (!items) return;
    for (const auto& item : *items)
      if (item.field == Field::control)
        tests_[std::string(item.bytes)] = {at(entry.record.time_ns), entry.text(Field::event),
                                           entry.text(Field::actor)};
  }

  bool armed_ = false;
  std::int64_t since_ns_ = 0, last_ns_ = 0;
  std::vector<std::string> set_;
  std::map<std::string, std::set<std::string>> days_;  // by control
  std::map<std::string, std::int64_t> refusals_;       // by code
  std::map<risk::Reason, std::int64_t> kills_;
  std::set<std::int64_t> killed_;
  std::map<std::string, Test> tests_;
};

}  // namespace

void add_control_chapters(Chapters& chapters) { chapters.push_back(std::make_unique<Controls>()); }

}  // namespace interlock::cli::evidence

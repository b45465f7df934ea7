// Chapters of what people saw to: alerts and their acknowledgement, and what they state.
#include <algorithm>
#include <map>

#include "cli/evidence/chapters.hpp"
#include "gateway/alerts.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

class AlertsSeen : public Chapter {
 public:
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind == Kind::alert) return raised(entry);
    if (entry.record.kind != Kind::acknowledgement) return;
    const auto known = open_.find(entry.number(Field::alert_id));
    if (known == open_.end()) return;
    Alert& alert = alerts_[known->second];
    alert.acknowledged_ns = entry.record.time_ns;
    alert.by = entry.record.actor;
    alert.reason = entry.text(Field::text);
    open_.erase(known);
  }
  void write(const Course& course, const Year& year, Pack& pack) override {
    constexpr std::int64_t ns_per_s = 1'000'000'000;
    for (const Alert& each : alerts_) {
      const bool is_open = each.by.empty();
      if (!is_open && each.acknowledged_ns < year.from_ns) continue;
      const std::int64_t until_ns = is_open ? course.last_ns : each.acknowledged_ns;
      pack.table("alerts").add({course.host, each.id, at(each.raised_ns), each.severity, each.kind,
                                each.scope_kind, each.scope, each.says, each.times,
                                is_open ? "still open" : each.by,
                                (until_ns - each.raised_ns) / ns_per_s, each.reason});
    }
  }

 private:
  struct Alert {
    std::int64_t id = 0, raised_ns = 0, acknowledged_ns = 0, times = 1;
    std::string severity, kind, scope_kind, scope, says, by, reason;
  };
  // As the gateway counts them: an open one of the same kind, scope and severity counts up.
  void raised(const Entry& entry) {
    Alert alert;
    alert.id = entry.sequence();
    alert.raised_ns = entry.record.time_ns;
    alert.severity = name(static_cast<gateway::Severity>(entry.number(Field::severity)));
    alert.kind = entry.text(Field::alert_kind);
    alert.scope_kind = entry.text(Field::scope_kind);
    alert.scope = entry.text(Field::scope_id);
    alert.says = entry.text(Field::text);
    for (const auto& [id, index] : open_) {
      Alert& known = alerts_[index];
      if (known.kind != alert.kind || known.scope_kind != alert.scope_kind ||
          known.scope != alert.scope || known.severity != alert.severity)
        continue;
      ++known.times;
      known.says = alert.says;
      return;
    }
    open_[alert.id] = alerts_.size();
    alerts_.push_back(std::move(alert));
  }

  std::vector<Alert> alerts_;
  std::map<std::int64_t, std::size_t> open_;  // by id, into `alerts_`
};

class Statements : public Listing {
 public:
  Statements() : Listing("statements") {}
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind != Kind::statement || !entry.in_year) return;
    std::string controls, figures;
    const auto items = entry.fields.items();
    if (!items) return;
    for (const auto& item : *items) {
      const std::string text(item.bytes);
      if (item.field == Field::control) controls += (controls.empty() ? "" : " ") + text;
      if (item.field == Field::figure) figures += (figures.empty() ? "" : "; ") + text;
      if (item.field == Field::value) figures += " " + text;
    }
    rows_.push_back({"", entry.sequence(), at(entry.record.time_ns), entry.text(Field::actor),
                     entry.text(Field::subject), entry.text(Field::event), controls, figures,
                     entry.text(Field::text)});
  }
};

}  // namespace

void add_people_chapters(Chapters& chapters) {
  chapters.push_back(std::make_unique<AlertsSeen>());
  chapters.push_back(std::make_unique<Statements>());
}

}  // namespace interlock::cli::evidence

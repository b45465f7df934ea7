// Chapters of paths: which session led to which, what went over it, and who else tried.
#include <algorithm>
#include <map>
#include <set>

#include "cli/evidence/chapters.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

constexpr std::string_view session_kinds[] = {"router", "venue", "tee", "drop_copy",
                                              "venue_drop_copy"};

class Routes : public Chapter {
 public:
  void take(const Entry& entry, const Course& course) override {
    if (course.policy_is_new) note_routes(course);
    if (entry.record.kind != Kind::router_message || !entry.in_year) return;
    const auto to = entry.fields.text(Field::out_session);
    if (!to) return;  // refused: the answer went back to the router
    Flow& flow = flows_[{entry.text(Field::session), std::string(*to)}];
    ++flow.messages;
    if (!entry.fields.number(Field::policy_version)) ++flow.without_verdict;
  }
  void write(const Course& course, const Year&, Pack& pack) override {
    for (const auto& [ends, flow] : flows_)
      pack.table("routes").add({course.host, ends.first, ends.second,
                                flow.configured ? "yes" : "NO", flow.messages,
                                flow.without_verdict});
  }

 private:
  struct Flow {
    bool configured = false;
    std::int64_t messages = 0, without_verdict = 0;
  };
  void note_routes(const Course& course) {
    constexpr std::string_view route = "route ";
    for (const config::PolicyRow& row : course.policy) {
      if (row.scope_kind != "start" || !row.scope.starts_with(route)) continue;
      const std::string ends = row.scope.substr(route.size());  // ids have no space
      const auto space = ends.find(' ');
      flows_[{ends.substr(0, space), ends.substr(space + 1)}].configured = true;
    }
  }
  std::map<std::pair<std::string, std::string>, Flow> flows_;
};

class Sessions : public Chapter {
 public:
  void take(const Entry& entry, const Course& course) override {
    if (course.policy_is_new) note_sessions(course);
    if (entry.record.kind != Kind::link || !entry.in_year) return;
    if (entry.text(Field::event) == "refused logon") {
      Refused& refused = refused_[{entry.text(Field::peer), entry.text(Field::text)}];
      ++refused.times;
      refused.last_ns = entry.record.time_ns;
      return;
    }
    Session& session = sessions_[entry.text(Field::session)];
    if (session.first_ns == 0) session.first_ns = entry.record.time_ns;
    session.last_ns = entry.record.time_ns;
    if (entry.text(Field::event) == "logged on") ++session.logons;
  }
  void write(const Course& course, const Year&, Pack& pack) override {
    for (const auto& [id, session] : sessions_)
      pack.table("sessions")
          .add({course.host, id, session.kind.empty() ? "NO" : session.kind, session.settings,
                session.logons, at(session.first_ns), at(session.last_ns)});
    for (const auto& [who, refused] : refused_)
      pack.table("refused_logons")
          .add({course.host, who.first, who.second, refused.times, at(refused.last_ns)});
  }

 private:
  struct Session {
    std::string kind, settings;
    std::int64_t logons = 0, first_ns = 0, last_ns = 0;
  };
  struct Refused {
    std::int64_t times = 0, last_ns = 0;
  };
  void note_sessions(const Course& course) {
    for (const config::PolicyRow& row : course.policy) {
      const auto space = row.scope.find(' ');
      const std::string kind = row.scope.substr(0, space);
      const bool is_session = row.scope_kind == "start" && space != std::string::npos &&
                              std::ranges::find(session_kinds, kind) != std::end(session_kinds);
      if (!is_session) continue;
      Session& session = sessions_[row.scope.substr(space + 1)];
      session.kind = kind;
      const bool tells =
          row.key == "comp_id" || row.key == "listen" || row.key == "connect" || row.key == "allow";
      const std::string setting = row.key + " " + row.value;
      if (!tells || session.settings.contains(setting)) continue;
      session.settings += (session.settings.empty() ? "" : "; ") + setting;
    }
  }
  std::map<std::string, Session> sessions_;
  std::map<std::pair<std::string, std::string>, Refused> refused_;
};

}  // namespace

void add_path_chapters(Chapters& chapters) {
  chapters.push_back(std::make_unique<Routes>());
  chapters.push_back(std::make_unique<Sessions>());
}

}  // namespace interlock::cli::evidence

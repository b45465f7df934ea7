// Drop copies out: every ExecutionReport, at once, to those who watch (15c3-5(c)(2)(iv)). What is
// copied is read from the record that holds the report, live and after a crash alike.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/floor.hpp"

namespace interlock::gateway {

class DropCopies {
 public:
  explicit DropCopies(Floor& floor);

  // A record was written (`sequence` 0: the journal took none): its reports are copied.
  void recorded(audit::Kind kind, const audit::FieldReader& fields, std::uint64_t sequence);
  // The same records again after a restart: what stands in the journal uncopied is remembered,
  void replayed(const audit::Record& record, const audit::FieldReader& fields);
  // and copied now.
  void catch_up();
  // Nothing is expected from who receives a copy.
  void message(Leg& copy, const Inbound& message);
  void tick();
  // How long the oldest report has waited that this copy has not been sent.
  [[nodiscard]] risk::Duration lag(const Leg& copy) const;

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [floor, waiting_since, uncopied, copied_to, same_config] = *this;
    archive(uncopied, copied_to, same_config);
  }

 private:
  struct Report {
    std::string_view router;  // empty: it went to none
    std::string account;      // empty: not known
    std::string type;
    std::string body;
  };
  std::vector<Report> reports_in(audit::Kind kind, const audit::FieldReader& fields) const;
  std::optional<Report> report(std::string_view router, std::string_view frame,
                               const config::Dialect& dialect, std::string_view asked) const;
  [[nodiscard]] static bool wants(const config::DropCopy& settings, const Report& report);
  void copy(Leg& to, const Report& report, std::uint64_t source);

  Floor& floor_;
  std::vector<std::optional<risk::Time>> waiting_since_;  // by place in its table
  // While the journal is read: reports, by record, that a session has not been sent.
  std::map<std::uint64_t, std::pair<audit::Location, std::set<std::string>>> uncopied_;
  std::set<std::string> copied_to_;  // sessions that ever got one
  bool same_config_ = false;         // the run before this one had it too
};

}  // namespace interlock::gateway

#include "cli/explain_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "audit/fields.hpp"
#include "audit/frame.hpp"
#include "audit/policy_at.hpp"
#include "audit/print.hpp"
#include "audit/reader.hpp"
#include "cli/command.hpp"
#include "cli/fix_words.hpp"
#include "cli/record_words.hpp"
#include "config/tag_names.hpp"
#include "risk/control.hpp"
#include "risk/units.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;
using audit::About;
using audit::Field;
using audit::FieldReader;
using audit::Kind;
using audit::Record;

// Of a parent's history: the first lines, the last before the record that is asked about, and the
// first behind it. Of what else belongs to the record: the first lines.
constexpr std::size_t first_lines = 5;
constexpr std::size_t lines_before = 15;
constexpr std::size_t lines_after = 10;
constexpr std::size_t related_max = 40;

std::string text(const FieldReader& fields, Field field) {
  return audit::for_people(fields.text(field).value_or(""));
}

std::string scope_of(const FieldReader& fields) {
  return text(fields, Field::scope_kind) + " " + text(fields, Field::scope_id);
}

json::object line_of(const Record& record, const About& about) {
  return {{"record", record.location.sequence},
          {"time", audit::time_text(record.time_ns)},
          {"what", sentence(record, about)}};
}

// Looks at every record: at the one that is asked about with the policy of its time, then, a second
// time, at those that belong to it.
class Explanation {
 public:
  explicit Explanation(std::uint64_t number) : number_(number) {}

  void look(const Record& record) {
    const About about = orders_.take(record);
    if (record.location.sequence < number_) policy_.take(record);
    if (record.location.sequence == number_) describe(record, about);
    const FieldReader fields(record.payload);
    if (record.location.sequence > number_ || record.kind != Kind::router_message) return;
    if (!fields.text(Field::scope_kind)) return;
    tripped_ = scope_of(fields);
    tripped_by_ = record.location.sequence;
  }
  void look_again(const Record& record) {
    const About about = orders_again_.take(record);
    if (record.location.sequence != number_) relate(record, about);
    if (!parent_.empty()) parent_history(record, about);
  }
  [[nodiscard]] bool found() const { return !explained_.empty(); }
  json::object finish() {
    if (!parent_.empty()) {
      json::array history;
      for (auto& each : history_) history.push_back(std::move(each));
      parent_object_["history"] = std::move(history);
      parent_object_["name"] = audit::for_people(parent_);
      parent_object_["children_before"] = children_before_;
      parent_object_["refused_before"] = refused_before_;
      parent_object_["filled_before"] = filled_before_.text();
      parent_object_["left_out"] = left_out_;
      explained_["parent"] = std::move(parent_object_);
    }
    explained_["related"] = std::move(related_);
    return std::move(explained_);
  }

 private:
  void describe(const Record& record, const About& about);
  void describe_request(const FieldReader& fields, const About& about);
  void describe_reason(const FieldReader& fields);
  void describe_limits(const risk::Control& control, const FieldReader& fields);
  void add_limit(const audit::Setting& setting, json::array& limits) const;
  void relate(const Record& record, const About& about);
  [[nodiscard]] bool belongs(const Record& record, const About& about) const;
  void parent_history(const Record& record, const About& about);
  void count_before(const Record& record, const About& about, const FieldReader& fields);

  std::uint64_t number_;
  audit::Orders orders_, orders_again_;
  audit::PolicyAt policy_;
  json::object explained_;
  Kind kind_ = Kind::start;
  std::string parent_, router_, chain_, cl_ord_id_;
  std::uint64_t kill_ = 0;        // that it is, that it ends, or that it sent cancels for
  std::uint64_t tells_of_ = 0;    // a record that this one names, or that tripped it
  std::string tripped_;           // scope of the last refusal that tripped one
  std::uint64_t tripped_by_ = 0;  // its record
  std::uint64_t kill_after_ = 0;  // the first kill of its router behind a refusal
  json::array related_;
  json::object parent_object_;
  std::deque<json::object> history_;
  std::uint64_t left_out_ = 0;
  std::size_t lines_after_ = 0;
  std::uint64_t children_before_ = 0, refused_before_ = 0;
  risk::Quantity filled_before_;
  std::set<std::string> executions_;
};

void Explanation::describe(const Record& record, const About& about) {
  const FieldReader fields(record.payload);
  const auto& subject = about.subjects.front();
  kind_ = record.kind;
  parent_ = subject.parent;
  router_ = subject.router;
  chain_ = subject.first_cl_ord_id;
  cl_ord_id_ = subject.cl_ord_id;
  if (record.kind == Kind::kill || record.kind == Kind::rearm || record.kind == Kind::cut)
    kill_ = fields.number(Field::kill_id).value_or(0);
  if (record.kind == Kind::kill && tripped_ == scope_of(fields)) tells_of_ = tripped_by_;
  for (const Field field :
       {Field::refusal, Field::release_id, Field::source_record, Field::waited_record,
        Field::proposal_id, Field::raise_id, Field::alert_id}) {
    if (tells_of_ == 0) tells_of_ = fields.number(field).value_or(0);
  }
  explained_["record"] = record.location.sequence;
  explained_["time"] = audit::time_text(record.time_ns);
  explained_["kind"] = audit::kind_text(record.kind);
  explained_["actor"] = audit::for_people(record.actor);
  explained_["what"] = sentence(record, about);
  json::array subjects;
  for (const auto& each : about.subjects) {
    json::object named;
    for (const auto& [name, member] : audit::subject_names)
      if (!(each.*member).empty()) named[name] = audit::for_people(each.*member);
    if (!named.empty()) subjects.push_back(std::move(named));
  }
  explained_["subjects"] = std::move(subjects);
  describe_request(fields, about);
  describe_reason(fields);
  json::object under{{"configuration", policy_.config_hash()}, {"build", policy_.build()}};
  if (policy_.record() != 0) under["policy_record"] = policy_.record();
  explained_["in_force"] = std::move(under);
}

void Explanation::describe_request(const FieldReader& fields, const About&) {
  json::array messages;
  const auto add = [&](const char* direction, Field session, Field frame) {
    const auto bytes = fields.text(frame);
    if (!bytes) return;
    messages.push_back({{"direction", direction},
                        {"session", text(fields, session)},
                        {"message", config::message_name(audit::frame_value(*bytes, 35))},
                        {"fix", audit::value_text({frame, *bytes}, in_words)}});
  };
  add("in", Field::session, Field::in_frame);
  add("out", Field::out_session, Field::out_frame);
  add("reply", Field::reply_session, Field::reply_frame);
  explained_["messages"] = std::move(messages);
}

// A refusal's reason; of a kill or an alert the code that its text begins with.
void Explanation::describe_reason(const FieldReader& fields) {
  std::optional<risk::Reason> reason;
  if (const auto number = fields.number(Field::reason)) {
    reason = static_cast<risk::Reason>(*number);
  } else if (kind_ == Kind::kill || kind_ == Kind::alert) {
    const auto said = fields.text(Field::text).value_or("");
    const auto code = kind_ == Kind::alert ? fields.text(Field::alert_kind).value_or("")
                                           : said.substr(0, said.find(':'));
    reason = risk::reason_of(code);
  }
  if (!reason) return;
  explained_["verdict"] = {{"code", risk::code(*reason)}, {"fact", text(fields, Field::text)}};
  const auto all = risk::controls();
  const auto control = std::ranges::find(all, *reason, &risk::Control::reason);
  if (control == all.end()) return;
  explained_["control"] = {{"id", control->id},
                           {"asks", control->asks},
                           {"why", control->why},
                           {"rule", control->rule},
                           {"releasable", control->releasable}};
  describe_limits(*control, fields);
}

void Explanation::add_limit(const audit::Setting& setting, json::array& limits) const {
  json::object limit{{"key", setting.key},       {"scope_kind", setting.scope_kind},
                     {"scope", setting.scope},   {"value", setting.value},
                     {"line", setting.line},     {"owner", setting.owner},
                     {"review", setting.review}, {"why", setting.why}};
  if (setting.raise != 0) {
    limit["raised_from"] = setting.filed;
    limit["raise_record"] = setting.raise;
    limit["raised_by"] = setting.raised_by;
  }
  limits.push_back(std::move(limit));
}

// "symbol ACME", "the firm".
void Explanation::describe_limits(const risk::Control& control, const FieldReader& fields) {
  std::string kind = text(fields, Field::scope_kind);
  std::string scope = text(fields, Field::scope_id);
  if (const auto whose = fields.text(Field::limit_of)) {
    const auto space = whose->find(' ');
    kind = *whose == "the firm" ? "firm" : std::string(whose->substr(0, space));
    scope = *whose == "the firm" ? "" : std::string(whose->substr(space + 1));
    explained_["limit_of"] = audit::for_people(*whose);
  }
  json::array limits;
  for (std::string_view rest = control.keys; !rest.empty();) {
    const auto end = std::min(rest.find(", "), rest.size());
    for (const auto& setting : policy_.find(rest.substr(0, end), kind, scope))
      add_limit(setting, limits);
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  explained_["limits"] = std::move(limits);
}

bool Explanation::belongs(const Record& record, const About& about) const {
  const FieldReader fields(record.payload);
  const auto sequence = record.location.sequence;
  if (sequence == tells_of_) return true;
  for (const Field field :
       {Field::refusal, Field::release_id, Field::source_record, Field::waited_record,
        Field::proposal_id, Field::raise_id, Field::alert_id}) {
    if (fields.number(field) == number_) return true;
  }
  const auto is_of_kill = [&](std::uint64_t kill) {
    if (fields.number(Field::kill_id) == kill) return true;
    return record.kind == Kind::gateway_message &&
           fields.text(Field::text) == fmt::format("kill {}", kill);
  };
  if (kill_ != 0) return is_of_kill(kill_);
  const bool is_refusal = explained_.contains("verdict") && !router_.empty();
  if (is_refusal && record.kind == Kind::kill && sequence > number_)
    return about.subjects.front().router == router_ && kill_after_ == 0;
  if (record.kind == Kind::rearm) return kill_after_ != 0 && is_of_kill(kill_after_);
  return !chain_.empty() && std::ranges::any_of(about.subjects, [&](const auto& each) {
    return each.router == router_ && each.first_cl_ord_id == chain_;
  });
}

void Explanation::relate(const Record& record, const About& about) {
  if (related_.size() >= related_max || !belongs(record, about)) return;
  related_.push_back(line_of(record, about));
  if (record.kind == Kind::kill && kill_ == 0)
    kill_after_ = FieldReader(record.payload).number(Field::kill_id).value_or(0);
}

void Explanation::parent_history(const Record& record, const About& about) {
  const bool of_parent =
      std::ranges::any_of(about.subjects, [&](const auto& each) { return each.parent == parent_; });
  if (!of_parent) return;
  const FieldReader fields(record.payload);
  if (record.kind == Kind::parent || record.kind == Kind::tee_message ||
      record.kind == Kind::parent_change) {
    if (const auto quantity = fields.text(Field::quantity);
        quantity && record.location.sequence < number_ && fields.text(Field::event) != "executed")
      parent_object_["size"] = audit::for_people(*quantity);
  }
  if (record.location.sequence < number_) count_before(record, about, fields);
  json::object line = line_of(record, about);
  line["this"] = record.location.sequence == number_;
  if (record.location.sequence > number_ && ++lines_after_ > lines_after) {
    ++left_out_;
    return;
  }
  history_.push_back(std::move(line));
  if (record.location.sequence > number_ || history_.size() <= first_lines + lines_before) return;
  history_.erase(history_.begin() + first_lines);
  ++left_out_;
}

void Explanation::count_before(const Record& record, const About& about,
                               const FieldReader& fields) {
  const auto frame = fields.text(Field::in_frame).value_or("");
  const bool opens = about.message == "D" || about.message == "E";
  if (record.kind == Kind::router_message && opens)
    ++(fields.number(Field::reason) ? refused_before_ : children_before_);
  const auto kind = audit::frame_value(frame, 150);
  const bool is_fill = kind == "F" || kind == "1" || kind == "2";
  if (record.kind != Kind::venue_message || !is_fill) return;
  const bool is_new = executions_.insert(std::string(audit::frame_value(frame, 17))).second;
  const auto last = risk::Quantity::parse(audit::frame_value(frame, 32));
  if (is_new && last) filled_before_ += *last;
}

}  // namespace

json::object explain_record(const std::filesystem::path& journal, std::uint64_t number) {
  Explanation explanation(number);
  const auto read = [&](auto each) {
    const auto done = audit::read(journal, [&](const Record& record) {
      each(record);
      return true;
    });
    if (!done) throw Failure(exit_no, done.error());
  };
  read([&](const Record& record) { explanation.look(record); });
  if (!explanation.found()) throw Failure(exit_no, fmt::format("there is no record B{}", number));
  read([&](const Record& record) { explanation.look_again(record); });
  return explanation.finish();
}

}  // namespace interlock::cli

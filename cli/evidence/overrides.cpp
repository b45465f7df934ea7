// Chapters of what people decided otherwise: raises, releases, parents, prices, numbers.
#include <algorithm>
#include <map>

#include "cli/evidence/chapters.hpp"
#include "gateway/core.hpp"

namespace interlock::cli::evidence {
namespace {

using audit::Field;
using audit::Kind;

class Raises : public Chapter {
 public:
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind == Kind::raise)
      raises_.push_back({entry.sequence(), entry.record.time_ns, entry.number(Field::until), 0,
                         entry.text(Field::actor), entry.text(Field::scope_kind),
                         entry.text(Field::scope_id), entry.text(Field::key),
                         entry.text(Field::before), entry.text(Field::after), "",
                         entry.text(Field::text)});
    if (entry.record.kind != Kind::raise_ended) return;
    const auto found = std::ranges::find(raises_, entry.number(Field::raise_id), &Raise::record);
    if (found == raises_.end()) return;
    found->ended_ns = entry.record.time_ns;
    found->ended_by = entry.text(Field::text);
  }
  void write(const Course& course, const Year& year, Pack& pack) override {
    for (const Raise& each : raises_) {
      if (each.ended_ns != 0 && each.ended_ns < year.from_ns) continue;
      pack.table("raises").add({course.host, each.record, at(each.at_ns), each.people,
                                each.scope_kind, each.scope, each.key, each.before, each.after,
                                at(each.until_ns), at(each.ended_ns),
                                each.ended_ns == 0 ? "in force" : each.ended_by, each.reason});
    }
  }

 private:
  struct Raise {
    std::int64_t record = 0, at_ns = 0, until_ns = 0, ended_ns = 0;
    std::string people, scope_kind, scope, key, before, after, ended_by, reason;
  };
  std::vector<Raise> raises_;
};

class Releases : public Listing {
 public:
  Releases() : Listing("releases") {}
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind == Kind::release && entry.in_year) {
      const auto reason = static_cast<risk::Reason>(entry.number(Field::reason));
      rows_.push_back({"", entry.sequence(), at(entry.record.time_ns),
                       std::string(entry.record.actor), entry.text(Field::router),
                       entry.text(Field::cl_ord_id), std::string(risk::code(reason)),
                       entry.number(Field::refusal), "", entry.text(Field::text)});
    }
    if (!entry.fields.number(Field::release_id)) return;
    const std::int64_t used = entry.number(Field::release_id);
    for (std::vector<Cell>& row : rows_)
      if (std::get<std::int64_t>(row[1]) == used) row[8] = entry.sequence();
  }
};

// What people changed, by records that name them: of what, then both values, and why.
class Changes : public Listing {
 public:
  Changes(std::string_view table, Kind kind, std::vector<Field> of)
      : Listing(table), kind_(kind), of_(std::move(of)) {}
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind != kind_ || !entry.in_year) return;
    if (!entry.fields.text(Field::actor)) return;  // a session's own numbers, by its schedule
    std::vector<Cell> row{"", entry.sequence(), at(entry.record.time_ns), entry.text(Field::actor)};
    for (const Field field : of_) row.emplace_back(entry.text(field));
    for (const Field field : {Field::before, Field::after, Field::text})
      row.emplace_back(entry.text(field));
    rows_.push_back(std::move(row));
  }

 private:
  Kind kind_;
  std::vector<Field> of_;
};

class Prices : public Listing {
 public:
  Prices() : Listing("prices") {}
  void take(const Entry& entry, const Course&) override {
    if (entry.record.kind != Kind::prices || !entry.in_year) return;
    if (entry.text(Field::event) != gateway::Core::by_people) return;
    const auto items = entry.fields.items();
    if (!items) return;
    std::string of, price;
    for (const auto& item : *items) {
      if (item.field == Field::symbol || item.field == Field::currency) of = item.bytes;
      if (item.field == Field::price) price = item.bytes;
      if (item.field != Field::before) continue;  // the last of each
      rows_.push_back({"", entry.sequence(), at(entry.record.time_ns),
                       std::string(entry.record.actor), of, std::string(item.bytes), price});
    }
  }
};

}  // namespace

void add_override_chapters(Chapters& chapters) {
  chapters.push_back(std::make_unique<Raises>());
  chapters.push_back(std::make_unique<Releases>());
  chapters.push_back(std::make_unique<Changes>("parent_changes", Kind::parent_change,
                                               std::vector{Field::parent, Field::event}));
  chapters.push_back(std::make_unique<Prices>());
  chapters.push_back(
      std::make_unique<Changes>("sequence_numbers", Kind::sequence, std::vector{Field::session}));
}

}  // namespace interlock::cli::evidence

// The chapters of a pack, by topic, and what several of them ask of a record.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "cli/evidence/course.hpp"
#include "risk/control.hpp"

namespace interlock::cli::evidence {

using Chapters = std::vector<std::unique_ptr<Chapter>>;

void add_policy_chapters(Chapters& chapters);    // changes, limits, people
void add_control_chapters(Chapters& chapters);   // controls, refusals
void add_kill_chapters(Chapters& chapters);      // kills, drills
void add_override_chapters(Chapters& chapters);  // raises, releases, parents, prices, numbers
void add_path_chapters(Chapters& chapters);      // routes, sessions, refused logons
void add_running_chapters(Chapters& chapters);   // builds, clock, gaps, signing
void add_traffic_chapters(Chapters& chapters);   // stress, traffic
void add_people_chapters(Chapters& chapters);    // alerts, statements

// A chapter whose rows need no more than one record each. The first cell is the host, put in last.
class Listing : public Chapter {
 public:
  explicit Listing(std::string_view table) : table_(table) {}
  void write(const Course& course, const Year& year, Pack& pack) override;

 protected:
  std::vector<std::vector<Cell>> rows_;

 private:
  std::string_view table_;
};

// The key belongs to the control: "max_order_qty", "stale.journal".
[[nodiscard]] bool has_key(const risk::Control& control, std::string_view key);
// A number among a row of fields, of which FieldReader gives only the first.
[[nodiscard]] std::int64_t number_in(std::string_view bytes);

}  // namespace interlock::cli::evidence

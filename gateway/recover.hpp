// After a start: books, names and sequence numbers as the journal says they were.
#pragma once

#include <expected>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gateway/core.hpp"
#include "gateway/read_ahead.hpp"
#include "gateway/snapshot_file.hpp"

namespace interlock::gateway {

// Replays the recorded verdicts and facts; nothing is decided again. An error names the record that
// cannot be applied.
class Recovery {
 public:
  explicit Recovery(Core& core, Observe observe = {})
      : core_(core), floor_(core.floor_), observe_(std::move(observe)) {}
  // A core that knows nothing yet.
  [[nodiscard]] static std::unique_ptr<Core> blank(const config::Config& config,
                                                   audit::Journal& journal,
                                                   killswitch::Latch& latch,
                                                   std::function<Clock()> read_clock,
                                                   std::string build_id);
  // From the snapshot's mark, or the first record, up to the record `through`.
  std::expected<void, std::string> run(const SnapshotFile* from = nullptr,
                                       std::uint64_t through = UINT64_MAX);
  // Children that waited for their parents when the last run ended, in their order.
  [[nodiscard]] std::vector<std::pair<std::string, Waiter>> undecided() const;

  // All that `run` has rebuilt, for a snapshot.
  void save(std::ostream& to);

 private:
  std::expected<void, std::string> restore(const SnapshotFile& snapshot);
  template <class Archive>
  void state(Archive& archive);
  void prepare(ReadRecord& read) const;  // on the reader's thread
  void apply(ReadRecord& read);
  void numbers(const ReadRecord& read);
  void count_message(const ReadRecord& read, risk::RouterId id);
  void router_message(const audit::FieldReader& fields, const ReadRecord& read);
  void venue_message(const audit::FieldReader& fields, ReadRecord& read);
  void gateway_message(const audit::FieldReader& fields, const audit::Record& record);
  void sequence(const audit::FieldReader& fields, const audit::Record& record);
  void parent(const audit::FieldReader& fields, const audit::Record& record);
  void shadow_message(const audit::FieldReader& fields, const audit::Record& record);
  void waiting(const audit::FieldReader& fields, const audit::Record& record);
  void prices(const audit::FieldReader& fields);
  void raise(const audit::FieldReader& fields, const audit::Record& record);
  void intern(const audit::FieldReader& fields);  // names that a reload has added or removed
  void release(const audit::FieldReader& fields, const audit::Record& record);
  void alert(const audit::FieldReader& fields, const audit::Record& record);
  void ended(const audit::FieldReader& fields, const audit::Record& record);

  Core& core_;
  Floor& floor_;
  const Observe observe_;
  // By the record in which they stand: what waited and was not decided, with its session.
  std::map<std::uint64_t, std::pair<std::string, Waiter>> waiting_;
  std::map<const Leg*, risk::Time> numbered_at_;  // when each session last used up a number of ours
  bool same_policy_ = false;  // from here on, as the configuration that we rebuild under
  std::string problem_;       // the first
};

}  // namespace interlock::gateway

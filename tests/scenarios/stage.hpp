// Where a play is given: in process against the core, or over sockets against the program.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "scenarios/play.hpp"
#include "scenarios/player.hpp"
#include "scenarios/snapshots.hpp"

namespace interlock::gateway {
class Core;
}

namespace interlock::scenarios {

class Stage {
 public:
  virtual ~Stage() = default;
  virtual Player& player(const std::string& name) = 0;
  virtual void said(Player& player) = 0;   // its bytes are on their way
  virtual bool heard(Player& player) = 0;  // waits until it has an unread message
  virtual void quiet() = 0;                // waits until whatever comes has come
  virtual void parent(const std::string& id, const std::string& account, const std::string& symbol,
                      const std::string& side, const std::string& size) = 0;
  virtual void price(const std::string& symbol, const std::string& price) = 0;
  virtual void advance(std::int64_t milliseconds) = 0;
  // `level` as `killswitch::level_of` reads it.
  virtual void kill(const std::string& scope, const std::string& id, const std::string& level) = 0;
  virtual void rearm() = 0;
  // `ann` edits the running file (the first `before` becomes `after`) and reloads it.
  virtual void reload(const std::string& before, const std::string& after) = 0;
  virtual void raise(const std::string& scope, const std::string& id, const std::string& key,
                     const std::string& value, std::int64_t milliseconds) = 0;
  virtual void approve() = 0;  // `bob`, what `ann` has proposed last
  virtual void release(const std::string& router, const std::string& cl_ord_id) = 0;
  virtual void quote(const std::string& symbol, const std::string& price) = 0;
  virtual void acknowledge() = 0;  // every open alert
  virtual void disk_full() = 0;    // of the journal: as long as it takes to be noticed
  virtual void clock(std::int64_t milliseconds) = 0;  // of the gateway's host is set by so much
  virtual void link(const std::string& name, bool up) = 0;
  virtual void restart(bool clean) = 0;
  // Waits until the venue's orders are compared with the books, with this outcome.
  virtual void compared(const std::string& venue, const std::string& outcome) = 0;
  virtual std::vector<Player*> players() = 0;
};

[[nodiscard]] std::unique_ptr<Stage> in_process(const std::filesystem::path& configs,
                                                const std::string& config);
// The same core as a shadow: its routers' ends are copies, nobody plays a venue, and what it would
// have done is appended to `said`.
[[nodiscard]] std::unique_ptr<Stage> in_shadow(const std::filesystem::path& configs,
                                               const std::string& config,
                                               std::vector<std::string>& said);
// `program` is the built interlock.
[[nodiscard]] std::unique_ptr<Stage> over_sockets(const std::filesystem::path& configs,
                                                  const std::string& config,
                                                  const std::filesystem::path& program);

// The books that an in-process stage has now, and those that a new core makes of its journal.
struct Digests {
  std::uint64_t live = 0;
  std::uint64_t rebuilt = 0;
  std::string live_desk, rebuilt_desk;  // what people have done, and have to see to, as text
};
[[nodiscard]] Digests rebuild(Stage& in_process_stage);

// The stage stops in order, and its journal is judged again under the configuration it ends with.
struct Replay {
  std::string differences;       // of verdicts, a line each
  std::uint64_t live_books = 0;  // digests
  std::uint64_t books = 0;
  std::string other_books;
};
[[nodiscard]] Replay replay(Stage& in_process_stage);

// Of an in-process stage.
[[nodiscard]] Snapshots& snapshots_of(Stage& in_process_stage);
[[nodiscard]] const config::Config& config_of(Stage& in_process_stage);

// The core of an in-process stage; another one after each restart.
[[nodiscard]] gateway::Core& core_of(Stage& in_process_stage);

// Nothing runs for that long between the stop, or the crash, and the new start.
void restart_after(Stage& in_process_stage, std::int64_t closed_for_ns, bool clean);

// Where an in-process stage keeps its journal.
[[nodiscard]] std::filesystem::path journal_of(Stage& in_process_stage);

// Gives the play; an empty text when every line held, else what did not, with file and line.
[[nodiscard]] std::string give(const Play& play, Stage& stage);

}  // namespace interlock::scenarios

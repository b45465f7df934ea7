// One seeded world around a whole core, on a clock of its own: routers and venues that speak FIX,
// late and lost reports, kills at random moments, restarts from the journal.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "killswitch/latch.hpp"
#include "scenarios/stage.hpp"
#include "simulation/chance.hpp"

namespace interlock::simulation {

inline constexpr std::int64_t size_of_a_parent = 300;
inline constexpr std::uint32_t parents_of_a_core = 4;
[[nodiscard]] std::filesystem::path configs_of_plays();

struct CoreTally {
  std::uint32_t entered = 0, reports = 0, kills = 0, rearms = 0, restarts = 0, lost = 0;
  std::uint32_t shut_out = 0;   // D and G of what is killed
  std::uint32_t judged = 0;     // again, from the journal
  std::uint32_t asked = 0;      // how an order stands
  std::uint32_t held_back = 0;  // D and G while that is not known, and re-arms
  CoreTally& operator+=(const CoreTally& other);
};

class CoreWorld {
 public:
  // `out`: where each event is told; nullptr: nowhere.
  explicit CoreWorld(std::uint64_t seed, std::ostream* out = nullptr);
  // Throws Failure where something that has to hold does not.
  CoreTally run();

 private:
  struct Sent {  // what a venue has of an order
    std::string cl_ord_id, router, account, symbol, parent, side;
    std::int64_t quantity = 0;
    std::int64_t executed = 0;
    bool is_alive = false;
    bool is_answered = false;  // the D
    char ended_as = '2';       // 39, once it is not alive
    [[nodiscard]] std::int64_t worst() const;
  };
  struct Mail {
    std::string type, cl_ord_id, orig_cl_ord_id;
    std::size_t order = 0;
    std::int64_t quantity = 0;
    std::string request;  // 790 of an H
  };
  struct Venue {
    std::string name;
    std::deque<Mail> mail;
    std::deque<std::pair<std::string, scenarios::Fields>> reports;  // not said yet
  };

  void step();
  void enter();
  void replace();
  void cancel();
  void answer(Venue& venue);
  void tell_status(Venue& venue, const Mail& mail);
  void execute(Venue& venue);
  void speak(Venue& venue);
  void kill();
  void rearm();
  void restart();
  void hear_out();  // the venues answer what they are asked
  void finish();

  void say(scenarios::Player& player, const std::string& type, scenarios::Fields fields);
  void report(Venue& venue, const Sent& order, const std::string& exec_type,
              const std::string& cl_ord_id, scenarios::Fields more);
  void listen();
  void hear(Venue& venue, const std::string& frame, const scenarios::Player& player);
  void stays_shut(const Sent& order, const std::string& type) const;
  void covers_truth() const;
  void is_exact() const;
  void replays_the_same();
  [[nodiscard]] std::int64_t used(const std::string& parent) const;
  [[nodiscard]] Sent* some_order();
  [[nodiscard]] std::string fresh() { return "o" + std::to_string(++named_); }
  void demand(bool holds, const std::string& what) const;
  void tell(const std::string& what) const;

  std::uint64_t seed_;
  std::ostream* out_;
  Chance chance_;
  std::unique_ptr<scenarios::Stage> stage_;
  std::vector<Venue> venues_;
  std::vector<Sent> orders_;
  std::map<std::string, std::size_t> by_name_;  // each ClOrdID that reached a venue
  std::vector<killswitch::Kill> kills_;         // active when the current step began
  std::uint32_t named_ = 0, executions_ = 0;
  CoreTally tally_;
};

}  // namespace interlock::simulation

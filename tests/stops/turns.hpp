// The gateway with its real sockets, one turn of its loop at a time: nothing happens between two
// turns but what the test does.
#pragma once

#include <memory>
#include <string>

#include "gateway/core.hpp"
#include "gateway/sockets.hpp"
#include "scenarios/setting.hpp"
#include "stops/ends.hpp"

namespace interlock::stops {

// Of tests/scenarios/configs: "flood", with the venue's port in it.
[[nodiscard]] scenarios::Setting flood_setting(const VenueEnd& venue);

struct Disk {
  config::Durability durability = config::Durability::process;
  audit::SyncFile sync_file = audit::sync_to_disk;
};

class Turns {
 public:
  explicit Turns(const VenueEnd& venue, Disk disk = {});
  ~Turns();
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  void turn();  // one of the loop, without waiting
  void arm();   // clears every kill: what two people's re-arming ends in
  std::uint64_t kill(killswitch::Scope scope = {});  // sets the latch; the next turn sees it
  [[nodiscard]] gateway::Core& core() { return *core_; }
  [[nodiscard]] gateway::Leg& venue() { return *core_->floor().venues.at(0); }
  [[nodiscard]] std::uint16_t port() const { return sockets_->bound_port("R1"); }

 private:
  scenarios::Setting setting_;
  config::Config config_;
  int wake_ = -1;
  std::int64_t ticked_ns_ = 0;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<killswitch::Latch> latch_;
  std::unique_ptr<gateway::Core> core_;
  std::unique_ptr<gateway::Sockets> sockets_;
};

}  // namespace interlock::stops

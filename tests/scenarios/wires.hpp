// The connections of a play that is given in process.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/leg.hpp"
#include "scenarios/player.hpp"

namespace interlock::scenarios {

// A connection without a socket: what the gateway writes lies here until it is handed over.
class Wire : public gateway::Link {
 public:
  std::size_t write(std::string_view bytes) override {
    if (!open || player->takes == 0) return broken;
    if (player->deaf) return 0;
    const std::size_t taken = std::min(bytes.size(), player->takes);
    player->takes -= taken;
    to_player.append(bytes.substr(0, taken));
    return taken;
  }
  void close() override { open = false; }
  void reset() override { to_player.clear(), open = false; }
  std::uint64_t unsent() const override { return player->deaf ? to_player.size() : 0; }
  std::string peer() const override { return "127.0.0.1:1"; }
  explicit Wire(Player& at) : player(&at) {}
  Player* player;
  bool open = true;
  bool admitted = false;  // of a router: its Logon has been taken
  std::string to_player;
  std::string before_logon;
};

struct End {
  std::unique_ptr<Player> player;
  std::unique_ptr<Wire> wire;
  gateway::Leg* leg = nullptr;
  std::uint32_t index = 0;  // of the acceptors or connectors
  bool wanted = true;       // `link ... down` has not been said
};

}  // namespace interlock::scenarios

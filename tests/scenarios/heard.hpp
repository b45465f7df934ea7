// What a player of a stage has heard, one message after the other, for tests that are no plays.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "gateway/wire.hpp"
#include "scenarios/player.hpp"
#include "scenarios/stage.hpp"

namespace interlock::scenarios {

inline std::string value(const Heard& heard, const Player& player, config::Tag tag) {
  return std::string(
      gateway::parse_lenient(heard.frame, player.dialect()).parsed.get(tag).value_or(""));
}
inline std::string type(const Heard& heard, const Player& player) {
  return std::string(gateway::parse_lenient(heard.frame, player.dialect()).parsed.type);
}
inline Heard next(Stage& stage, Player& player) {
  REQUIRE_MESSAGE(stage.heard(player), "nothing came to " << player.id());
  Heard heard = player.inbox.front();
  player.inbox.pop_front();
  return heard;
}

}  // namespace interlock::scenarios

// What a shadow on a stage would have done, as lines.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "gateway/floor.hpp"

namespace interlock::scenarios {

// Nothing: it is no shadow.
inline std::optional<gateway::Shadowing> shadowing(std::vector<std::string>* said) {
  if (said == nullptr) return std::nullopt;
  gateway::Shadowing shadow;
  shadow.refused = [said](const gateway::RefusalView& refusal) {
    said->push_back(
        fmt::format("refuse {} {} {}", refusal.router, refusal.cl_ord_id, refusal.code));
  };
  shadow.killed = [said](const killswitch::Kill& kill) {
    said->push_back(fmt::format("{} {}", killswitch::name(kill.level), kill.scope.id));
  };
  return shadow;
}

}  // namespace interlock::scenarios

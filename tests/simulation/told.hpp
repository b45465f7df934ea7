// Events as lines for people.
#pragma once

#include <string>

#include "simulation/model.hpp"

namespace interlock::simulation {

[[nodiscard]] std::string told(const risk::Request& request);
[[nodiscard]] std::string told(const risk::Report& report);
[[nodiscard]] std::string told(const Event& event);

}  // namespace interlock::simulation

// Something that has to hold in a seeded world, and does not.
#pragma once

#include <stdexcept>

namespace interlock::simulation {

struct Failure : std::logic_error {
  using std::logic_error::logic_error;
};

}  // namespace interlock::simulation

// One control alone: the same books, and one row of the table of controls, asked by the replay. The
// gateway itself has no way of leaving a control out.
#pragma once

#include "cli/knight_figures.hpp"
#include "risk/control.hpp"

namespace interlock::cli::knight {

// No control: what the routers send reaches the venues. No books are kept, for nobody asks them.
[[nodiscard]] Figures without_control(const Morning& morning);

[[nodiscard]] Figures with_one_control(const Morning& morning, const risk::Control& control);

}  // namespace interlock::cli::knight

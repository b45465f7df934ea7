// The figures of the replay's runs, for people, for programs, and for the documents.
#pragma once

#include <string>
#include <vector>

#include "cli/knight_figures.hpp"

namespace interlock::cli::knight {

[[nodiscard]] std::string as_text(const Figures& figures);
[[nodiscard]] std::string as_json(const std::vector<Figures>& all);
// The table of README.md and docs/knight.md.
[[nodiscard]] std::string as_markdown(const std::vector<Figures>& all);

}  // namespace interlock::cli::knight

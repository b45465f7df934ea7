// From journals to a pack: every record that is proven and before the year's end, once, in order.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/evidence/pack.hpp"

namespace interlock::cli::evidence {

// An error: a directory has no journal at all. A journal that is damaged makes a pack that says so.
[[nodiscard]] std::expected<Pack, std::string> gather(
    int year, const std::vector<std::filesystem::path>& journals);

}  // namespace interlock::cli::evidence

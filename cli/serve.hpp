// The gateway in the foreground, inline or as a shadow.
#pragma once

#include <filesystem>
#include <optional>

#include "cli/command.hpp"
#include "gateway/loop.hpp"

namespace interlock::cli {

// Until a signal stops it. `quiet`: nothing but what a shadow says goes to stdout.
int serve(const std::filesystem::path& file, const Build& build,
          std::optional<gateway::Shadowing> shadow = std::nullopt, bool quiet = false);

}  // namespace interlock::cli

// What the journal proves: `audit verify`, `audit keys`, `audit prove` and `audit verify-proof`.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

namespace interlock::cli {

void add_proof(CLI::App& audit, int& exit);

// The journal's folder: as given, as the configuration names it, or the usual one.
[[nodiscard]] std::filesystem::path journal_of(const std::string& directory,
                                               const std::string& config);

}  // namespace interlock::cli

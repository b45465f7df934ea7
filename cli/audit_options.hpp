// What the subcommands that read a journal share: where it is, and which of its records.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "audit/query.hpp"

namespace interlock::cli {

struct JournalPlace {
  std::string directory, config;
  [[nodiscard]] std::filesystem::path path() const;  // throws Failure
};
void add_place(CLI::App& command, JournalPlace& place);

struct Wanted {
  std::string from, to, router, account, parent, cl_ord_id, person, reason, kind;
  [[nodiscard]] audit::Filter filter() const;  // throws Failure
};
void add_wanted(CLI::App& command, Wanted& wanted);

// Of `audit`; the one that is called sets `exit`.
void add_audit_query(CLI::App& audit, int& exit);   // query, tail
void add_audit_export(CLI::App& audit, int& exit);  // export

}  // namespace interlock::cli

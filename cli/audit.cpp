// audit: the journal's tools.
#include "cli/audit_options.hpp"
#include "cli/command.hpp"
#include "cli/proof.hpp"

namespace interlock::cli {

void add_audit(CLI::App& app, int& exit) {
  auto* audit = app.add_subcommand("audit", "The journal, also while it is being written");
  audit->require_subcommand(1);
  add_proof(*audit, exit);
  add_audit_query(*audit, exit);
  add_audit_export(*audit, exit);
}

}  // namespace interlock::cli

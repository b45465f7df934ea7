#include "cli/audit_options.hpp"

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/proof.hpp"

namespace interlock::cli {
namespace {

void check(const std::expected<void, std::string>& understood) {
  if (!understood) throw Failure(exit_usage, understood.error());
}

}  // namespace

std::filesystem::path JournalPlace::path() const { return journal_of(directory, config); }

void add_place(CLI::App& command, JournalPlace& place) {
  command.add_option("DIR", place.directory,
                     "Its folder, else that of --config, else the usual one");
  command.add_option("--config", place.config, "The configuration that names the folder");
}

audit::Filter Wanted::filter() const {
  audit::Filter filter;
  filter.router = router;
  filter.account = account;
  filter.parent = parent;
  filter.cl_ord_id = cl_ord_id;
  filter.person = person;
  if (!from.empty()) check(audit::set_from(filter, from));
  if (!to.empty()) check(audit::set_to(filter, to));
  if (!reason.empty()) {
    filter.reason = risk::reason_of(reason);
    if (!filter.reason)
      throw Failure(exit_usage, fmt::format("'{}' is no code; docs/rejects.md has them", reason));
  }
  if (!kind.empty()) {
    filter.kind = audit::kind_of(kind);
    if (!filter.kind)
      throw Failure(exit_usage,
                    fmt::format("no record is of kind '{}'; docs/reading.md names them", kind));
  }
  return filter;
}

void add_wanted(CLI::App& command, Wanted& wanted) {
  command.add_option("--from", wanted.from, "A record (B12), date, or time (2026-11-26T09:30:00Z)");
  command.add_option("--to", wanted.to, "The last one: as --from; a date with its whole day (UTC)");
  command.add_option("--router", wanted.router, "What came from it, went to it, or is about it");
  command.add_option("--account", wanted.account, "As the policy names it");
  command.add_option("--parent", wanted.parent, "With its children and their reports");
  command.add_option("--cl-ord-id", wanted.cl_ord_id,
                     "The router's or the venue's, and what it replaces or is replaced by");
  command.add_option("--person", wanted.person, "What that person did, alone or as one of two");
  command.add_option("--reason", wanted.reason, "A code: PARENT_FILL");
  command.add_option("--kind", wanted.kind, "Of the record: router_message, kill, ...");
}

}  // namespace interlock::cli

#include <fmt/format.h>

#include <memory>

#include "audit/print.hpp"
#include "audit/reader.hpp"
#include "cli/command.hpp"
#include "cli/proof.hpp"

namespace interlock::cli {
namespace {

struct AuditOptions {
  std::string directory, config;
  std::uint64_t from = 0;
  bool as_json = false;
};

int print(const AuditOptions& options) {
  const auto read =
      audit::read(journal_of(options.directory, options.config), [&](const audit::Record& record) {
        if (record.location.sequence < options.from) return true;
        fmt::print("{}\n", options.as_json ? audit::print_json(record) : audit::print(record));
        return std::ferror(stdout) == 0;
      });
  if (read) return exit_done;
  fmt::print(stderr, "interlock: {}\n", read.error());
  return exit_no;
}

}  // namespace

void add_audit(CLI::App& app, int& exit) {
  auto* audit = app.add_subcommand("audit", "The journal, also while it is being written");
  audit->require_subcommand(1);
  const auto options = std::make_shared<AuditOptions>();
  const auto add = [&](const char* name, const char* says) {
    auto* command = audit->add_subcommand(name, says);
    command->add_option("DIR", options->directory, "Its folder");
    command->add_option("--config", options->config, "The configuration that names the folder");
    command->add_flag("--json", options->as_json, "One line of JSON each");
    return command;
  };
  add_proof(*audit, exit);
  auto* printer = add("print", "Each record, with secrets masked");
  printer->add_option("--from", options->from, "Begin at this number");
  printer->callback([=, &exit] { exit = print(*options); });
}

}  // namespace interlock::cli

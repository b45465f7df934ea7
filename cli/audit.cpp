#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "audit/print.hpp"
#include "audit/reader.hpp"
#include "cli/command.hpp"
#include "config/config.hpp"

namespace interlock::cli {
namespace {

constexpr const char* usual_directory = "/var/lib/interlock/audit";

struct AuditOptions {
  std::string directory, config;
  std::uint64_t from = 0;
  bool as_json = false;
};

std::filesystem::path directory_of(const AuditOptions& options) {
  if (!options.directory.empty()) return options.directory;
  if (options.config.empty()) return usual_directory;
  const auto loaded = config::load(options.config);
  if (!loaded.config) throw Failure{exit_usage, config::render(loaded.problems)};
  return loaded.config->audit_dir;
}

// Records after the last checkpoint are no damage: a running gateway always has some.
int verify(const AuditOptions& options) {
  const auto directory = directory_of(options);
  const auto found = audit::verify(directory);
  const bool sound =
      found.finding == audit::Finding::whole || found.finding == audit::Finding::unsealed_tail;
  if (options.as_json) {
    fmt::print("{}\n",
               boost::json::serialize(boost::json::object{{"finding", audit::name(found.finding)},
                                                          {"sound", sound},
                                                          {"records", found.records},
                                                          {"last_good", found.last_good},
                                                          {"where", found.where},
                                                          {"chain", found.chain}}));
    return sound ? exit_done : exit_no;
  }
  fmt::print("{}: {} records, certain up to B{}{}{}\nchain {}\n", audit::name(found.finding),
             found.records, found.last_good, found.where.empty() ? "" : "; ", found.where,
             found.chain);
  return sound ? exit_done : exit_no;
}

int print(const AuditOptions& options) {
  const auto read = audit::read(directory_of(options), [&](const audit::Record& record) {
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
  add("verify", "Whether every record is as it was written")->callback([=, &exit] {
    exit = verify(*options);
  });
  auto* printer = add("print", "Each record, with secrets masked");
  printer->add_option("--from", options->from, "Begin at this number");
  printer->callback([=, &exit] { exit = print(*options); });
}

}  // namespace interlock::cli

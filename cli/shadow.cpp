// `interlock shadow`: what the gateway would refuse and kill, on copies of the flow.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdio>
#include <memory>

#include "cli/command.hpp"
#include "cli/serve.hpp"
#include "gateway/loop.hpp"

namespace interlock::cli {
namespace {

void say(const boost::json::object& line) {
  fmt::print("{}\n", boost::json::serialize(line));
  std::fflush(stdout);
}

gateway::Shadowing shadowing(bool as_json) {
  gateway::Shadowing shadow;
  shadow.refused = [as_json](const gateway::RefusalView& refusal) {
    if (as_json)
      return say({{"would", "refuse"},
                  {"time_ns", refusal.time_ns},
                  {"router", refusal.router},
                  {"cl_ord_id", refusal.cl_ord_id},
                  {"code", refusal.code},
                  {"text", refusal.text}});
    fmt::print("would refuse {} {}: {}\n", refusal.router, refusal.cl_ord_id, refusal.text);
    std::fflush(stdout);
  };
  shadow.killed = [as_json](const killswitch::Kill& kill) {
    const std::string scope(killswitch::name(kill.scope.kind));
    const std::string level(killswitch::name(kill.level));
    if (as_json)
      return say({{"would", level},
                  {"time_ns", kill.tripped_at_ns},
                  {"scope_kind", scope},
                  {"scope", kill.scope.id},
                  {"cause", kill.cause}});
    fmt::print("would {} {} {}: {}\n", level, scope, kill.scope.id, kill.cause);
    std::fflush(stdout);
  };
  return shadow;
}

}  // namespace

void add_shadow(CLI::App& app, int& exit, const Build& build) {
  const auto file = std::make_shared<std::string>();
  const auto as_json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand(
      "shadow", "On copies of the flow: what would be refused; nothing is sent to anybody");
  command->add_option("FILE", *file, "gateway.toml, with directories of its own")->required();
  command->add_flag("--json", *as_json, "Each verdict as a line of JSON");
  command->callback([=, &exit] { exit = serve(*file, build, shadowing(*as_json), *as_json); });
}

}  // namespace interlock::cli

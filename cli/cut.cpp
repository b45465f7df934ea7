#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;

struct CutOptions {
  Where where;
  std::string venue;
  bool as_json = false;
};

int cut(const CutOptions& options) {
  const auto answer = post(options.where, "/api/v1/cut", {{"venue", options.venue}});
  fmt::print("{}\n", options.as_json ? json::serialize(answer) : plain(answer.at("text")));
  return exit_done;
}

}  // namespace

void add_cut(CLI::App& app, int& exit) {
  const auto options = std::make_shared<CutOptions>();
  auto* command = app.add_subcommand(
      "cut", "Reset the connection of a killed venue: what waits for it never leaves");
  add_where(*command, options->where);
  command->add_option("VENUE", options->venue, "It, or everything, has to be killed")->required();
  command->add_flag("--json", options->as_json, "The API's answer as it is");
  command->callback([=, &exit] { exit = cut(*options); });
}

}  // namespace interlock::cli

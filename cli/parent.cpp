#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"

namespace interlock::cli {
namespace {

struct ParentOptions {
  Where where;
  std::string parent, account, symbol, side, size, token_file;
  bool as_json = false;
};

int declare(const ParentOptions& options) {
  const auto answer = post(options.where, "/api/v1/parents",
                           {{"parent", options.parent},
                            {"account", options.account},
                            {"symbol", options.symbol},
                            {"side", options.side},
                            {"size", options.size}},
                           token_of(options.token_file));
  if (options.as_json) {
    fmt::print("{}\n", boost::json::serialize(answer));
  } else {
    fmt::print("{}: {} {}\n", options.parent, plain(answer.at("answer")), plain(answer.at("text")));
  }
  return exit_done;
}

}  // namespace

void add_parent(CLI::App& app, int& exit) {
  auto* parent = app.add_subcommand("parent", "Parent orders");
  parent->require_subcommand(1);
  const auto options = std::make_shared<ParentOptions>();
  auto* command = parent->add_subcommand("declare", "What a parent's children may fill together");
  add_where(*command, options->where);
  command->add_option("PARENT", options->parent, "Its id, as children name it")->required();
  command->add_option("--account", options->account, "FIX tag 1")->required();
  command->add_option("--symbol", options->symbol, "FIX tag 55")->required();
  command->add_option("--side", options->side, "buy, sell, sell_short, or FIX tag 54")->required();
  command->add_option("--size", options->size, "Shares or contracts")->required();
  command->add_flag("--json", options->as_json, "The API's answer as it is");
  add_token(*command, options->token_file);
  command->callback([=, &exit] { exit = declare(*options); });
}

}  // namespace interlock::cli

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

int change(const ParentOptions& options, const boost::json::object& body) {
  const auto answer =
      post(options.where, "/api/v1/parents/change", body, token_of(options.token_file));
  if (options.as_json) {
    fmt::print("{}\n", boost::json::serialize(answer));
  } else if (answer.at("answer") == "proposed") {
    fmt::print("{}: interlock parent approve {}\n", plain(answer.at("text")),
               plain(answer.at("id")));
  } else {
    fmt::print("done: {}\n", plain(answer.at("text")));
  }
  return exit_done;
}

void add_change(CLI::App& parent, int& exit, const char* action, const char* quantity,
                const char* says) {
  const auto options = std::make_shared<ParentOptions>();
  const auto reason = std::make_shared<std::string>();
  auto* command = parent.add_subcommand(action, says);
  add_where(*command, options->where);
  command->add_option("PARENT", options->parent, "Its id")->required();
  if (quantity != nullptr) command->add_option(quantity, options->size, "Shares")->required();
  command->add_option("--reason", *reason, "Why, for the record")->required();
  command->add_flag("--json", options->as_json, "The API's answer as it is");
  add_token(*command, options->token_file);
  command->callback([=, &exit] {
    boost::json::object body{{"action", action}, {"parent", options->parent}, {"reason", *reason}};
    if (quantity != nullptr) body["quantity"] = options->size;
    exit = change(*options, body);
  });
}

void add_approve(CLI::App& parent, int& exit) {
  const auto options = std::make_shared<ParentOptions>();
  const auto proposal = std::make_shared<std::uint64_t>(0);
  auto* command = parent.add_subcommand("approve", "As the second person: a larger size");
  add_where(*command, options->where);
  command->add_option("ID", *proposal, "The proposal's number")->required();
  command->add_flag("--json", options->as_json, "The API's answer as it is");
  add_token(*command, options->token_file);
  command->callback([=, &exit] {
    exit = change(*options, {{"action", "approve"}, {"proposal", *proposal}});
  });
}

}  // namespace

void add_parent(CLI::App& app, int& exit) {
  auto* parent = app.add_subcommand("parent", "Parent orders");
  parent->require_subcommand(1);
  add_change(*parent, exit, "resize", "SIZE", "Less by one person, more by two");
  add_change(*parent, exit, "cancel", nullptr, "No child may enter any more");
  add_change(*parent, exit, "executed", "QUANTITY", "What all ways to market have executed");
  add_approve(*parent, exit);
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

#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "cli/client.hpp"
#include "cli/command.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;

struct SessionOptions {
  Where where;
  std::string name, reason, token_file;
  std::optional<std::uint64_t> next_in, next_out;
  std::uint64_t proposal = 0;
  bool as_json = false;
};

int change(const SessionOptions& options, const json::object& body) {
  const auto answer =
      post(options.where, "/api/v1/sessions/sequence", body, token_of(options.token_file));
  tell(answer, options.as_json, "interlock session approve");
  return exit_done;
}

CLI::App* add(CLI::App& session, SessionOptions& options, const char* name, const char* says) {
  auto* command = session.add_subcommand(name, says);
  add_where(*command, options.where);
  command->add_flag("--json", options.as_json, "The API's answer as it is");
  add_token(*command, options.token_file);
  return command;
}

void add_reset(CLI::App& session, int& exit) {
  const auto options = std::make_shared<SessionOptions>();
  auto* command =
      add(session, *options, "reset-seq",
          "Propose its next sequence numbers, while it is down; another person approves");
  command->add_option("NAME", options->name, "The session, as `interlock sessions` names it")
      ->required();
  command->add_option("--in", options->next_in, "The number that its next message has to have");
  command->add_option("--out", options->next_out, "The number of our next message to it");
  command->add_option("--reason", options->reason, "Why, for the record")->required();
  command->callback([=, &exit] {
    if (!options->next_in && !options->next_out) throw CLI::RequiredError("--in or --out");
    json::object body{{"action", "set"}, {"session", options->name}, {"reason", options->reason}};
    if (options->next_in) body["next_in"] = *options->next_in;
    if (options->next_out) body["next_out"] = *options->next_out;
    exit = change(*options, body);
  });
}

}  // namespace

void add_session(CLI::App& app, int& exit) {
  auto* session = app.add_subcommand("session", "A FIX session's sequence numbers");
  session->require_subcommand(1);
  add_reset(*session, exit);
  const auto options = std::make_shared<SessionOptions>();
  auto* command = add(*session, *options, "approve", "As the second person: sequence numbers");
  command->add_option("ID", options->proposal, "The proposal's number")->required();
  command->callback([=, &exit] {
    exit = change(*options, {{"action", "approve"}, {"proposal", options->proposal}});
  });
}

}  // namespace interlock::cli

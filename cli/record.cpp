// record: what a person answers for, among the records of the gateway.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;

struct RecordOptions {
  Where where;
  std::string subject, text, token_file;
  std::vector<std::string> controls, figures;  // NAME=NUMBER
  std::string messages, trades;
  bool passed = false;
  bool failed = false;
  bool as_json = false;
};

json::object figure(std::string_view name, std::string_view value) {
  return {{"name", name}, {"value", value}};
}

json::array figures_of(const RecordOptions& options) {
  json::array figures;
  if (!options.messages.empty()) figures.push_back(figure("messages_per_second", options.messages));
  if (!options.trades.empty()) figures.push_back(figure("trades_per_second", options.trades));
  for (const std::string& each : options.figures) {
    const auto equals = each.find('=');
    if (equals == std::string::npos) throw Failure{exit_usage, "write --figure NAME=NUMBER"};
    figures.push_back(figure(each.substr(0, equals), each.substr(equals + 1)));
  }
  return figures;
}

int record(const RecordOptions& options) {
  json::object body{{"subject", options.subject}, {"text", options.text}};
  if (options.passed || options.failed) body["result"] = options.failed ? "failed" : "passed";
  if (!options.controls.empty())
    body["controls"] = json::array(options.controls.begin(), options.controls.end());
  if (auto figures = figures_of(options); !figures.empty()) body["figures"] = std::move(figures);
  const auto answer = post(options.where, "/api/v1/record", body, token_of(options.token_file));
  if (options.as_json)
    fmt::print("{}\n", json::serialize(answer));
  else
    fmt::print("{}: B{}\n", plain(answer.at("text")), plain(answer.at("id")));
  return exit_done;
}

}  // namespace

void add_record(CLI::App& app, int& exit) {
  auto* group = app.add_subcommand("record", "What you answer for: a test made, a review held");
  group->require_subcommand(1);
  const auto add = [&](const std::string& subject, const char* says) {
    const auto options = std::make_shared<RecordOptions>();
    options->subject = subject;
    auto* command = group->add_subcommand(subject, says);
    add_where(*command, options->where);
    command->add_option("--text", options->text, "What was done, and what came of it")->required();
    command->add_option("--figure", options->figures, "NAME=NUMBER, as often as you like");
    command->add_flag("--json", options->as_json, "The API's answer as it is");
    add_token(*command, options->token_file);
    if (subject != "review") {
      auto* passed = command->add_flag("--passed", options->passed, "It went as it should");
      command->add_flag("--failed", options->failed, "It did not")->excludes(passed);
    }
    if (subject == "control-test")
      command->add_option("--control", options->controls, "Which were tried: order-qty")
          ->required();
    if (subject == "stress-test") {
      command->add_option("--messages", options->messages, "A second, driven in the test");
      command->add_option("--trades", options->trades, "A second, driven in the test");
    }
    command->callback([=, &exit] { exit = record(*options); });
  };
  add("control-test", "Controls were tried, in a drill or against a simulated venue");
  add("stress-test", "Twice the peak was driven (RTS 6 art. 10)");
  add("review", "The yearly review was held (15c3-5(e), RTS 6 art. 9)");
}

}  // namespace interlock::cli

#include <fmt/format.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "cli/client.hpp"
#include "cli/command.hpp"
#include "cli/text.hpp"

namespace interlock::cli {
namespace {

namespace json = boost::json;
constexpr std::chrono::milliseconds look_every{200};

struct ButtonOptions {
  Where where;
  std::string id;
  bool as_json = false;
};

std::string at(const json::object& object, std::string_view key) { return plain(object.at(key)); }

std::string when(const json::object& button, std::string_view key) {
  return button.at(key).is_null() ? "never" : at(button, key);
}

std::string scope_text(const json::object& button) {
  const auto id = at(button, "scope_id");
  return id.empty() ? "everything" : at(button, "scope") + " " + id;
}

int list(const ButtonOptions& options) {
  const auto state = get(options.where, "/api/v1/state");
  const auto& buttons = state.at("buttons").as_array();
  if (options.as_json) {
    fmt::print("{}\n", json::serialize(buttons));
    return exit_done;
  }
  if (buttons.empty()) fmt::print("no button is configured: [[kill.button]], docs/hardware.md\n");
  bool all_good = true;
  for (const auto& value : buttons) {
    const auto& button = value.as_object();
    const bool good = button.at("good").as_bool();
    all_good = all_good && good;
    const auto shown = good ? at(button, "state") : red(at(button, "state"));
    fmt::print("{}  {}{}  {}\n  {}; stops {}; on_loss {}\n  last drill {}{}\n", at(button, "id"),
               shown, button.at("untested").as_bool() ? " (untested)" : "",
               button.at("fail_safe").as_bool() ? "fail-safe" : "NOT fail-safe",
               at(button, "device"), scope_text(button), at(button, "on_loss"),
               when(button, "drilled_at"),
               at(button, "drill").empty() ? "" : ", " + at(button, "drill"));
  }
  if (!buttons.empty()) fmt::print("thread: {}\n", at(state, "button_thread"));
  return all_good ? exit_done : exit_no;
}

json::object find(const json::object& state, const std::string& id) {
  for (const auto& button : state.at("buttons").as_array())
    if (button.at("id").as_string() == id) return button.as_object();
  throw Failure(exit_usage, "there is no button " + id + ": see `interlock button list`");
}

// A drill ends by itself within a minute; each step is said when it comes.
int test(const ButtonOptions& options) {
  const auto begun = post(options.where, "/api/v1/button", {{"button", options.id}});
  fmt::print(stderr, "{}\n", at(begun, "text"));
  std::string said;
  while (true) {
    std::this_thread::sleep_for(look_every);
    const auto button = find(get(options.where, "/api/v1/state"), options.id);
    const auto drill = at(button, "drill");
    const bool ended = button.at("drill_until").is_null() && !drill.empty();
    if (ended) {
      fmt::print("{}\n", options.as_json ? json::serialize(button) : drill);
      return drill.starts_with("passed") ? exit_done : exit_no;
    }
    if (drill != said) fmt::print(stderr, "{}\n", drill);
    said = drill;
  }
}

// What a hand does to a real one.
int simulate(const ButtonOptions& options, const std::string& what) {
  const auto button = find(get(options.where, "/api/v1/state"), options.id);
  if (button.at("socket").is_null())
    throw Failure(exit_usage, options.id + " is a real button: use your hand");
  const auto socket = at(button, "socket");
  boost::asio::local::stream_protocol::iostream stream;
  stream.rdbuf()->connect(boost::asio::local::stream_protocol::endpoint(socket));
  stream << what << std::endl;
  std::string answer;
  if (!std::getline(stream, answer))
    throw Failure(exit_unreachable, fmt::format("{}: {}", socket, stream.error().message()));
  fmt::print("{}\n", answer);
  return answer == "ok" ? exit_done : exit_no;
}

}  // namespace

void add_button(CLI::App& app, int& exit) {
  auto* command = app.add_subcommand("button", "The kill buttons: what they show, and drills");
  command->require_subcommand(1);
  const auto options = std::make_shared<ButtonOptions>();
  const auto add = [&](const char* name, const char* says) {
    auto* step = command->add_subcommand(name, says);
    add_where(*step, options->where);
    step->add_flag("--json", options->as_json, "The API's answer as it is");
    return step;
  };
  add("list", "Each button, its state and its last drill")->callback([=, &exit] {
    exit = list(*options);
  });
  for (const char* what : {"press", "release", "lose", "find"}) {
    auto* hand = add(what, "A simulated button only, as a hand would");
    hand->add_option("NAME", options->id, "The button's id")->required();
    hand->callback([=, &exit] { exit = simulate(*options, what); });
  }
  auto* drill = add("test", "A drill: a press within 60 s is measured and kills nothing");
  drill->add_option("NAME", options->id, "The button's id")->required();
  drill->callback([=, &exit] { exit = test(*options); });
}

}  // namespace interlock::cli

// The program: one subcommand, one exit code, one place that catches.
#include <fmt/format.h>

#include <exception>

#include "cli/command.hpp"
#include "cli/text.hpp"
#include "config/reader.hpp"

namespace interlock::cli {
extern const char* const source_revision;  // written by the build
}

namespace {

using namespace interlock::cli;

// CLI11 says that a subcommand is missing; which word is in its place, and what it may have meant.
std::string words_of(const CLI::App* app, const CLI::Error& error) {
  std::string path;
  const CLI::App* at = app;
  while (at->remaining().empty() && !at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    path += at->get_name() + " ";
  }
  std::vector<std::string> known;
  for (const CLI::App* each : at->get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(each->get_name());
  const std::vector<std::string> left = at->remaining();
  const bool is_command =
      at->get_require_subcommand_min() > 0 && !left.empty() && !left.front().starts_with('-');
  if (!is_command) return CLI::FailureMessage::simple(app, error);
  const std::string near = interlock::config::nearest(left.front(), known);
  const std::string what = fmt::format("unknown command {}{}", path, plain(left.front()));
  if (!near.empty()) return fmt::format("{}: did you mean {}{}?\n", what, path, near);
  return fmt::format("{}: `interlock {}--help` lists them\n", what, path);
}

int run(int argc, char** argv) {
  int exit = exit_done;
  CLI::App app{"Interlock: an inline pre-trade risk gateway.", "interlock"};
  app.require_subcommand(1);
  app.failure_message(words_of);
  add_run(app, exit, {INTERLOCK_VERSION, source_revision});
  add_shadow(app, exit, {INTERLOCK_VERSION, source_revision});
  add_files(app, exit);
  add_check(app, exit);
  add_read(app, exit);
  add_kill(app, exit);
  add_button(app, exit);
  add_cut(app, exit);
  add_alerts(app, exit);
  add_policy(app, exit);
  add_record(app, exit);
  add_parent(app, exit);
  add_session(app, exit);
  add_explain(app, exit);
  add_replay(app, exit);
  add_snapshot(app, exit);
  add_audit(app, exit);
  add_evidence(app, exit);
  add_fix(app, exit);
  add_knight(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_done : exit_usage;
  } catch (const Failure& failure) {
    fmt::print(stderr, "interlock: {}\n", failure.what());
    return failure.exit();
  }
  return exit;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "interlock: {}\n", error.what());
    return exit_internal;
  }
}

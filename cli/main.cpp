// The program: one subcommand, one exit code, one place that catches.
#include <fmt/format.h>

#include <exception>

#include "cli/command.hpp"

namespace interlock::cli {
extern const char* const source_revision;  // written by the build
}

namespace {

using namespace interlock::cli;

int run(int argc, char** argv) {
  int exit = exit_done;
  CLI::App app{"Interlock: an inline pre-trade risk gateway.", "interlock"};
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
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

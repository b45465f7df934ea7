// The program: one subcommand, one exit code, one place that catches.
#include <fmt/format.h>

#include <exception>

#include "cli/command.hpp"

namespace interlock::cli {
extern const char* const source_revision;
}

int main(int argc, char** argv) {
  using namespace interlock::cli;
  CLI::App app{"Interlock: a pre-trade risk gateway with a kill switch", "interlock"};
  app.require_subcommand(1);
  int exit = exit_done;
  add_run(app, exit, {"0.1.0", source_revision});
  add_files(app, exit);
  add_read(app, exit);
  add_parent(app, exit);
  add_kill(app, exit);
  add_audit(app, exit);
  try {
    app.parse(argc, argv);
    return exit;
  } catch (const CLI::ParseError& wrong) {
    const int code = app.exit(wrong);
    return code == 0 ? exit_done : exit_usage;
  } catch (const Failure& failure) {
    fmt::print(stderr, "interlock: {}\n", failure.what());
    return failure.exit();
  } catch (const std::exception& defect) {
    fmt::print(stderr, "interlock: internal error: {}\n", defect.what());
    return exit_internal;
  }
}

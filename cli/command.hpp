// What all subcommands share: exit codes, how trouble ends one, and the list of their groups.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace interlock::cli {

// Of the process; scripts depend on them.
enum Exit : int {
  exit_done = 0,
  exit_no = 1,           // it ran, and the answer is no
  exit_usage = 2,        // the command line, or a name on it, is wrong
  exit_unreachable = 3,  // no gateway answers
  exit_not_permitted = 4,
  exit_partly = 5,             // done, but something of it is not confirmed: stderr says what
  exit_internal = 70,          // a defect
  exit_another_instance = 75,  // runs on the same state directory
  exit_cannot_start = 78,      // configuration, files, ports
};

// Ends the command: the text goes to stderr.
class Failure : public std::runtime_error {
 public:
  Failure(Exit exit, const std::string& text) : std::runtime_error(text), exit_(exit) {}
  [[nodiscard]] Exit exit() const { return exit_; }

 private:
  Exit exit_;
};

struct Build {
  std::string version;   // of the release
  std::string revision;  // of the source
};

// Each adds its subcommands to `app`; the one that is called sets `exit`.
void add_shadow(CLI::App& app, int& exit, const Build& build);  // shadow
void add_files(CLI::App& app, int& exit);                       // init, secret
void add_check(CLI::App& app, int& exit);                       // check
void add_run(CLI::App& app, int& exit, const Build& build);     // run, demo, version
void add_read(CLI::App& app, int& exit);                        // status, sessions, parents, limits
void add_kill(CLI::App& app, int& exit);                        // kill, rearm
void add_button(CLI::App& app, int& exit);                      // button list, button test
void add_cut(CLI::App& app, int& exit);                         // cut
void add_alerts(CLI::App& app, int& exit);                      // alerts, alert, release
void add_policy(CLI::App& app, int& exit);                      // reload, raise, approve, policy
void add_record(CLI::App& app, int& exit);                      // record control-test ...
void add_parent(CLI::App& app, int& exit);                      // parent declare
void add_session(CLI::App& app, int& exit);                     // session reset-seq, approve
void add_explain(CLI::App& app, int& exit);                     // explain
void add_replay(CLI::App& app, int& exit);                      // replay
void add_snapshot(CLI::App& app, int& exit);                    // snapshot
void add_knight(CLI::App& app, int& exit);                      // knight
void add_evidence(CLI::App& app, int& exit);                    // evidence
void add_audit(CLI::App& app, int& exit);                       // audit verify, query, tail, export
void add_fix(CLI::App& app, int& exit);                         // fix

}  // namespace interlock::cli

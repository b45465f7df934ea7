// audit query, audit tail: the records that somebody asks for, and those that come.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <ctime>
#include <deque>
#include <memory>

#include "audit/follow.hpp"
#include "audit/print.hpp"
#include "cli/audit_options.hpp"
#include "cli/command.hpp"
#include "cli/fix_words.hpp"

namespace interlock::cli {
namespace {

struct QueryOptions {
  JournalPlace place;
  Wanted wanted;
  bool as_json = false;
  bool follow = false;
  std::size_t last = 10;
  bool in_words = false;
  [[nodiscard]] std::string line(const audit::Record& record, const audit::About& about) const {
    const audit::FrameText words = in_words ? cli::in_words : audit::FrameText();
    return as_json ? audit::print_json(record, about, words) : audit::print(record, words);
  }
};

bool say(const std::string& line) {
  fmt::print("{}\n", line);
  return std::ferror(stdout) == 0;
}

int query(const QueryOptions& options) {
  const auto read = audit::query(options.place.path(), options.wanted.filter(),
                                 [&](const audit::Record& record, const audit::About& about) {
                                   return say(options.line(record, about));
                                 });
  if (read) return exit_done;
  throw Failure(exit_no, read.error());
}

// SIGINT and SIGTERM end it between two records.
class Ends {
 public:
  Ends() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  // After a tenth of a second, or at once with true.
  [[nodiscard]] bool wait() const {
    const timespec beat{0, 100'000'000};
    return sigtimedwait(&signals_, nullptr, &beat) > 0;
  }

 private:
  sigset_t signals_{};
};

void check(const std::expected<void, std::string>& read) {
  if (!read) throw Failure(exit_no, read.error());
}

// Says each wanted record; at first only the last few.
class Tail {
 public:
  explicit Tail(const QueryOptions& options)
      : options_(options), question_(options.wanted.filter()) {}

  void take(const audit::Record& record) {
    const audit::About about = orders_.take(record);
    question_.learn(record, about);
    if (!question_.wants(record, about)) return;
    if (live_) {
      is_read_ = say(options_.line(record, about)) && is_read_;
      return;
    }
    lines_.push_back(options_.line(record, about));
    if (lines_.size() > options_.last) lines_.pop_front();
  }
  void go_live() {
    for (const auto& line : lines_) is_read_ = say(line) && is_read_;
    lines_.clear();
    live_ = true;
  }
  bool flush() { return std::fflush(stdout) == 0 && is_read_; }

 private:
  const QueryOptions& options_;
  audit::Question question_;
  audit::Orders orders_;
  std::deque<std::string> lines_;
  bool live_ = false;
  bool is_read_ = true;  // somebody reads what we say
};

int tail(const QueryOptions& options) {
  const auto directory = options.place.path();
  Tail tail(options);
  const Ends ends;
  // From the beginning: whose a report is stands in the record of its order.
  audit::Follower follower(directory, 1);
  const auto take = [&](const audit::Record& record) { tail.take(record); };
  if (audit::last_segment(directory) == 0 && !options.follow)
    throw Failure(exit_no, fmt::format("no_journal: {}", directory.string()));
  check(follower.look(take));
  tail.go_live();
  while (tail.flush() && options.follow && !ends.wait()) check(follower.look(take));
  return exit_done;
}

}  // namespace

void add_audit_query(CLI::App& audit, int& exit) {
  const auto options = std::make_shared<QueryOptions>();
  auto* query_command =
      audit.add_subcommand("query", "Its records, those that are asked for; secrets are masked");
  auto* tail_command =
      audit.add_subcommand("tail", "Its last records, and with -f those that come");
  for (auto* command : {query_command, tail_command}) {
    add_place(*command, options->place);
    add_wanted(*command, options->wanted);
    command->add_flag("--fix", options->in_words, "Tags and values of FIX messages by name");
    command->add_flag("--json", options->as_json, "One line of JSON each");
  }
  tail_command->add_flag("-f,--follow", options->follow, "Go on until SIGINT or SIGTERM");
  tail_command->add_option("-n", options->last, "How many of the last; 10");
  query_command->callback([=, &exit] { exit = query(*options); });
  tail_command->callback([=, &exit] { exit = tail(*options); });
}

}  // namespace interlock::cli

// `interlock knight`: the morning of 1 August 2012, with no control, each alone, and all.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "cli/command.hpp"
#include "cli/knight_alone.hpp"
#include "cli/knight_core.hpp"
#include "cli/knight_report.hpp"
#include "cli/knight_sockets.hpp"

namespace interlock::cli {
namespace {

using namespace knight;

struct Options {
  std::string control;
  bool is_stress = false;
  std::string rejects = "hidden";
  bool is_sweep = false;
  bool has_variants = false;
  bool as_json = false;
  bool as_markdown = false;
};

Script script_of(const Options& options) {
  Script script;
  script.is_stress = options.is_stress;
  script.has_rejects = options.rejects == "visible";
  return script;
}

class Runs {
 public:
  explicit Runs(bool shows) : shows_(shows) {}
  void add(Figures figures, std::string_view where = "") {
    figures.name += where;
    all.push_back(std::move(figures));
    if (shows_) fmt::print("{}", as_text(all.back()));
    std::fflush(stdout);
  }
  std::vector<Figures> all;

 private:
  bool shows_;
};

// Each alone, as many at a time as the machine has cores: they share nothing but the morning.
std::vector<Figures> each_alone(const Morning& morning,
                                const std::vector<const risk::Control*>& controls) {
  std::vector<Figures> all(controls.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) {
      all[i] = with_one_control(morning, *controls[i]);
    }
  };
  std::vector<std::future<void>> workers(std::max(1u, std::thread::hardware_concurrency()));
  for (auto& worker : workers) worker = std::async(std::launch::async, work);
  for (auto& worker : workers) worker.get();
  return all;
}

void each_control(const Options& options, Runs& runs) {
  const Morning morning(script_of(options));
  const auto wanted = [&](std::string_view name) {
    return options.control.empty() || options.control == name;
  };
  if (wanted("none")) runs.add(without_control(morning));
  std::vector<const risk::Control*> alone;
  for (const risk::Control& control : risk::controls()) {
    if (wanted(control.id)) alone.push_back(&control);
  }
  for (Figures& figures : each_alone(morning, alone)) runs.add(std::move(figures));
  if (!wanted("all")) return;
  // The hours before the open do not fit in real time.
  const bool fits = !morning.script.has_rejects;
  if (fits) runs.add(over_sockets(morning, {}));
  runs.add(against_core(morning, {}), fits ? ", in process" : "");
}

// The order names no minute for the roll-back.
void each_minute(const Options& options, Runs& runs) {
  for (const std::int64_t minute : {5, 10, 15, 20, 25, 30, 40}) {
    Script script = script_of(options);
    script.roll_back_minute = minute;
    const Morning morning(script);
    const std::string where = fmt::format(", roll-back at {}", minute);
    runs.add(without_control(morning), where);
    runs.add(against_core(morning, {}), where);
  }
}

void each_variant(const Options& options, Runs& runs) {
  constexpr std::pair<Variant, std::string_view> variants[] = {
      {Variant::others_parents, ", others' parents"},
      {Variant::new_parents, ", new parents"},
      {Variant::wrong_side, ", wrong side"},
      {Variant::slow_leak, ", slow leak"},
  };
  Script script = script_of(options);
  script.length_minutes = 10;
  script.roll_back_minute = 5;
  for (const auto& [variant, where] : variants) {
    script.variant = variant;
    runs.add(against_core(Morning(script), {}), where);
  }
  script.variant = Variant::none;
  runs.add(against_core(Morning(script), {.fill_after_ns = 2 * second_ns}), ", late fills");
}

std::vector<Figures> run(const Options& options, bool shows) {
  Runs runs(shows);
  if (options.is_sweep) {
    each_minute(options, runs);
  } else if (options.has_variants) {
    each_variant(options, runs);
  } else {
    each_control(options, runs);
  }
  if (runs.all.empty()) throw Failure(exit_usage, "no control is called " + options.control);
  return std::move(runs.all);
}

}  // namespace

void add_knight(CLI::App& app, int& exit) {
  const auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("knight", "The morning of 1 August 2012, with and without");
  command->add_option("--control", options->control, "Only this run: none, a control's id, or all");
  command->add_flag("--stress", options->is_stress, "Router R8 alone, 1,481 executions a second");
  command->add_option("--rejects", options->rejects, "Whether the 97 rejects are on the wire")
      ->check(CLI::IsMember({"visible", "hidden"}));
  auto* sweep = command->add_flag("--sweep", options->is_sweep,
                                  "None and all, with the roll-back at other minutes");
  command
      ->add_flag("--variants", options->has_variants,
                 "All, against worse Power Pegs, in a morning of ten minutes")
      ->excludes(sweep);
  command->add_flag("--json", options->as_json, "As JSON");
  command->add_flag("--markdown", options->as_markdown, "As the table of the documents");
  command->callback([=, &exit] {
    const auto all = run(*options, !options->as_json && !options->as_markdown);
    if (options->as_json) fmt::print("{}\n", as_json(all));
    if (options->as_markdown) fmt::print("{}", as_markdown(all));
    exit = exit_done;
  });
}

}  // namespace interlock::cli

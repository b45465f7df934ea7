// evidence: a year of the journals as a pack of files for the review of 15c3-5(e).
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/command.hpp"
#include "cli/evidence/gather.hpp"
#include "config/config.hpp"

namespace interlock::cli {
namespace {

namespace fs = std::filesystem;

struct EvidenceOptions {
  int year = 0;
  std::vector<std::string> journals;
  std::string config, out;
};

std::vector<fs::path> journals_of(const EvidenceOptions& options) {
  std::vector<fs::path> journals(options.journals.begin(), options.journals.end());
  if (!options.config.empty()) {
    const auto loaded = config::load(options.config);
    if (!loaded.config) throw Failure{exit_usage, config::render(loaded.problems)};
    journals.push_back(loaded.config->audit_dir);
  }
  if (journals.empty()) throw Failure{exit_usage, "name the journals' folders, or --config"};
  return journals;
}

// What is there already may be somebody's evidence.
void make_empty_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Failure{exit_usage, fmt::format("{}: {}", folder.string(), error.message())};
  const auto first = fs::directory_iterator(folder, error);
  if (error || first != fs::directory_iterator())
    throw Failure{exit_usage, fmt::format("{} is not empty", folder.string())};
}

int make(const EvidenceOptions& options) {
  const auto pack = evidence::gather(options.year, journals_of(options));
  if (!pack) throw Failure{exit_usage, pack.error()};
  const fs::path folder = options.out;
  make_empty_folder(folder);
  for (const auto& [name, text] : evidence::files(*pack)) {
    std::ofstream file(folder / name, std::ios::binary);
    file << text;
    if (!file.flush()) throw Failure{exit_usage, fmt::format("cannot write {}", name)};
  }
  for (const std::string& note : pack->notes) fmt::print("{}\n", note);
  fmt::print("{}{}\n", (folder / "index.html").string(),
             pack->sound ? "" : ": NOT SOUND, it says why");
  return pack->sound ? exit_done : exit_no;
}

}  // namespace

void add_evidence(CLI::App& app, int& exit) {
  const auto options = std::make_shared<EvidenceOptions>();
  auto* command = app.add_subcommand(
      "evidence", "A year of the journals as pages and tables for the yearly review");
  command->add_option("YEAR", options->year, "By UTC")->required()->check(CLI::Range(1970, 9999));
  command->add_option("JOURNAL", options->journals, "Their folders, one a host");
  command->add_option("--config", options->config, "A configuration that names one");
  command->add_option("-o,--out", options->out, "A new folder")->required();
  command->callback([=, &exit] { exit = make(*options); });
}

}  // namespace interlock::cli

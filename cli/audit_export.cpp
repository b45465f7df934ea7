// audit export: records for other programs.
#include <memory>

#include "cli/audit_options.hpp"
#include "cli/command.hpp"
#include "cli/export_file.hpp"
#include "cli/fix_words.hpp"
#include "cli/progress.hpp"

namespace interlock::cli {
namespace {

struct ExportOptions {
  JournalPlace place;
  Wanted wanted;
  std::string format, file;
  bool in_words = false;
};

int write(const ExportOptions& options) {
  const auto filter = options.wanted.filter();
  const auto directory = options.place.path();
  const auto to = open_export(options.format, options.file,
                              options.in_words ? cli::in_words : audit::FrameText());
  Progress progress("exporting", records_of(directory),
                    options.file == "-" ? beside_output() : stderr);
  const auto read =
      audit::query(directory, filter, [&](const audit::Record& record, const audit::About& about) {
        progress.at = record.location.sequence;
        to->add(record, about);
        return true;
      });
  to->finish();
  if (!read) throw Failure(exit_no, "only what is before the damage is exported: " + read.error());
  return exit_done;
}

}  // namespace

void add_audit_export(CLI::App& audit, int& exit) {
  const auto options = std::make_shared<ExportOptions>();
  auto* command = audit.add_subcommand("export", "Its records for other programs");
  add_place(*command, options->place);
  add_wanted(*command, options->wanted);
  command->add_option("--format", options->format, "jsonl, csv or sqlite")
      ->required()
      ->check(CLI::IsMember({"jsonl", "csv", "sqlite"}));
  command->add_option("-o,--output", options->file, "A file that is not there yet; -: stdout")
      ->required();
  command->add_flag("--fix", options->in_words, "Tags and values of FIX messages by name");
  command->callback([=, &exit] { exit = write(*options); });
}

}  // namespace interlock::cli

#include "cli/proof.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <memory>
#include <vector>

#include "audit/layout.hpp"
#include "audit/print.hpp"
#include "audit/prove.hpp"
#include "audit/signing_check.hpp"
#include "cli/command.hpp"
#include "cli/progress.hpp"
#include "config/config.hpp"
#include "killswitch/file.hpp"

namespace interlock::cli {
namespace {

constexpr const char* usual_directory = "/var/lib/interlock/audit";

struct ProofOptions {
  std::string directory, record, file, key;
  std::vector<std::string> configs, keys;
  bool as_json = false;
};

config::Config configuration(const std::string& file) {
  auto loaded = config::load(file);
  if (!loaded.config) throw Failure{exit_usage, config::render(loaded.problems)};
  return *std::move(loaded.config);
}

std::string exit_codes() {
  std::string text = "exit codes:\n";
  for (int number = 0; !audit::name(static_cast<audit::Finding>(number)).empty(); ++number) {
    const auto finding = static_cast<audit::Finding>(number);
    text += fmt::format("  {:2}  {:18}  {}\n", audit::exit_code(finding), audit::name(finding),
                        audit::meaning(finding));
  }
  return text;
}

boost::json::object as_json(const audit::Verification& found) {
  return {{"finding", audit::name(found.finding)},
          {"exit", audit::exit_code(found.finding)},
          {"sound", found.finding == audit::Finding::whole},
          {"records", found.records},
          {"last_good", found.last_good},
          {"signed", found.signed_sequence},
          {"where", found.where},
          {"chain", found.chain},
          {"keys", boost::json::array(found.keys.begin(), found.keys.end())},
          {"being_written", found.is_being_written},
          {"mark", found.mark}};
}

void print(const audit::Verification& found) {
  fmt::print("{}: {}\n", audit::name(found.finding), audit::meaning(found.finding));
  if (!found.where.empty()) fmt::print("at      {}\n", found.where);
  fmt::print("read    {} records, certain up to B{}\n", found.records, found.last_good);
  if (found.is_being_written)
    fmt::print(
        "mark    a process writes it: looked at up to B{}, the last checkpoint when this "
        "began\n",
        found.mark);
  if (!found.chain.empty()) fmt::print("chain   {}\n", found.chain);
  if (found.keys.empty())
    fmt::print("signed  not at all\n");
  else
    fmt::print("signed  up to B{}, with {} keys, the first of them {}\n", found.signed_sequence,
               found.keys.size(), found.keys.front());
}

int verify(const ProofOptions& options) {
  audit::VerifyOptions how{.keys = options.keys, .must_be_signed = true, .configs = {}};
  for (const auto& file : options.configs) how.configs.push_back(configuration(file).hash);
  const auto first = options.configs.empty() ? std::string() : options.configs.front();
  const auto directory = journal_of(options.directory, first);
  const auto found = [&] {
    Progress progress("verifying", records_of(directory));
    how.at = &progress.at;
    return audit::verify(directory, how);
  }();
  if (options.as_json)
    fmt::print("{}\n", boost::json::serialize(as_json(found)));
  else
    print(found);
  return audit::exit_code(found.finding);
}

int keys(const ProofOptions& options) {
  const auto first = options.configs.empty() ? std::string() : options.configs.front();
  const auto directory = journal_of(options.directory, first);
  const auto seal = audit::read_seal(directory);
  if (!seal) throw Failure{exit_no, seal.error()};
  const auto read = audit::read_keys(directory, seal->id);
  if (!read) throw Failure{exit_no, read.error()};
  if (options.as_json) {
    boost::json::array all;
    for (const auto& key : *read)
      all.push_back(boost::json::object{{"number", key.number},
                                        {"from", key.sequence},
                                        {"fingerprint", audit::fingerprint(key.key)},
                                        {"key", audit::verifier_key(seal->id, key.key)}});
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"keys", std::move(all)}}));
    return exit_done;
  }
  for (const auto& key : *read) {
    fmt::print("{}  from B{}  {}\n   {}\n", key.number, key.sequence, audit::fingerprint(key.key),
               audit::verifier_key(seal->id, key.key));
  }
  return exit_done;
}

int prove(const ProofOptions& options) {
  const std::string_view digits =
      std::string_view(options.record).substr(options.record.starts_with('B') ? 1 : 0);
  std::uint64_t sequence = 0;
  const auto [at, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), sequence);
  if (failed != std::errc() || at != digits.data() + digits.size())
    throw Failure{exit_usage, options.record + " is no number of a record"};
  const auto first = options.configs.empty() ? std::string() : options.configs.front();
  const auto proof = audit::prove(journal_of(options.directory, first), sequence);
  if (!proof) throw Failure{exit_no, proof.error()};
  fmt::print("{}", *proof);
  return exit_done;
}

int verify_proof(const ProofOptions& options) {
  const auto key = audit::parse_verifier_key(options.key);
  if (!key) throw Failure{exit_usage, key.error()};
  const auto file = killswitch::read_file(options.file);
  if (!file) throw Failure{exit_usage, fmt::format("{}: {}", options.file, file.error())};
  const auto proven = audit::check_proof(*file, *key);
  if (!proven) throw Failure{exit_no, proven.error()};
  const auto parsed = audit::parse_record(audit::bytes_of(proven->record));
  if (!parsed) throw Failure{exit_no, "what is proven is no record"};
  fmt::print("{}\n", audit::print({{parsed->head.sequence, proven->segment, 0},
                                   parsed->head.kind,
                                   parsed->head.time_ns,
                                   parsed->head.mono_ns,
                                   parsed->head.actor,
                                   parsed->payload}));
  return exit_done;
}

}  // namespace

std::filesystem::path journal_of(const std::string& directory, const std::string& config) {
  if (!directory.empty()) return directory;
  if (config.empty()) return usual_directory;
  return configuration(config).audit_dir;
}

void add_proof(CLI::App& audit, int& exit) {
  const auto options = std::make_shared<ProofOptions>();
  const auto add = [&](const char* name, const char* says) {
    auto* command = audit.add_subcommand(name, says);
    command->add_option("DIR", options->directory, "Its folder");
    return command;
  };
  auto* whole = add("verify", "Whether every record is as it was written, sealed and signed");
  whole->add_option("--config", options->configs,
                    "The configuration in force at the end, which names the folder; given several "
                    "times, all that were");
  whole->add_option("--key", options->keys,
                    "Fingerprint of the first key, as it was noted elsewhere; and of each that "
                    "began without the one before it");
  whole->add_flag("--json", options->as_json, "As JSON");
  whole->footer(exit_codes);
  whole->callback([=, &exit] { exit = verify(*options); });
  auto* list = add("keys", "The public keys, as others can use them");
  list->add_option("--config", options->configs, "The configuration that names the folder");
  list->add_flag("--json", options->as_json, "As JSON");
  list->callback([=, &exit] { exit = keys(*options); });
  auto* prover = audit.add_subcommand("prove", "That a record stands in it: a proof for others");
  prover->add_option("RECORD", options->record, "Its number: B204889")->required();
  prover->add_option("DIR", options->directory, "Its folder");
  prover->add_option("--config", options->configs, "The configuration that names the folder");
  prover->callback([=, &exit] { exit = prove(*options); });
  auto* check = audit.add_subcommand("verify-proof", "Whether such a proof holds, and its record");
  check->add_option("FILE", options->file, "What `prove` printed")->required();
  check->add_option("--key", options->key, "As `audit keys` prints it: interlock/...+...+...")
      ->required();
  check->callback([=, &exit] { exit = verify_proof(*options); });
}

}  // namespace interlock::cli

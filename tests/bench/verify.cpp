// How long it takes to verify a journal: a million records of orders, sealed and signed as by a
// gateway under load.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "audit/fields.hpp"
#include "audit/keys.hpp"
#include "audit/reader.hpp"

namespace interlock::audit {
namespace {

struct Arguments {
  std::uint64_t records = 1'000'000;
  std::uint64_t record_bytes = 600;  // of an order: request, verdict, and the frame that left
  int rounds = 5;
  std::string directory;
  bool as_json = false;
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "bench_verify: {}\n", why);
  std::exit(1);
}

// Seconds to append all of it, and to seal and sign it.
double write(const Arguments& arguments, const std::filesystem::path& folder) {
  const auto begin = std::chrono::steady_clock::now();
  auto journal = Journal::open({.directory = folder / "audit", .signing_keys = folder / "signing"});
  if (!journal) fail(journal.error());
  FieldWriter fields;
  fields.put(Field::in_frame, std::string(arguments.record_bytes / 2, 'i'));
  fields.put(Field::out_frame, std::string(arguments.record_bytes / 2 - 60, 'o'));
  for (std::uint64_t i = 0; i < arguments.records; ++i) {
    // A millisecond each by their own clock.
    const auto time = static_cast<std::int64_t>(i) * 1'000'000;
    const auto at = (*journal)->append(Kind::router_message, 1'795'253'400'000'000'000 + time, time,
                                       "R1", fields.bytes());
    if (!at) fail(at.error());
  }
  journal->reset();
  return seconds_since(begin);
}

struct Figures {
  double verify_s = 1e9, open_s = 1e9;  // the best round
  Verification found;
};

Figures measure(const Arguments& arguments, const std::filesystem::path& folder) {
  Figures figures;
  for (int round = 0; round < arguments.rounds; ++round) {
    auto begin = std::chrono::steady_clock::now();
    figures.found = verify(folder / "audit", {.keys = {}, .must_be_signed = true, .configs = {}});
    figures.verify_s = std::min(figures.verify_s, seconds_since(begin));
    if (figures.found.finding != Finding::whole) fail(figures.found.where);
    begin = std::chrono::steady_clock::now();
    const auto journal = Journal::open({.directory = folder / "audit"});
    figures.open_s = std::min(figures.open_s, seconds_since(begin));
    if (!journal) fail(journal.error());
  }
  return figures;
}

void print(const Arguments& arguments, const Figures& figures, double write_s,
           std::size_t signatures) {
  const auto rate = [&](double s) { return static_cast<double>(arguments.records) / s; };
  if (arguments.as_json) {
    fmt::print("{}\n", boost::json::serialize(
                           boost::json::object{{"records", arguments.records},
                                               {"record_bytes", arguments.record_bytes},
                                               {"signatures", signatures},
                                               {"write_s", write_s},
                                               {"verify_s", figures.verify_s},
                                               {"open_s", figures.open_s},
                                               {"verify_records_per_s", rate(figures.verify_s)},
                                               {"open_records_per_s", rate(figures.open_s)}}));
    return;
  }
  fmt::print("{} records of {} bytes, {} signatures\n", arguments.records, arguments.record_bytes,
             signatures);
  fmt::print("{:8} {:>9} {:>14}\n", "", "seconds", "records/s");
  fmt::print("{:8} {:9.2f} {:14.0f}\n", "written", write_s, rate(write_s));
  fmt::print("{:8} {:9.2f} {:14.0f}\n", "verified", figures.verify_s, rate(figures.verify_s));
  fmt::print("{:8} {:9.2f} {:14.0f}\n", "opened", figures.open_s, rate(figures.open_s));
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"How long it takes to verify a journal."};
  app.add_option("--records", arguments.records)->check(CLI::PositiveNumber);
  app.add_option("--bytes", arguments.record_bytes, "of a record")->check(CLI::Range(200, 100'000));
  app.add_option("--rounds", arguments.rounds, "of which the best is told")
      ->check(CLI::PositiveNumber);
  app.add_option("--in", arguments.directory, "A folder for it")->required();
  app.add_flag("--json", arguments.as_json);
  CLI11_PARSE(app, argc, argv);
  auto name = (std::filesystem::path(arguments.directory) / "bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail("no folder in " + arguments.directory);
  const auto write_s = write(arguments, name);
  const auto figures = measure(arguments, name);
  const auto seal = read_seal(std::filesystem::path(name) / "audit");
  const auto signatures = read_signatures(std::filesystem::path(name) / "audit", seal->id);
  print(arguments, figures, write_s, signatures->entries.size());
  std::filesystem::remove_all(name);
  return 0;
}

}  // namespace
}  // namespace interlock::audit

int main(int argc, char** argv) { return interlock::audit::run(argc, argv); }

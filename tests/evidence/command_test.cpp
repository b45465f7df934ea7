// `interlock evidence`: what it takes, what it writes, and how it ends.
#include "cli/command.hpp"

#include <doctest/doctest.h>

#include "audit/fields.hpp"
#include "audit/journal.hpp"
#include "cli/evidence/pack.hpp"
#include "tests/scratch.hpp"
#include "tests/source.hpp"

namespace interlock::cli {
namespace {

namespace fs = std::filesystem;

int run(const std::vector<std::string>& arguments) {
  CLI::App app;
  int exit = -1;
  add_evidence(app, exit);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  reversed.emplace_back("evidence");
  try {
    app.parse(reversed);
  } catch (const Failure& failure) {
    return failure.exit();
  }
  return exit;
}

void write_journal(const fs::path& directory) {
  audit::JournalOptions options;
  options.directory = directory;
  options.segment_bytes = 1 << 20;
  auto journal = audit::Journal::open(options);
  REQUIRE(journal);
  audit::FieldWriter fields;
  fields.put(audit::Field::build, "b").put(audit::Field::config_hash, "c");
  const std::int64_t in_2026 = 1'767'623'400'000'000'000;
  REQUIRE((*journal)->append(audit::Kind::start, in_2026, 1, "interlock", fields.bytes()));
  REQUIRE((*journal)->sync());
}

TEST_CASE("evidence: a pack has a file a table, and never takes the place of another") {
  const tests::Scratch scratch;
  write_journal(scratch / "audit");
  const std::string audit = (scratch / "audit").string(), out = (scratch / "pack").string();
  CHECK(run({"2026", audit, "-o", out}) == exit_done);
  CHECK(run({"2026", audit, "-o", out}) == exit_usage);
  for (const auto& section : evidence::blank_pack(2026).sections)
    for (const auto& table : section.tables)
      CHECK_MESSAGE(fs::exists(fs::path(out) / (table.id + ".csv")), table.id);
  for (const auto* file : {"index.html", "evidence.json", "SHA256SUMS", "template-procedures.txt",
                           "template-certificate.txt"})
    CHECK_MESSAGE(fs::file_size(fs::path(out) / file) > 0, file);
  const std::string again = (scratch / "again").string();
  CHECK(run({"2026", audit, "-o", again}) == exit_done);
  for (const auto& file : fs::directory_iterator(out))
    CHECK(tests::bytes_of(file.path()) ==
          tests::bytes_of(fs::path(again) / file.path().filename()));
}

TEST_CASE("evidence: what is no journal is no evidence, and makes no folder") {
  const tests::Scratch scratch;
  const std::string out = (scratch / "pack").string();
  CHECK(run({"2026", (scratch / "none").string(), "-o", out}) == exit_usage);
  CHECK(run({"2026", "-o", out}) == exit_usage);
  CHECK_FALSE(fs::exists(out));
  CHECK_THROWS_AS(run({"2026", "x"}), CLI::ParseError);
  CHECK_THROWS_AS(run({"26", "x", "-o", out}), CLI::ParseError);
}

TEST_CASE("evidence: a journal whose end is missing is exit 1, and the page says it first") {
  const tests::Scratch scratch;
  write_journal(scratch / "audit");
  const auto segment = scratch / "audit" / "journal-00000001.seg";
  auto bytes = tests::bytes_of(segment);
  bytes.at(64 + 45) ^= 1;  // in the first record
  tests::put_bytes(segment, bytes);
  const auto out = scratch / "pack";
  CHECK(run({"2026", (scratch / "audit").string(), "-o", out.string()}) == exit_no);
  CHECK(tests::bytes_of(out / "index.html").find("NOT SOUND") != std::string::npos);
}

TEST_CASE("evidence: docs/compliance.md names each table of a pack") {
  const std::string page = tests::bytes_of(tests::source_dir() / "docs/compliance.md");
  for (const auto& section : evidence::blank_pack(2026).sections)
    for (const auto& table : section.tables)
      CHECK_MESSAGE(page.find("`" + table.id + "`") != std::string::npos, table.id);
}

}  // namespace
}  // namespace interlock::cli

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "audit/fields.hpp"
#include "audit/journal.hpp"
#include "tests/cli/program.hpp"

using interlock::audit::Field;
using interlock::audit::FieldWriter;
using interlock::audit::Journal;
using interlock::audit::Kind;
using interlock::tests::Scratch;

namespace {

void write_three(const std::filesystem::path& directory) {
  interlock::audit::JournalOptions options;
  options.directory = directory;
  options.segment_bytes = 1 << 20;
  auto journal = Journal::open(options);
  REQUIRE(journal.has_value());
  FieldWriter fields;
  for (const auto* text : {"one", "two", "three"}) {
    fields.clear();
    fields.put(Field::text, text);
    REQUIRE((*journal)->append(Kind::alert, 1'000'000'000, 1, "R1", fields.bytes()).has_value());
  }
  REQUIRE((*journal)->sync().has_value());
}

}  // namespace

TEST_CASE("audit verify: a whole journal is exit 0, one flipped byte exit 1") {
  const Scratch scratch;
  write_three(scratch / "audit");
  const auto directory = (scratch / "audit").string();
  const auto whole = interlock::tests::run({"audit", "verify", directory, "--json"});
  CHECK(whole.exit == 0);
  CHECK(boost::json::parse(whole.out).at("records").as_int64() == 3);
  CHECK(boost::json::parse(whole.out).at("finding").as_string() == "whole");

  bool flipped = false;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    auto bytes = interlock::tests::bytes_of(entry.path());
    const auto at = bytes.find("two");
    if (at == std::string::npos) continue;
    bytes[at] = 'T';
    interlock::tests::put_bytes(entry.path(), bytes);
    flipped = true;
  }
  REQUIRE(flipped);
  const auto damaged = interlock::tests::run({"audit", "verify", directory});
  CHECK(damaged.exit == 1);
  CHECK(damaged.says("bad_crc"));
  CHECK(interlock::tests::run({"audit", "verify", (scratch / "none").string()}).exit == 1);
}

TEST_CASE("audit print: each record, from a number on") {
  const Scratch scratch;
  write_three(scratch / "audit");
  const auto directory = (scratch / "audit").string();
  const auto all = interlock::tests::run({"audit", "print", directory});
  CHECK(all.exit == 0);
  CHECK(all.says("one"));
  CHECK(all.says("three"));
  const auto last = interlock::tests::run({"audit", "print", directory, "--from", "3"});
  CHECK_FALSE(last.says("two"));
  CHECK(last.says("three"));
}

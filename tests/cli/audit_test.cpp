#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <csignal>
#include <cstdio>

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
  options.signing_keys = directory.parent_path() / "signing";
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

TEST_CASE("audit verify: a whole journal is exit 0, one flipped byte its own code") {
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
  CHECK(damaged.exit == 13);
  CHECK(damaged.says("bad_crc: a record is damaged"));
  CHECK(damaged.says("record 2"));
  CHECK(interlock::tests::run({"audit", "verify", (scratch / "none").string()}).exit == 11);
  CHECK(interlock::tests::run({"audit", "verify", "--help"}).says("20  unsealed_tail"));
}

TEST_CASE("audit query: each record, from a number on") {
  const Scratch scratch;
  write_three(scratch / "audit");
  const auto directory = (scratch / "audit").string();
  const auto all = interlock::tests::run({"audit", "query", directory});
  CHECK(all.exit == 0);
  CHECK(all.says("one"));
  CHECK(all.says("three"));
  const auto last = interlock::tests::run({"audit", "query", directory, "--from", "B3"});
  CHECK_FALSE(last.says("two"));
  CHECK(last.says("three"));
  const auto as_json =
      interlock::tests::run({"audit", "query", directory, "--from", "3", "--json"});
  CHECK(boost::json::parse(as_json.out).at("sequence").as_int64() == 3);
}

TEST_CASE("audit query: what is no record, no code and no folder") {
  const Scratch scratch;
  write_three(scratch / "audit");
  const auto directory = (scratch / "audit").string();
  CHECK(interlock::tests::run({"audit", "query", directory, "--from", "noon"}).exit == 2);
  CHECK(interlock::tests::run({"audit", "query", directory, "--reason", "WHY"}).exit == 2);
  CHECK(interlock::tests::run({"audit", "query", directory, "--kind", "reason"}).exit == 2);
  const auto none = interlock::tests::run({"audit", "query", (scratch / "none").string()});
  CHECK(none.exit == 1);
  CHECK(none.complains("no_journal"));
}

TEST_CASE("audit tail: the last records, and with a filter the last of those") {
  const Scratch scratch;
  write_three(scratch / "audit");
  const auto directory = (scratch / "audit").string();
  const auto two = interlock::tests::run({"audit", "tail", directory, "-n", "2"});
  CHECK(two.exit == 0);
  CHECK_FALSE(two.says("one"));
  CHECK(two.says("two"));
  CHECK(two.says("three"));
  CHECK(interlock::tests::run({"audit", "tail", directory, "--kind", "kill"}).out.empty());
  CHECK(interlock::tests::run({"audit", "tail", (scratch / "none").string()}).exit == 1);
}

namespace {

// `audit tail -f` as it runs.
class Tail {
 public:
  explicit Tail(const std::filesystem::path& directory) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::dup2(ends[1], STDOUT_FILENO);
      ::execl(interlock::tests::program().c_str(), "interlock", "audit", "tail", "-f",
              directory.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
    out_ = ::fdopen(ends[0], "r");
  }
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;
  ~Tail() {
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
    std::fclose(out_);
  }
  // Waits for it.
  std::string line() {
    char text[4096] = "";
    return std::fgets(text, sizeof text, out_) == nullptr ? "" : text;
  }
  int end(int signal) {
    ::kill(child_, signal);
    int status = 0;
    ::waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t child_ = -1;
  std::FILE* out_ = nullptr;
};

}  // namespace

TEST_CASE("audit tail -f: each record as it comes, over the ends of segments, until a signal") {
  for (const int signal : {SIGTERM, SIGINT}) {
    const Scratch scratch;
    interlock::audit::JournalOptions options;
    options.directory = scratch / "audit";
    options.segment_bytes = 8192;
    auto journal = Journal::open(options);
    REQUIRE(journal.has_value());
    FieldWriter fields;
    fields.put(Field::in_frame, std::string("8=FIX.4.4\x01") + "35=A\x01" + "554=hush\x01");
    Tail tail(scratch / "audit");
    for (int number = 1; number <= 300; ++number) {
      REQUIRE((*journal)->append(Kind::session_in, 1, 1, "R1", fields.bytes()).has_value());
      if (number % 100 != 0 && number != 1) continue;
      std::string line;
      while (!line.starts_with("B" + std::to_string(number) + " ")) {
        line = tail.line();
        REQUIRE_FALSE(line.empty());
        CHECK(line.find("|554=***|") != std::string::npos);
      }
    }
    CHECK(std::filesystem::exists(scratch / "audit/journal-00000002.seg"));
    CHECK(tail.end(signal) == 0);
  }
}

TEST_CASE("audit verify: the first key is pinned by its fingerprint; unsigned is no pass") {
  const Scratch scratch;
  write_three(scratch / "audit");
  const auto directory = (scratch / "audit").string();
  const auto whole = interlock::tests::run({"audit", "verify", directory, "--json"});
  const auto parsed = boost::json::parse(whole.out);
  const std::string key(parsed.at("keys").at(0).as_string());
  CHECK(interlock::tests::run({"audit", "verify", directory, "--key", key}).exit == 0);
  const auto other =
      interlock::tests::run({"audit", "verify", directory, "--key", std::string(64, '0')});
  CHECK(other.exit == 24);
  CHECK(other.says("other_key"));
  std::filesystem::remove(scratch / "audit/keys");
  std::filesystem::remove(scratch / "audit/signatures");
  CHECK(interlock::tests::run({"audit", "verify", directory}).exit == 27);
}

TEST_CASE("audit prove: a record, for somebody who has a key and nothing else") {
  const Scratch scratch;
  write_three(scratch / "audit");
  const auto directory = (scratch / "audit").string();
  const auto keys = interlock::tests::run({"audit", "keys", directory});
  CHECK(keys.exit == 0);
  const auto at = keys.out.find("   interlock/");
  REQUIRE(at != std::string::npos);
  const auto key = keys.out.substr(at + 3, keys.out.find('\n', at) - at - 3);
  const auto as_json = interlock::tests::run({"audit", "keys", directory, "--json"});
  CHECK(as_json.exit == 0);
  const auto listed = boost::json::parse(as_json.out).at("keys").as_array();
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].at("number") == 1);
  CHECK(listed[0].at("key") == key.c_str());
  const auto first = fmt::format("1  from B{}  {}\n", listed[0].at("from").to_number<int>(),
                                 std::string(listed[0].at("fingerprint").as_string()));
  CHECK(keys.out.starts_with(first));
  const auto proof = interlock::tests::run({"audit", "prove", "B2", directory});
  CHECK(proof.exit == 0);
  interlock::tests::put_bytes(scratch / "proof", proof.out);
  const auto file = (scratch / "proof").string();
  const auto proven = interlock::tests::run({"audit", "verify-proof", file, "--key", key});
  CHECK(proven.exit == 0);
  CHECK(proven.says("B2 "));
  CHECK(proven.says("two"));
  auto forged = proof.out;
  forged[forged.find("extra") + 80] ^= 1;
  interlock::tests::put_bytes(scratch / "proof", forged);
  CHECK(interlock::tests::run({"audit", "verify-proof", file, "--key", key}).exit == 1);
  CHECK(interlock::tests::run({"audit", "prove", "B4", directory}).exit == 1);
  CHECK(interlock::tests::run({"audit", "prove", "x", directory}).exit == 2);
}

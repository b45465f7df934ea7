#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "audit/copier.hpp"
#include "audit/crc32c.hpp"
#include "audit/fields.hpp"
#include "audit/prove.hpp"
#include "tests/audit/signing_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

std::string file_bytes(const std::filesystem::path& path) {
  return interlock::tests::bytes_of(path);
}

template <typename Change>
void change(const std::filesystem::path& file, Change how) {
  auto bytes = file_bytes(file);
  how(bytes);
  std::filesystem::permissions(file, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  put_bytes(file, bytes);
}

std::string found(const SignedJournal& journal, const VerifyOptions& options = {}) {
  const auto verified = verify(journal.folder(), options);
  CAPTURE(verified.where);
  CHECK((verified.finding == Finding::whole) == verified.where.empty());
  return std::string(name(verified.finding));
}

const VerifyOptions strictly{.keys = {}, .must_be_signed = true, .configs = {}};

}  // namespace

TEST_CASE("verify: a signed journal is whole, and tells its keys and how far they go") {
  const SignedJournal journal;
  journal.write(5);
  journal.write(5, 1);
  journal.write(5, 1);
  const auto verified = verify(journal.folder(), strictly);
  CHECK(verified.finding == Finding::whole);
  CHECK(verified.signed_sequence == 15);
  CHECK(verified.last_good == 15);
  CHECK_FALSE(verified.is_being_written);
  REQUIRE(verified.keys.size() == 2);
  CHECK(found(journal, {.keys = {verified.keys[0]}, .must_be_signed = true, .configs = {}}) ==
        "whole");
  CHECK(found(journal, {.keys = {verified.keys[1]}, .must_be_signed = true, .configs = {}}) ==
        "other_key");
}

TEST_CASE("verify: what is not signed is called so") {
  const SignedJournal journal;
  journal.write(5);
  SUBCASE("nothing") {
    std::filesystem::remove(journal.file("signatures"));
    std::filesystem::remove(journal.file("keys"));
    CHECK(found(journal) == "whole");
    CHECK(found(journal, strictly) == "not_signed");
  }
  SUBCASE("the keys are gone") {
    std::filesystem::remove(journal.file("keys"));
    CHECK(found(journal) == "bad_signature");
  }
  SUBCASE("the signatures are gone") {
    std::filesystem::remove(journal.file("signatures"));
    CHECK(found(journal) == "unsigned_tail");
  }
  SUBCASE("the end") {
    const auto signatures = file_bytes(journal.file("signatures"));
    journal.write(5);
    put_bytes(journal.file("signatures"), signatures);
    const auto verified = verify(journal.folder());
    CHECK(verified.finding == Finding::unsigned_tail);
    CHECK(verified.signed_sequence == 5);
    CHECK(verified.last_good == 10);
  }
}

TEST_CASE("verify: a key that nobody vouches for is named, unless it is asked for") {
  const SignedJournal journal;
  journal.write(5);
  const auto first = verify(journal.folder()).keys.at(0);
  std::filesystem::remove_all(journal.keys());
  journal.write(5);
  journal.write(5);
  const auto verified = verify(journal.folder(), strictly);
  CHECK(verified.finding == Finding::key_not_vouched);
  REQUIRE(verified.keys.size() == 2);
  CHECK(verified.where.contains(verified.keys[1]));
  CHECK(found(journal, {.keys = {first}, .must_be_signed = true, .configs = {}}) ==
        "key_not_vouched");
  CHECK(found(journal, {.keys = verified.keys, .must_be_signed = true, .configs = {}}) == "whole");
}

TEST_CASE("verify: each byte of a small journal, in every file: never whole, and no start on it") {
  const SignedJournal journal;
  journal.write(80);
  REQUIRE(found(journal, strictly) == "whole");
  REQUIRE(std::filesystem::exists(journal.file("journal-00000002.seg")));
  for (const auto* file :
       {"journal-00000001.seg", "journal-00000002.seg", "seal", "signatures", "keys"}) {
    const auto whole = file_bytes(journal.file(file));
    for (std::size_t at = 0; at < whole.size(); ++at) {
      change(journal.file(file), [&](std::string& bytes) {
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
      });
      if (verify(journal.folder(), strictly).finding == Finding::whole) {
        CAPTURE(file);
        CAPTURE(at);
        FAIL_CHECK("not found");
      }
      // Of a journal that was closed in order nothing lies behind the last checkpoint but zeros.
      const bool is_proof = std::strcmp(file, "signatures") == 0 || std::strcmp(file, "keys") == 0;
      if (!is_proof && at % 7 == 0) {
        const auto opened = Journal::open({.directory = journal.folder(), .segment_bytes = 4096});
        if (opened && (*opened)->next_sequence() != 81) FAIL_CHECK(at);
        if (opened && (*opened)->cut_tail().empty()) FAIL_CHECK(at);
      }
      change(journal.file(file), [&](std::string& bytes) { bytes = whole; });
    }
  }
  CHECK(found(journal, strictly) == "whole");
}

TEST_CASE("verify: the configuration of the last start, or of each") {
  const SignedJournal journal;
  {
    const auto open = journal.open();
    for (const auto* hash : {"aaaa", "bbbb"}) {
      FieldWriter fields;
      fields.put(Field::config_hash, hash);
      REQUIRE(open->append(Kind::start, now, 1, "interlock", fields.bytes()).has_value());
    }
  }
  CHECK(found(journal, {.keys = {}, .configs = {"bbbb"}}) == "whole");
  CHECK(found(journal, {.keys = {}, .configs = {"aaaa"}}) == "config_differs");
  CHECK(found(journal, {.keys = {}, .configs = {"cccc"}}) == "config_differs");
  CHECK(found(journal, {.keys = {}, .configs = {"aaaa", "bbbb"}}) == "whole");
  CHECK(found(journal, {.keys = {}, .configs = {"cccc", "bbbb"}}) == "config_differs");
  CHECK(verify(journal.folder(), {.keys = {}, .configs = {"aaaa"}})
            .where.starts_with("record 2, start: its configuration is bbbb"));
}

TEST_CASE("verify: a journal that is being written is looked at up to a mark") {
  const SignedJournal journal;
  const auto open = journal.open();
  add_many(*open, 100);
  REQUIRE(open->sync().has_value());
  while (open->proofs().signed_sequence < 100) std::this_thread::yield();
  const auto verified = verify(journal.folder(), strictly);
  CHECK(verified.finding == Finding::whole);
  CHECK(verified.is_being_written);
  CHECK(verified.mark == 100);
  CHECK(verified.records == 100);
  change(journal.file("journal-00000001.seg"), [](std::string& bytes) { bytes[100] ^= 1; });
  CHECK(found(journal, strictly) != "whole");
}

TEST_CASE("verify: each finding has an exit code, a name and a sentence of its own") {
  std::vector<std::string> words;
  for (int number = 0; number <= 18; ++number) {
    const auto finding = static_cast<Finding>(number);
    CHECK(exit_code(finding) == (number == 0 ? 0 : 10 + number));
    words.emplace_back(name(finding));
    words.emplace_back(meaning(finding));
  }
  std::ranges::sort(words);
  CHECK(std::ranges::adjacent_find(words) == words.end());
  CHECK_FALSE(words.front().empty());
  CHECK(name(static_cast<Finding>(19)).empty());
}

TEST_CASE("copies: closed segments, and a journal of their own") {
  SignedJournal journal;
  journal.copies = journal.scratch / "copies";
  journal.write(200);
  {
    const auto open = journal.open();
    add_many(*open, 10);
    REQUIRE(open->sync().has_value());
  }
  const auto seal = read_seal(journal.folder());
  REQUIRE(seal.has_value());
  const auto closed = seal->checkpoints.back().segment - 1;
  REQUIRE(closed >= 2);
  const auto verified = verify(journal.copies, strictly);
  CAPTURE(verified.where);
  CHECK(verified.finding == Finding::whole);
  CHECK(verified.records > 100);
  CHECK(verified.keys == verify(journal.folder()).keys);
  CHECK_FALSE(std::filesystem::exists(journal.copies / segment_name(closed + 1)));
  const auto first = journal.copies / segment_name(1);
  CHECK((std::filesystem::status(first).permissions() & std::filesystem::perms::all) ==
        static_cast<std::filesystem::perms>(0440));
  CHECK(problem_of_open(journal.copies).contains("is the copy of a journal"));
  change(first, [](std::string& bytes) { bytes[100] ^= 1; });
  CHECK(verify(journal.copies).finding == Finding::bad_crc);
}

TEST_CASE("copies: a folder that cannot be written is said, and holds nothing up") {
  SignedJournal journal;
  put_bytes(journal.scratch / "copies", "a file");
  journal.copies = journal.scratch / "copies";
  const auto open = journal.open();
  add_many(*open, 200);
  REQUIRE(open->sync().has_value());
  while (open->proofs().copy_problem.empty()) std::this_thread::yield();
  CHECK(open->proofs().copy_problem.contains("copies"));
  CHECK(open->proofs().signing_problem.empty());
}

TEST_CASE("copies: the copy of another journal is not written over") {
  const SignedJournal one, other;
  one.write(200);
  other.write(200);
  REQUIRE(copy_closed(one.folder(), one.scratch / "copies", 1).has_value());
  const auto done = copy_closed(other.folder(), one.scratch / "copies", 1);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().contains("another journal"));
  CHECK(verify(one.scratch / "copies", strictly).finding == Finding::whole);
}

TEST_CASE("closed segments are read-only files, and a start can still open what it must") {
  const SignedJournal journal;
  const auto mode = [&](std::uint32_t number) {
    return static_cast<unsigned>(
        std::filesystem::status(journal.file(segment_name(number))).permissions());
  };
  journal.write(200);
  CHECK(mode(1) == 0440);
  CHECK(mode(2) == 0440);
  CHECK(mode(3) == 0600);
  // As a crash leaves it: the last checkpoint lies in a segment that is closed.
  std::filesystem::resize_file(journal.file("seal"), seal_header_bytes + checkpoint_bytes);
  journal.write(5);
  CHECK(texts(journal.folder()).size() == 205);
  CHECK(mode(2) == 0440);
}

TEST_CASE("prove: a record of any segment, with a key alone; and nothing else passes") {
  const SignedJournal journal;
  journal.write(200);
  const auto key = parse_verifier_key(verifier_key(journal.id(), journal.public_keys()[0].key));
  REQUIRE(key.has_value());
  for (const std::uint64_t sequence : {1, 2, 71, 72, 73, 150, 200}) {
    const auto proof = prove(journal.folder(), sequence);
    REQUIRE(proof.has_value());
    const auto proven = check_proof(*proof, *key);
    REQUIRE(proven.has_value());
    const auto record = parse_record(interlock::audit::bytes_of(proven->record));
    REQUIRE(record.has_value());
    CHECK(record->head.sequence == sequence);
    CHECK(text_of(record->payload) == "record " + std::to_string(sequence));
  }
  CHECK(prove(journal.folder(), 201).error() == "there is no record 201");
  CHECK(prove(journal.folder(), 0).error() == "there is no record 0");
  const auto proof = *prove(journal.folder(), 42);
  auto other = *key;
  other.key = PrivateKey::generate().public_key();
  CHECK(check_proof(proof, other).error() == "its checkpoint is not signed by that key");
  for (std::size_t at = 0; at < proof.size(); ++at) {
    auto forged = proof;
    forged[at] = static_cast<char>(forged[at] ^ 1);
    if (check_proof(forged, *key)) FAIL_CHECK(at);
    if (check_proof(proof.substr(0, at), *key)) FAIL_CHECK(at);
  }
  CHECK_FALSE(parse_verifier_key("interlock/00+1+AA==").has_value());
}

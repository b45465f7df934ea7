#include "audit/signer.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "tests/audit/signing_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

const JournalId id{std::byte{0x4f}, std::byte{0x0c}};

Checkpoint at(std::uint64_t sequence, std::uint32_t segment = 1) {
  Checkpoint checkpoint{.sequence = sequence,
                        .offset = sequence * 64,
                        .segment = segment,
                        .records = static_cast<std::uint32_t>(sequence)};
  checkpoint.head.fill(std::byte{1});
  checkpoint.root.fill(std::byte{2});
  return checkpoint;
}

std::unique_ptr<Signer> open_signer(const std::filesystem::path& directory,
                                    std::int64_t life = day) {
  auto signer = Signer::open(directory, id, life);
  if (!signer) FAIL(signer.error());
  return *std::move(signer);
}

std::string refusal(Signer& signer, const Checkpoint& checkpoint) {
  const auto done = signer.sign(checkpoint, now);
  return done ? "" : done.error().why;
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  return found.st_mode & 0777;
}

}  // namespace

TEST_CASE("signer: what it signs is a note that its public key fits, in a folder for it alone") {
  const Scratch scratch;
  const auto signer = open_signer(scratch / "s");
  const auto done = signer->sign(at(5), now);
  REQUIRE(done.has_value());
  CHECK(done->key == 1);
  REQUIRE(signer->keys().size() == 1);
  const auto& key = signer->keys()[0];
  CHECK(key.sequence == 5);
  CHECK_FALSE(key.by_former.has_value());
  const auto text = text_of(id, at(5));
  CHECK(text ==
        "interlock/4f0c0000000000000000000000000000/1\n5\n"
        "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\nsequence 5\n"
        "chain AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n");
  const auto note = parse_note(note_of(text, id, {{key.key, done->signature}}));
  REQUIRE(note.has_value());
  CHECK(note->text == text);
  CHECK(is_signed_by(*note, id, key.key));
  CHECK_FALSE(is_signed_by(*note, {}, key.key));
  CHECK_FALSE(is_signed_by(*note, id, PrivateKey::generate().public_key()));
  CHECK(mode_of(scratch / "s") == 0700);
  for (const auto& name : names_in(scratch / "s")) CHECK(mode_of(scratch / "s" / name) == 0600);
  CHECK(names_in(scratch / "s") == std::vector<std::string>{"journal", "key-1", "keys", "last"});
}

TEST_CASE("signer: history is not signed twice, not after a restart either") {
  const Scratch scratch;
  auto signer = open_signer(scratch.path());
  REQUIRE(signer->sign(at(5, 2), now).has_value());
  for (const bool restarted : {false, true}) {
    CAPTURE(restarted);
    if (restarted) signer = open_signer(scratch.path());
    CHECK(refusal(*signer, at(5, 2)).empty());  // the answer was lost: the same again
    CHECK(refusal(*signer, at(4, 2)).contains("history is not signed twice"));
    auto other = at(5, 2);
    other.head[0] = std::byte{9};
    CHECK(refusal(*signer, other).contains("history is not signed twice"));
    CHECK(refusal(*signer, at(6, 1)).contains("history is not signed twice"));
  }
  CHECK(refusal(*signer, at(6, 2)).empty());
}

TEST_CASE("signer: a key is changed when its life is over, and then nobody has it any more") {
  const Scratch scratch;
  const auto signer = open_signer(scratch.path());
  CHECK(signer->sign(at(1), now)->key == 1);
  CHECK(signer->sign(at(2), now + day - 1)->key == 1);
  const auto secret = interlock::tests::bytes_of(scratch / "key-1").substr(0, 32);
  CHECK(signer->sign(at(3), now + day)->key == 1);  // it vouches for the next one
  CHECK(names_in(scratch.path()) == std::vector<std::string>{"journal", "key-2", "keys", "last"});
  CHECK(interlock::tests::bytes_of(scratch / "key-2").substr(0, 32) != secret);
  CHECK(signer->sign(at(4), now + day + 1)->key == 2);
  REQUIRE(signer->keys().size() == 2);
  CHECK(signer->keys()[1].sequence == 3);
  CHECK(signer->keys()[1].head == at(3).head);
  CHECK(signer->keys()[1].by_former.has_value());
  CHECK(parse_keys(id, encode(id, signer->keys())) == signer->keys());
  CHECK(open_signer(scratch.path())->sign(at(5), now + day + 2)->key == 2);
}

TEST_CASE("signer: the file of a key that is changed is overwritten before it goes") {
  const Scratch scratch;
  const auto signer = open_signer(scratch.path());
  REQUIRE(signer->sign(at(1), now).has_value());
  std::filesystem::create_hard_link(scratch / "key-1", scratch / "seen");
  REQUIRE(signer->sign(at(2), now + day).has_value());
  CHECK(interlock::tests::bytes_of(scratch / "seen") == std::string(40, '\0'));
}

TEST_CASE("signer: a crash amid a change leaves one key, and no second one") {
  const Scratch scratch;
  REQUIRE(open_signer(scratch.path())->sign(at(1), now).has_value());
  SUBCASE("the new key was not yet in the list") {
    put_bytes(scratch / "key-2", std::string(40, 'x'));
    CHECK(open_signer(scratch.path())->sign(at(2), now)->key == 1);
    CHECK_FALSE(std::filesystem::exists(scratch / "key-2"));
  }
  SUBCASE("the former one was not yet destroyed") {
    const auto former = interlock::tests::bytes_of(scratch / "key-1");
    REQUIRE(open_signer(scratch.path())->sign(at(2), now + day).has_value());
    put_bytes(scratch / "key-1", former);
    CHECK(open_signer(scratch.path())->sign(at(3), now + day)->key == 2);
    CHECK_FALSE(std::filesystem::exists(scratch / "key-1"));
  }
}

TEST_CASE("signer: another journal's checkpoints are not signed") {
  const Scratch scratch;
  REQUIRE(open_signer(scratch.path())->sign(at(1), now).has_value());
  const auto other = Signer::open(scratch.path(), {}, day);
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().contains("signs for another journal"));
}

TEST_CASE("signer: with its private key lost it begins one that nobody vouches for") {
  const Scratch scratch;
  REQUIRE(open_signer(scratch.path())->sign(at(1), now).has_value());
  SUBCASE("gone") { std::filesystem::remove(scratch / "key-1"); }
  SUBCASE("of another key") {
    auto bytes = interlock::tests::bytes_of(scratch / "key-1");
    bytes[3] ^= 1;
    put_bytes(scratch / "key-1", bytes);
  }
  const auto signer = open_signer(scratch.path());
  CHECK(signer->sign(at(2), now)->key == 2);
  CHECK_FALSE(signer->keys().at(1).by_former.has_value());
}

TEST_CASE("signer: damage in its folder is an error, and nothing is signed") {
  const Scratch scratch;
  REQUIRE(open_signer(scratch.path())->sign(at(1), now).has_value());
  std::string file;
  SUBCASE("keys") { file = "keys"; }
  SUBCASE("last") { file = "last"; }
  SUBCASE("journal") { file = "journal"; }
  auto bytes = interlock::tests::bytes_of(scratch / file);
  bytes[bytes.size() / 2] ^= 1;
  put_bytes(scratch / file, bytes);
  CHECK_FALSE(Signer::open(scratch.path(), id, day).has_value());
}

TEST_CASE("keys: each byte of the list counts") {
  const Scratch scratch;
  const auto signer = open_signer(scratch.path());
  REQUIRE(signer->sign(at(1), now).has_value());
  REQUIRE(signer->sign(at(2), now + day).has_value());
  const auto notes = encode(id, signer->keys());
  REQUIRE(parse_keys(id, notes).has_value());
  for (std::size_t i = 0; i < notes.size(); ++i) {
    auto damaged = notes;
    damaged[i] ^= 1;
    if (parse_keys(id, damaged)) FAIL_CHECK(i);
    if (i > 0 && parse_keys(id, notes.substr(0, i)) == signer->keys()) FAIL_CHECK(i);
  }
  CHECK_FALSE(parse_keys({}, notes).has_value());
}

TEST_CASE("journal: its checkpoints are signed, the last of each segment among them") {
  const SignedJournal journal;
  journal.write(200);
  const auto seal = read_seal(journal.folder());
  REQUIRE(seal.has_value());
  const auto keys = journal.public_keys();
  REQUIRE(keys.size() == 1);
  std::vector<std::uint64_t> covered;
  for (const auto& entry : journal.signatures()) {
    const auto found = std::ranges::find(seal->checkpoints, entry.sequence, &Checkpoint::sequence);
    REQUIRE(found != seal->checkpoints.end());
    CHECK(has_signed(keys[0].key, text_of(seal->id, *found), entry.signature));
    covered.push_back(entry.sequence);
  }
  for (std::size_t i = 0; i + 1 < seal->checkpoints.size(); ++i) {
    if (seal->checkpoints[i].segment == seal->checkpoints[i + 1].segment) continue;
    CHECK(std::ranges::count(covered, seal->checkpoints[i].sequence) == 1);
  }
  CHECK(covered.back() == 200);
}

TEST_CASE("journal: keys change from day to day, also over restarts") {
  const SignedJournal journal;
  for (int days = 0; days < 4; ++days) journal.write(5, days);
  const auto keys = journal.public_keys();
  REQUIRE(keys.size() == 4);  // the change stands behind the last signature of a day
  for (std::size_t i = 1; i < keys.size(); ++i) CHECK(keys[i].by_former.has_value());
  CHECK(keys[1].sequence == 10);
  CHECK(journal.signatures().back().key == 3);
}

TEST_CASE("journal: without its signer it goes on, says so, and the next signature covers all") {
  SignedJournal journal;
  put_bytes(journal.scratch / "signing", "a file where the folder should be");
  {
    const auto open = journal.open();
    add_many(*open, 200);
    REQUIRE(open->sync().has_value());
    CHECK(open->next_sequence() == 201);
    while (open->proofs().signing_problem.empty()) std::this_thread::yield();
    CHECK(open->proofs().signing_problem.contains("cannot create"));
    CHECK(open->proofs().key == 0);
    std::filesystem::remove(journal.scratch / "signing");
    while (open->proofs().signed_sequence < 200) std::this_thread::yield();
    CHECK(open->proofs().signing_problem.empty());
  }
  CHECK(journal.signatures().back().sequence == 200);
}

TEST_CASE("journal: what a crash left unsigned is signed by the next run") {
  const SignedJournal journal;
  journal.write(200);
  const auto all = journal.signatures().size();
  std::filesystem::resize_file(journal.file("signatures"),
                               signatures_header_bytes + signature_bytes + 7);
  // The signer has signed it, and does not sign it again: only what comes behind.
  journal.write(200);
  CHECK(journal.signatures().size() >= 2);
  CHECK(journal.signatures().size() <= 2 * all + 2);
  CHECK(journal.signatures().back().sequence == 400);
}

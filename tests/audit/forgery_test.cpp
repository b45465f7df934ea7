// Ten kinds of forged journal, each found by its own name; the same journal unchanged is whole.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "audit/crc32c.hpp"
#include "audit/fields.hpp"
#include "tests/audit/signing_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::put_bytes;

namespace {

constexpr std::size_t header = 64, record_bytes = 56;  // of "record N", padded

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

const VerifyOptions strictly{.keys = {}, .must_be_signed = true, .configs = {"the armed one"}};

const VerifyOptions signed_only{.keys = {}, .must_be_signed = true, .configs = {}};

std::string found(const SignedJournal& journal, const VerifyOptions& options = strictly) {
  const auto verified = verify(journal.folder(), options);
  CAPTURE(verified.where);
  CHECK((verified.finding == Finding::whole) == verified.where.empty());
  return std::string(name(verified.finding));
}

// As one would who holds the format, and the key of today, but none of yesterday's: the records are
// changed from `record` on, and all that follows from them is computed anew.
class Forger {
 public:
  explicit Forger(const SignedJournal& journal)
      : journal_(journal), seal_(*read_seal(journal.folder())) {}

  void rewrite_record(int number, char what) const {
    change(journal_.file("journal-00000001.seg"), [&](std::string& bytes) {
      auto* at = bytes.data() + 64 + 56 * (number - 1);
      at[44] = what;
      const auto length = crc32c(tests::bytes(std::string_view(at, 4)));
      const auto crc = crc32c(tests::bytes(std::string_view(at + 8, 48)), length);
      std::memcpy(at + 4, &crc, 4);
    });
  }
  // The checkpoints that these records would have had.
  void reseal() {
    Chain chain(seal_.id);
    std::uint32_t number = 0;
    std::string bytes;
    std::size_t at = 0;
    auto next = seal_.checkpoints.begin();
    for (std::uint64_t sequence = 1; next != seal_.checkpoints.end(); ++sequence) {
      if (bytes.empty() || length_at(as_bytes(bytes, at)) == end_of_segment) {
        bytes = file_bytes(journal_.file(segment_name(++number)));
        at = segment_header_bytes;
        chain.begin_segment();
      }
      const auto record = view_record(as_bytes(bytes, at)).padded;
      chain.add(record);
      at += record.size();
      if (sequence != next->sequence) continue;
      next->head = chain.head();
      next->root = chain.tree().root();
      ++next;
    }
    auto file = text(encode_seal_header(seal_.id));
    for (const auto& checkpoint : seal_.checkpoints) file += text(encode(checkpoint));
    put_bytes(journal_.file("seal"), file);
  }
  // All checkpoints signed anew with the private key of now.
  void resign(std::uint32_t as_key) const {
    const auto folder = journal_.keys() / to_hex(seal_.id);
    const auto number = journal_.public_keys().size();
    const auto raw = file_bytes(folder / ("key-" + std::to_string(number)));
    const PrivateKey key(interlock::audit::bytes_of(raw).first(32));
    auto file = text(encode_signatures_header(seal_.id));
    for (const auto& checkpoint : seal_.checkpoints) {
      file += text(encode(
          SignatureEntry{checkpoint.sequence, as_key, key.sign(text_of(seal_.id, checkpoint))}));
    }
    put_bytes(journal_.file("signatures"), file);
  }
  [[nodiscard]] const Seal& seal() const { return seal_; }

 private:
  static const std::byte* as_bytes(const std::string& bytes, std::size_t at) {
    return reinterpret_cast<const std::byte*>(bytes.data()) + at;
  }
  template <std::size_t size>
  static std::string text(const std::array<std::byte, size>& bytes) {
    return tests::text_of(bytes);
  }
  const SignedJournal& journal_;
  Seal seal_;
};

// Three days, several segments, and a start whose configuration is known.
struct Story : SignedJournal {
  Story() {
    segment_bytes = 16384;
    write(200);
    write(200, 1);
    FieldWriter fields;
    fields.put(Field::config_hash, "the armed one");
    REQUIRE(open()->append(Kind::start, now + day, 1, "interlock", fields.bytes()).has_value());
    write(200, 2);
    REQUIRE(std::filesystem::exists(segment(3)));
  }
  [[nodiscard]] std::filesystem::path segment(std::uint32_t number) const {
    return file(segment_name(number));
  }
};

}  // namespace

TEST_CASE("forgeries: of ten kinds each is found by its name, and the original is whole") {
  const Story story;
  REQUIRE(found(story) == "whole");
  const auto second = [](std::string& bytes) { return bytes.begin() + header + record_bytes; };
  SUBCASE("1: a flipped bit") {
    change(story.segment(1), [&](auto& bytes) { bytes[header + 2 * record_bytes + 45] ^= 4; });
    CHECK(found(story) == "bad_crc");
  }
  SUBCASE("2: a deleted record") {
    change(story.segment(1), [&](auto& bytes) {
      bytes.erase(header + record_bytes, record_bytes);
      bytes.append(record_bytes, '\0');
    });
    CHECK(found(story) == "sequence_gap");
  }
  SUBCASE("3: swapped records") {
    change(story.segment(1), [&](auto& bytes) {
      std::swap_ranges(second(bytes), second(bytes) + record_bytes, second(bytes) + record_bytes);
    });
    CHECK(found(story) == "sequence_gap");
  }
  SUBCASE("4: cut at a record") {
    change(story.segment(3), [&](auto& bytes) {
      std::fill(bytes.begin() + header + 10 * record_bytes, bytes.end(), '\0');
    });
    CHECK(found(story) == "sequence_gap");
  }
  SUBCASE("5: cut at a block") {
    change(story.segment(2),
           [&](auto& bytes) { std::fill(bytes.begin() + 8192, bytes.end(), '\0'); });
    CHECK(found(story) == "bad_crc");
  }
  SUBCASE("6: cut at a segment") {
    std::filesystem::remove(story.segment(3));
    CHECK(found(story) == "segment_missing");
  }
  SUBCASE("7: another journal's segment in place of one") {
    const Story other;
    change(story.segment(2), [&](auto& bytes) { bytes = file_bytes(other.segment(2)); });
    CHECK(found(story) == "bad_header");
  }
  SUBCASE("8: a record written anew, all sealed again, and signed with a later key") {
    Forger forger(story);
    forger.rewrite_record(3, 'X');
    forger.reseal();
    forger.resign(static_cast<std::uint32_t>(story.public_keys().size()));
    CHECK(found(story) == "bad_key");
  }
  SUBCASE("9: a number twice") {
    change(story.segment(1), [&](auto& bytes) {
      std::copy_n(second(bytes), record_bytes, second(bytes) + record_bytes);
    });
    CHECK(found(story) == "sequence_gap");
  }
  SUBCASE("10: another configuration than the one that was armed") {
    FieldWriter fields;
    fields.put(Field::config_hash, "another one");
    REQUIRE(story.open()
                ->append(Kind::start, now + 2 * day, 1, "interlock", fields.bytes())
                .has_value());
    CHECK(found(story) == "config_differs");
  }
}

TEST_CASE("verify: history that is written anew with the key of today is found") {
  const SignedJournal journal;
  journal.write(5);
  journal.write(5, 1);  // key 2 begins behind record 10
  journal.write(5, 1);
  REQUIRE(journal.public_keys().size() == 2);
  REQUIRE(found(journal, signed_only) == "whole");
  Forger forger(journal);
  forger.rewrite_record(3, 'X');
  CHECK(found(journal, signed_only) == "chain_differs");
  forger.reseal();
  SUBCASE("with the old signatures") { CHECK(found(journal, signed_only) == "bad_key"); }
  SUBCASE("signed with the later key") {
    forger.resign(2);
    CHECK(found(journal, signed_only) == "bad_key");
    // And with a statement of that key that fits: the first one cannot sign it any more.
    auto keys = journal.public_keys();
    keys[1].head = std::ranges::find(forger.seal().checkpoints, 10, &Checkpoint::sequence)->head;
    put_bytes(journal.file("keys"), encode(journal.id(), keys));
    CHECK(found(journal, signed_only) == "bad_key");
  }
}

TEST_CASE("verify: a checkpoint of yesterday under the key of today is found") {
  const SignedJournal journal;
  journal.write(5);
  journal.write(5, 1);
  journal.write(5, 1);
  const Forger forger(journal);
  forger.resign(2);
  CHECK(found(journal, signed_only) == "wrong_key");
}

// A journal that is signed, in a folder beside its keys.
#pragma once

#include <fstream>

#include "audit/keys.hpp"
#include "audit/signer.hpp"
#include "tests/audit/journal_fixture.hpp"

namespace interlock::audit::tests {

constexpr std::int64_t day = Signer::day_ns;

struct SignedJournal {
  interlock::tests::Scratch scratch;
  std::int64_t key_life_ns = day;
  std::uint64_t segment_bytes = 4096;
  std::filesystem::path socket, copies;

  [[nodiscard]] std::filesystem::path folder() const { return scratch / "audit"; }
  [[nodiscard]] std::filesystem::path keys() const { return scratch / "signing"; }
  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return folder() / name; }

  [[nodiscard]] JournalOptions options() const {
    return {.directory = folder(),
            .segment_bytes = segment_bytes,
            .signer_socket = socket,
            .signing_keys = socket.empty() ? keys() : std::filesystem::path(),
            .key_life_ns = key_life_ns,
            .copies = copies};
  }
  [[nodiscard]] std::unique_ptr<Journal> open() const {
    auto journal = Journal::open(options());
    if (!journal) FAIL(journal.error());
    return std::move(*journal);
  }
  // Each run is sealed and signed at its end.
  void write(int records, int days = 0) const {
    const auto journal = open();
    for (int i = 0; i < records; ++i) {
      const auto sequence = static_cast<std::int64_t>(journal->next_sequence());
      const auto text = "record " + std::to_string(sequence);
      const auto time = now + days * day + sequence;
      REQUIRE(journal->append(Kind::alert, time, sequence, "R1", tests::bytes(text)).has_value());
    }
  }
  [[nodiscard]] JournalId id() const {
    const auto seal = read_seal(folder());
    if (!seal) FAIL(seal.error());
    return seal->id;
  }
  [[nodiscard]] std::vector<Key> public_keys() const {
    const auto found = read_keys(folder(), id());
    if (!found) FAIL(found.error());
    return *found;
  }
  [[nodiscard]] std::vector<SignatureEntry> signatures() const {
    const auto found = read_signatures(folder(), id());
    if (!found) FAIL(found.error());
    return found->entries;
  }
};

}  // namespace interlock::audit::tests

// What must hold for any bytes in the files of a journal: a reader ends, and says "whole" of the
// original alone. The same body is run by libFuzzer and, on mutations, by
// tests/audit/journal_fuzz_test.cpp. With clang, in the root of the repository:
//   clang++-19 -std=c++23 -O1 -g -fsanitize=fuzzer,address,undefined -I.
//   tests/fuzz/journal_fuzz.cpp
//     audit/*.cpp killswitch/file.cpp killswitch/latch.cpp killswitch/stored.cpp risk/verdict.cpp
//     -lcrypto -lfmt -o /tmp/journal_fuzz       (without audit/signer_main.cpp)
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "audit/keys.hpp"
#include "audit/prove.hpp"
#include "audit/reader.hpp"
#include "audit/signing_service.hpp"
#include "tests/scratch.hpp"

namespace interlock::audit::fuzz {

constexpr std::array<std::string_view, 5> files{"journal-00000001.seg", "journal-00000002.seg",
                                                "seal", "keys", "signatures"};

void must(bool holds, std::string_view what) {
  if (holds) return;
  fmt::print(stderr, "does not hold: {}\n", what);
  std::abort();
}

// A small journal, signed, with two segments; made once.
struct Original {
  interlock::tests::Scratch scratch;
  std::array<std::string, files.size()> bytes;
  JournalId id{};

  Original() {
    {
      auto journal = Journal::open({.directory = scratch / "audit",
                                    .segment_bytes = 4096,
                                    .signing_keys = scratch / "signing"});
      must(journal.has_value(), "a journal can be made");
      for (int i = 1; i <= 80; ++i) {
        must((*journal)
                 ->append(Kind::alert, 1'000'000'000 + i, i, "R1", bytes_of("some words"))
                 .has_value(),
             "a record can be written");
      }
    }
    for (std::size_t i = 0; i < files.size(); ++i) {
      bytes[i] = interlock::tests::bytes_of(scratch / "audit" / files[i]);
      must(!bytes[i].empty(), "each file has something in it");
    }
    id = read_seal(scratch / "audit")->id;
  }
};

// The input is a row of changes: which file, where (2 bytes), how many bytes, and those.
std::array<std::string, files.size()> changed(const Original& original, std::string_view input) {
  auto bytes = original.bytes;
  while (input.size() > 4) {
    auto& file = bytes[static_cast<unsigned char>(input[0]) % files.size()];
    const auto at =
        (static_cast<unsigned char>(input[1]) | static_cast<unsigned char>(input[2]) << 8) %
        (file.size() + 1);
    const auto size = std::min<std::size_t>(static_cast<unsigned char>(input[3]), input.size() - 4);
    if (size == 0)
      file.resize(at);  // a file that ends there
    else
      file.replace(at, std::min(size, file.size() - at), input.substr(4, size));
    input.remove_prefix(4 + size);
  }
  return bytes;
}

void check_journal(const Original& original, std::string_view input) {
  const auto bytes = changed(original, input);
  const interlock::tests::Scratch scratch;
  for (std::size_t i = 0; i < files.size(); ++i) {
    interlock::tests::put_bytes(scratch / files[i], bytes[i]);
  }
  const bool same = bytes == original.bytes;
  const auto found = verify(scratch.path(), {.keys = {}, .must_be_signed = true, .configs = {}});
  must((found.finding == Finding::whole) == same, "only the original is whole");
  must(same || !found.where.empty(), "what was found is somewhere");
  must(!name(found.finding).empty(), "a finding has a name");
  std::uint64_t sequence = 0;
  [[maybe_unused]] const auto read_to_end = read(scratch.path(), [&](const Record& record) {
    must(record.location.sequence == ++sequence, "records come in their order");
    return true;
  });
  for (const std::uint64_t record : {1, 80}) {
    [[maybe_unused]] const auto proof = prove(scratch.path(), record);
  }
  // What cannot be opened stays as it is, and what can has lost nothing silently.
  const auto opened = Journal::open({.directory = scratch.path(), .segment_bytes = 4096});
  if (!opened || same) return;
  must((*opened)->next_sequence() == 81 || !(*opened)->cut_tail().empty(), "a cut is said");
}

}  // namespace interlock::audit::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace interlock::audit;
  static const fuzz::Original original;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  fuzz::check_journal(original, input);
  [[maybe_unused]] const auto keys = parse_keys(original.id, input);
  [[maybe_unused]] const auto request = parse_request(input);
  [[maybe_unused]] const auto note = parse_note(input);
  fuzz::must(!check_proof(input, {}).has_value(), "no bytes are a proof");
  return 0;
}

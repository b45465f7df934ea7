// A journal in a directory of its own, with short ways to write and to read it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/journal.hpp"
#include "audit/reader.hpp"
#include "tests/scratch.hpp"

namespace interlock::audit::tests {

constexpr std::int64_t now = 1'795'253'400'000'000'000;

inline std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string text_of(std::span<const std::byte> payload) {
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

inline std::unique_ptr<Journal> open(const std::filesystem::path& directory,
                                     std::uint64_t segment_bytes = 4096) {
  auto journal = Journal::open({.directory = directory, .segment_bytes = segment_bytes});
  if (!journal) FAIL(journal.error());
  return std::move(*journal);
}

inline Location add(Journal& journal, std::string_view text, Kind kind = Kind::alert) {
  const auto sequence = static_cast<std::int64_t>(journal.next_sequence());
  const auto location = journal.append(kind, now + sequence, sequence, "R1", bytes(text));
  if (!location) FAIL(location.error());
  return *location;
}

inline void add_many(Journal& journal, int count) {
  for (int number = 0; number < count; ++number) {
    add(journal, "record " + std::to_string(journal.next_sequence()));
  }
}

inline std::vector<std::string> texts(const Journal& journal) {
  std::vector<std::string> found;
  const auto done =
      journal.replay([&](const Record& record) { found.push_back(text_of(record.payload)); });
  if (!done) FAIL(done.error());
  return found;
}

inline std::vector<std::string> texts(const std::filesystem::path& directory) {
  std::vector<std::string> found;
  const auto done = read(directory, [&](const Record& record) {
    found.push_back(text_of(record.payload));
    return true;
  });
  if (!done) FAIL(done.error());
  return found;
}

inline std::string problem_of_open(const std::filesystem::path& directory) {
  const auto journal = Journal::open({.directory = directory, .segment_bytes = 4096});
  return journal ? "" : journal.error();
}

inline std::filesystem::path segment(const interlock::tests::Scratch& scratch, int number) {
  return scratch / ("journal-0000000" + std::to_string(number) + ".seg");
}

}  // namespace interlock::audit::tests

// A power cut: of what was not synced the disk holds a beginning, or any of its pages. What is
// opened afterwards holds all that was synced, and of the rest only what follows it without a gap.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "audit/seal.hpp"
#include "tests/audit/journal_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::bytes_of;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t segment_bytes = 2 * page;

int no_disk(int, void*, std::size_t) {
  return 0;
}  // there is no power to be cut from the test itself

struct Written {
  std::uint32_t segment = 0;
  std::uint64_t begin = 0, text_end = 0, end = 0;  // zeros from the text's end on
};

// A journal of which the first records are synced, as its files are in memory when power is cut.
struct Journals {
  Scratch scratch;
  std::map<std::string, std::string> synced, files;  // by name
  std::vector<std::string> texts;
  std::vector<Written> records;
  std::uint64_t synced_records = 0;

  Journals(int before, int after, std::size_t text_bytes) {
    const auto journal = open_here();
    const auto add_some = [&](int count) {
      for (int i = 0; i < count; ++i) {
        texts.push_back(fmt::format("record {} {}", texts.size() + 1,
                                    std::string(texts.size() % 7 + text_bytes, 'x')));
        const auto at = add(*journal, texts.back());
        const auto text_end = at.offset + 40 + 2 + texts.back().size();
        records.push_back({at.segment, at.offset, text_end, (text_end + 7) / 8 * 8});
      }
    };
    add_some(before);
    REQUIRE(journal->sync().has_value());
    synced = all_files();
    synced_records = texts.size();
    add_some(after);
    files = all_files();
    files["seal"] = synced["seal"];
  }
  [[nodiscard]] std::unique_ptr<Journal> open_here() const {
    auto opened = Journal::open({scratch.path(), segment_bytes, no_disk});
    if (!opened) FAIL(opened.error());
    return std::move(*opened);
  }
  [[nodiscard]] std::map<std::string, std::string> all_files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
      const auto name = entry.path().filename().string();
      if (!name.starts_with("spare") && name != "lock") all[name] = bytes_of(entry.path());
    }
    return all;
  }
  // As the disk has it; a name that is not in `left` is not there.
  void leave(const std::map<std::string, std::string>& left) const {
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path()))
      std::filesystem::remove(entry.path());
    for (const auto& [name, bytes] : left) put_bytes(scratch / name, bytes);
  }
  // Opened, it holds exactly the first `kept` records, says where it was cut, and goes on.
  void holds(std::uint64_t kept) const {
    const auto found = verify(scratch.path());
    CHECK(found.records == kept);
    {
      const auto journal = open_here();
      REQUIRE(journal->next_sequence() == kept + 1);
      const auto there = tests::texts(*journal);
      CHECK(std::equal(there.begin(), there.end(), texts.begin()));
      const bool more = found.finding != Finding::whole && found.finding != Finding::unsealed_tail;
      CHECK(journal->cut_tail().empty() != more);
      if (more) CHECK(journal->cut_tail().contains(fmt::format("record {}: ", kept + 1)));
      add(*journal, "after the power came back");
    }
    CHECK(verify(scratch.path()).finding == Finding::whole);
    CHECK(verify(scratch.path()).records == kept + 1);
  }
};

// How many records are whole when of `from` only what `is_there` says has reached the disk.
template <typename IsThere>
std::uint64_t whole_records(const Journals& from, IsThere is_there) {
  std::uint64_t whole = 0;
  for (const Written& record : from.records) {
    if (!is_there(record)) break;
    ++whole;
  }
  return whole;
}

}  // namespace

TEST_CASE("power loss: cut at every byte behind the last sync, the journal ends before that byte") {
  const Journals journals(5, 12, 1);
  const std::string name = "journal-00000001.seg";
  const auto& whole = journals.files.at(name);
  const auto mark = journals.records[journals.synced_records - 1].end;
  const auto end = journals.records.back().end;
  REQUIRE(journals.files.size() == 2);
  for (auto at = mark; at <= end; ++at) {
    CAPTURE(at);
    auto left = journals.files;
    left[name].replace(at, std::string::npos, whole.size() - at, '\0');
    journals.leave(left);
    journals.holds(
        whole_records(journals, [&](const Written& each) { return each.text_end <= at; }));
  }
}

TEST_CASE("power loss: whichever pages behind the last sync were lost, nothing wrong is read") {
  const Journals journals(20, 150, 60);
  struct Page {
    std::string file;
    std::uint64_t at = 0;
  };
  std::vector<Page> pages;
  for (const auto& [name, bytes] : journals.files)
    for (std::uint64_t at = 0; at < bytes.size(); at += page) {
      const auto before = journals.synced.contains(name) ? journals.synced.at(name).substr(at, page)
                                                         : std::string(page, '\0');
      if (bytes.substr(at, page) != before) pages.push_back({name, at});
    }
  REQUIRE(pages.size() >= 4);
  REQUIRE(pages.size() <= 8);
  for (std::uint32_t lost = 0; lost < 1u << pages.size(); ++lost) {
    CAPTURE(lost);
    auto left = journals.files;
    std::set<std::pair<std::uint32_t, std::uint64_t>> gone;  // of each segment, the page's begin
    for (std::size_t i = 0; i < pages.size(); ++i) {
      if ((lost >> i & 1) == 0) continue;
      const auto& [name, at] = pages[i];
      const auto before = journals.synced.contains(name) ? journals.synced.at(name).substr(at, page)
                                                         : std::string(page, '\0');
      left[name].replace(at, page, before);
      gone.insert({static_cast<std::uint32_t>(std::stoul(name.substr(8, 8))), at});
    }
    const auto is_there = [&](const Written& record) {
      if (&record < &journals.records[journals.synced_records]) return true;
      return std::ranges::none_of(gone, [&](const auto& page_gone) {
        const auto& [segment, at] = page_gone;
        const bool is_synced = segment == 1 && at == 0;  // its beginning, the header with it
        if (segment == record.segment && at == 0 && !is_synced) return true;
        if (segment + 1 == record.segment && at + page == segment_bytes) return true;  // end mark
        return segment == record.segment && at < record.end && record.begin < at + page;
      });
    };
    journals.leave(left);
    journals.holds(whole_records(journals, is_there));
  }
}

TEST_CASE("power loss: a segment whose name was lost is cut with all behind it") {
  const Journals journals(20, 150, 60);
  for (const auto& [name, bytes] : journals.files) {
    if (journals.synced.contains(name)) continue;
    CAPTURE(name);
    auto left = journals.files;
    left.erase(name);
    journals.leave(left);
    const auto number = std::stoul(name.substr(8, 8));
    journals.holds(
        whole_records(journals, [&](const Written& each) { return each.segment < number; }));
  }
}

TEST_CASE("power loss: of a checkpoint that was not synced any beginning, or zeros, does no harm") {
  const Journals journals(5, 3, 1);
  journals.leave(journals.files);
  CHECK(journals.open_here()->sync().has_value());
  const auto later = bytes_of(journals.scratch / "seal");
  const auto& before = journals.synced.at("seal");
  REQUIRE(later.size() > before.size());
  for (auto size = before.size(); size < later.size(); ++size) {
    CAPTURE(size);
    auto left = journals.files;
    SUBCASE("its beginning") { left["seal"] = later.substr(0, size); }
    SUBCASE("zeros behind its beginning") {
      left["seal"] = later.substr(0, size) + std::string(later.size() - size, '\0');
    }
    journals.leave(left);
    journals.holds(journals.texts.size());
  }
}

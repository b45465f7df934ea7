#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "scenarios/stage.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path here = tests::source_dir() / "tests/scenarios";

std::vector<Play> plays() {
  std::vector<Play> all;
  const char* only = std::getenv("PLAY");
  for (const auto& entry : std::filesystem::directory_iterator(here)) {
    if (entry.path().extension() != ".fix") continue;
    if (only != nullptr && entry.path().stem() != only) continue;
    all.push_back(read_play(entry.path()));
  }
  std::ranges::sort(all, {}, [](const Play& play) { return play.file; });
  return all;
}

// The plays of one share of several, as SHARE=2/4 says; all without it.
std::vector<Play> share_of(const std::vector<Play>& all) {
  const char* const share = std::getenv("SHARE");
  if (share == nullptr) return all;
  std::size_t which = 0, of = 0;
  REQUIRE(std::sscanf(share, "%zu/%zu", &which, &of) == 2);
  REQUIRE((which >= 1 && which <= of));
  std::vector<Play> mine;
  for (std::size_t i = which - 1; i < all.size(); i += of) mine.push_back(all[i]);
  return mine;
}

constexpr std::int64_t advanced_most_ms = 2'000;  // a play that waits longer runs in process only

TEST_CASE("scenarios: each play holds in process, with time advanced") {
  const std::vector<Play> all = plays();
  REQUIRE(!all.empty());
  for (const Play& play : all) {
    const auto stage = in_process(here / "configs", play.config);
    const std::string wrong = give(play, *stage);
    CHECK_MESSAGE(wrong.empty(), wrong);
  }
}

TEST_CASE("scenarios: after each play the journal alone makes the same books again") {
  for (const Play& play : plays()) {
    const auto stage = in_process(here / "configs", play.config);
    const std::string wrong = give(play, *stage);
    const Digests books = rebuild(*stage);
    CHECK_MESSAGE(wrong.empty(), wrong);
    CHECK_MESSAGE(books.rebuilt == books.live, play.file.stem().string());
    CHECK_MESSAGE(books.rebuilt_desk.starts_with(books.live_desk), play.file.stem().string());
  }
}

// A replay judges under one policy, that of the play's end: where people changed limits during the
// play, or let an order pass all the same, that and nothing else differs.
const std::map<std::string, std::string> changed_by_people{
    {"a-raise-reverts-by-itself",
     "R1 c PASS -> ORDER_NOTIONAL notional 6300 is over 5000 of account ACC\n"
     "R1 d PASS -> ORDER_NOTIONAL notional 6300 is over 5000 of account ACC\n"},
    {"release-one-refused-order",
     "R1 d PASS -> ORDER_NOTIONAL notional 6300 is over 5000 of account ACC\n"},
    {"reload-loosens-by-two", "R1 a ORDER_QTY -> PASS \nR1 b ORDER_QTY -> PASS \n"},
    {"reload-removes-an-account",
     "R1 a PASS -> NO_LIMIT no order-rate limit is set for account OTH\n"},
    {"reload-tightens-by-one", "R1 a PASS -> ORDER_QTY quantity 200 is over 150 of symbol ACME\n"}};

TEST_CASE(
    "scenarios: the replay of each play's journal gives the same verdicts and the same books") {
  for (const Play& play : plays()) {
    const auto stage = in_process(here / "configs", play.config);
    REQUIRE(give(play, *stage) == "");
    const Replay again = replay(*stage);
    const std::string name = play.file.stem().string();
    const auto changed = changed_by_people.find(name);
    CHECK_MESSAGE(again.differences == (changed == changed_by_people.end() ? "" : changed->second),
                  name);
    CHECK_MESSAGE(again.books == again.live_books, name);
    CHECK_MESSAGE(again.other_books == "", name);
  }
}

TEST_CASE(
    "scenarios: each play that needs no advanced clock holds over sockets, against the program") {
  for (const Play& play : share_of(plays())) {
    if (!play.in_process_only.empty() || play.advanced_ms() > advanced_most_ms) continue;
    const auto stage = over_sockets(here / "configs", play.config, PROGRAM);
    const std::string wrong = give(play, *stage);
    CHECK_MESSAGE(wrong.empty(), wrong);
  }
}

}  // namespace
}  // namespace interlock::scenarios

// A start from a snapshot is the start from the whole journal, or there is none.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "audit/fields.hpp"
#include "audit/reader.hpp"
#include "gateway/no_latch.hpp"
#include "gateway/recover.hpp"
#include "gateway/snapshot_taking.hpp"
#include "killswitch/file.hpp"
#include "scenarios/setting.hpp"
#include "scenarios/stage.hpp"
#include "scratch.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

namespace fs = std::filesystem;
const fs::path here = tests::source_dir() / "tests/scenarios";
const std::string& build = Snapshots::build;

std::vector<Play> plays() {
  std::vector<Play> all;
  for (const auto& entry : fs::directory_iterator(here)) {
    if (entry.path().extension() == ".fix") all.push_back(read_play(entry.path()));
  }
  std::ranges::sort(all, {}, [](const Play& play) { return play.file; });
  return all;
}

// The journal of `config` as it was when the seal had so many checkpoints, and a state directory.
config::Config copied(const config::Config& config, const fs::path& to, std::size_t checkpoints) {
  fs::create_directories(to / "state");
  fs::copy(config.audit_dir, to / "audit");
  fs::resize_file(to / "audit/seal",
                  audit::seal_header_bytes + checkpoints * audit::checkpoint_bytes);
  config::Config copy = config;
  copy.audit_dir = to / "audit";
  copy.state_dir = to / "state";
  return copy;
}

// What a rebuild makes, from the snapshot or from the first record: the books, and as bytes all
// that the sessions, names, alerts, raises, copies and questions are.
struct Rebuilt {
  std::uint64_t books = 0;
  std::string rest;
  std::string problem;
};
Rebuilt rebuilt(const config::Config& config, const gateway::SnapshotFile* from) {
  auto journal =
      audit::Journal::open_to_read(config.audit_dir, from == nullptr ? 1 : from->mark.segment);
  REQUIRE_MESSAGE(journal, journal.error());
  gateway::NoLatch none;
  const auto core = gateway::Recovery::blank(
      config, **journal, none.latch(), [] { return gateway::Clock{}; }, build);
  gateway::Recovery recovery(*core);
  if (const auto done = recovery.run(from); !done) return {0, "", done.error()};
  std::ostringstream all, books;
  recovery.save(all);
  core->floor().books.save(books);
  return {core->floor().books.digest(), all.str().substr(books.str().size()), ""};
}

bool is_reloaded_behind(const config::Config& config, std::uint64_t record) {
  bool found = false;
  const auto read = audit::read(config.audit_dir, [&](const audit::Record& each) {
    found |= each.location.sequence > record && each.kind == audit::Kind::reload;
    return true;
  });
  REQUIRE_MESSAGE(read, read.error());
  return found;
}

// What the records of starts say of the snapshots that they found.
std::vector<std::string> said(const config::Config& config) {
  std::vector<std::string> all;
  const auto read = audit::read(config.audit_dir, [&](const audit::Record& record) {
    const audit::FieldReader fields(record.payload);
    if (record.kind == audit::Kind::snapshot)
      all.push_back(fmt::format("{}{}", fields.text(audit::Field::event).value_or("?"),
                                fields.text(audit::Field::text).value_or("")));
    return true;
  });
  REQUIRE_MESSAGE(read, read.error());
  return all;
}

// Some orders, one of them filled, and a snapshot of all of it.
struct Story {
  Story() : stage(in_process(here / "configs", "pair")) {
    tests::put_bytes(scratch / "story.fix", R"(# Two orders pass, one is filled.
config: pair
parent P-1 ACC ACME buy 5000
router R1> D 11=a 1=ACC 526=P-1 55=ACME 54=1 38=100 40=2 44=10.00
venue X< D 11=a
router R1> D 11=b 1=ACC 526=P-1 55=ACME 54=1 38=300 40=2 44=10.00
venue X< D 11=b
)");
    REQUIRE(give(read_play(scratch / "story.fix"), *stage) == "");
    REQUIRE(core_of(*stage).floor().journal.sync());
    const auto taken = gateway::take_snapshot(config(), build, false);
    REQUIRE_MESSAGE(taken, taken.error());
  }
  [[nodiscard]] const config::Config& config() const { return config_of(*stage); }
  [[nodiscard]] fs::path file() const { return gateway::snapshot_path(config()); }
  [[nodiscard]] std::string why_not(const std::string& of_build = build) const {
    const auto found = gateway::find_snapshot(config(), of_build);
    return found.file ? "it is used" : found.why_not;
  }
  tests::Scratch scratch;
  std::unique_ptr<Stage> stage;
};

TEST_CASE("snapshot: from each checkpoint of each play a start rebuilds what the journal says") {
  std::size_t compared = 0, reloaded = 0;
  for (const Play& play : plays()) {
    CAPTURE(play.file.stem().string());
    const auto stage = in_process(here / "configs", play.config);
    snapshots_of(*stage).every = 6;  // and a checkpoint for each
    REQUIRE(give(play, *stage) == "");
    const config::Config& config = config_of(*stage);
    REQUIRE(core_of(*stage).floor().journal.sync());
    const auto seal = audit::read_seal(config.audit_dir);
    REQUIRE_MESSAGE(seal, seal.error());
    const Rebuilt whole = rebuilt(config, nullptr);
    REQUIRE(whole.problem == "");
    CHECK(whole.books == core_of(*stage).floor().books.digest());
    const std::size_t step = std::max<std::size_t>(1, seal->checkpoints.size() / 3);
    for (std::size_t count = seal->checkpoints.size(); count > 0; count -= std::min(step, count)) {
      CAPTURE(count);
      const tests::Scratch then;
      const config::Config early = copied(config, then / "then", count);
      const auto taken = gateway::take_snapshot(early, build, true);
      REQUIRE_MESSAGE(taken, taken.error());
      const auto snapshot = gateway::read_snapshot(gateway::snapshot_path(early));
      REQUIRE_MESSAGE(snapshot, snapshot.error());
      REQUIRE(snapshot->mark == seal->checkpoints[count - 1]);
      const Rebuilt gone_on = rebuilt(config, &*snapshot);
      if (is_reloaded_behind(config, taken->mark)) {
        CHECK(gone_on.problem.find("changed the policy") != std::string::npos);
        ++reloaded;
        continue;
      }
      CHECK(gone_on.problem == "");
      CHECK(gone_on.books == whole.books);
      CHECK(gone_on.rest == whole.rest);
      ++compared;
    }
  }
  CHECK(compared > 200);
  CHECK(reloaded > 0);
}

TEST_CASE("snapshot: each play holds when each of its starts goes on from one taken before") {
  std::uint32_t used = 0, gone_on = 0;
  for (const Play& play : plays()) {
    const auto stage = in_process(here / "configs", play.config);
    snapshots_of(*stage).every = 5;
    const std::string wrong = give(play, *stage);
    CHECK_MESSAGE(wrong.empty(), wrong);
    const Digests books = rebuild(*stage);
    CHECK_MESSAGE(books.rebuilt == books.live, play.file.stem().string());
    CHECK_MESSAGE(books.rebuilt_desk.starts_with(books.live_desk), play.file.stem().string());
    used += snapshots_of(*stage).used;
    gone_on += snapshots_of(*stage).gone_on;
  }
  CHECK(used > 80);
  CHECK(gone_on > 200);
}

TEST_CASE(
    "snapshot: one that is damaged in any byte, or cut off, is not used, and the start says so") {
  Story story;
  CHECK(story.why_not() == "it is used");
  const std::string good = *killswitch::read_file(story.file());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    tests::put_bytes(story.file(), bad);
    if (story.why_not().find("it is") == 0 && at >= 8) FAIL_CHECK(at);
    if (story.why_not().empty() || story.why_not() == "it is used") FAIL_CHECK(at);
  }
  for (std::size_t length = 0; length < good.size(); length += 1 + length / 50) {
    tests::put_bytes(story.file(), good.substr(0, length));
    if (story.why_not().empty() || story.why_not() == "it is used") FAIL_CHECK(length);
  }
  const Digests books = rebuild(*story.stage);
  CHECK(books.rebuilt == books.live);
  CHECK(said(story.config()).size() == 1);
  CHECK(said(story.config()).back().starts_with("not used"));
  tests::put_bytes(story.file(), good);
  CHECK(rebuild(*story.stage).rebuilt == books.live);
  CHECK(said(story.config()).back() == "used");
}

TEST_CASE("snapshot: it is of one build, one configuration and one journal, with its end in it") {
  const Story story;
  CHECK(story.why_not("another") == "it is of build scenario, this is another");
  CHECK(story.why_not("unknown") == "this build has no id");
  config::Config other = story.config();
  other.hash = "other";
  CHECK(gateway::find_snapshot(other, build).why_not.starts_with("it is of the configuration"));
  const tests::Scratch scratch;
  {
    const Story second;
    other = story.config();
    other.audit_dir = second.config().audit_dir;
    CHECK(gateway::find_snapshot(other, build).why_not == "it is of another journal");
  }
  // A journal that was put back, or has lost its end.
  const auto seal = audit::read_seal(story.config().audit_dir);
  REQUIRE(seal);
  other = copied(story.config(), scratch / "back", seal->checkpoints.size() - 1);
  other.state_dir = story.config().state_dir;
  CHECK(gateway::find_snapshot(other, build)
            .why_not.starts_with("the journal has no such checkpoint"));
  // Another history with a checkpoint at the same record.
  auto forged = *gateway::read_snapshot(story.file());
  forged.mark.head[0] ^= std::byte{1};
  REQUIRE(gateway::write_snapshot(story.file(), forged));
  CHECK(story.why_not().starts_with("the journal has no such checkpoint"));
}

TEST_CASE("snapshot: where it makes other books than it says, the whole journal is read") {
  Story story;
  auto forged = *gateway::read_snapshot(story.file());
  ++forged.books;
  REQUIRE(gateway::write_snapshot(story.file(), forged));
  CHECK(story.why_not() == "it is used");  // so far
  const Digests books = rebuild(*story.stage);
  CHECK(books.rebuilt == books.live);
  CHECK(said(story.config()).back().starts_with("not usedits books are"));
  // And the next one is not gone on from it.
  const auto taken = gateway::take_snapshot(story.config(), build, false);
  REQUIRE_MESSAGE(taken, taken.error());
  CHECK(taken->begun_at == 0);
  CHECK(taken->why_not.starts_with("its books are"));
}

TEST_CASE("snapshot: one that cannot be written leaves the one before; half of a file is nothing") {
  const Story story;
  const std::string before = *killswitch::read_file(story.file());
  auto fresh = story.file();
  fresh += ".new";
  tests::put_bytes(fresh, before.substr(0, before.size() / 2));  // a crash while it was written
  CHECK(story.why_not() == "it is used");
  CHECK(*killswitch::read_file(story.file()) == before);
  fs::remove(fresh);
  fs::create_directory(fresh);
  const auto taken = gateway::take_snapshot(story.config(), build, true);
  REQUIRE_FALSE(taken);
  CHECK(taken.error().find("snapshot.new") != std::string::npos);
  CHECK(*killswitch::read_file(story.file()) == before);
}

}  // namespace
}  // namespace interlock::scenarios

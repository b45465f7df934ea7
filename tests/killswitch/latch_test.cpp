#include "killswitch/latch.hpp"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/scratch.hpp"

using namespace interlock::killswitch;
using interlock::tests::bytes_of;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

constexpr std::int64_t now = 1'795'253'400'000'000'000;

// Files grow to this size and no further, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  sighandler_t old_handler_;
};

// Each byte of a latch file's content, and some of the zeros behind it.
std::size_t step(std::size_t at) { return at < 512 ? 1 : 127; }

void arm(Latch& latch) {
  for (const auto& kill : latch.active()) REQUIRE(latch.clear(kill.id, now).has_value());
}

void arm_file(const std::filesystem::path& path) {
  Latch latch(path, now);
  arm(latch);
}

Tripped trip_firm(Latch& latch) { return latch.trip({}, Source::http, "anna", "runaway", now + 1); }

}  // namespace

TEST_CASE("latch: no file means killed, and says what to do") {
  const Scratch scratch;
  const Latch latch(scratch / "latch", now);
  CHECK(Latch::firm_killed(latch.word()));
  REQUIRE(latch.active().size() == 1);
  const auto kill = latch.active().front();
  CHECK(kill.scope == Scope{});
  CHECK(kill.source == Source::start);
  CHECK(kill.actor == "interlock");
  CHECK(kill.tripped_at_ns == now);
  CHECK(kill.cause.find("No such file or directory") != std::string::npos);
  CHECK(kill.cause.find("then re-arm") != std::string::npos);
  CHECK_FALSE(latch.clean_stop());
  CHECK_FALSE(std::filesystem::exists(scratch / "latch"));
}

TEST_CASE("latch: cleared is open, also after a restart") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  const Latch latch(scratch / "latch", now);
  CHECK_FALSE(Latch::firm_killed(latch.word()));
  CHECK(latch.active().empty());
}

TEST_CASE("latch: a kill survives a restart as it was") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  Tripped tripped;
  {
    Latch latch(scratch / "latch", now);
    tripped = trip_firm(latch);
    CHECK(tripped.persisted);
    CHECK(tripped.problem.empty());
    CHECK_FALSE(tripped.already);
  }
  const Latch latch(scratch / "latch", now + 5);
  CHECK(Latch::firm_killed(latch.word()));
  REQUIRE(latch.active().size() == 1);
  const auto kill = latch.active().front();
  CHECK(kill.id == tripped.kill.id);
  CHECK(kill.source == Source::http);
  CHECK(kill.actor == "anna");
  CHECK(kill.cause == "runaway");
  CHECK(kill.tripped_at_ns == now + 1);
}

TEST_CASE("latch: a second kill of the same scope is the first one") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  Latch latch(scratch / "latch", now);
  const auto first = trip_firm(latch);
  const auto second =
      latch.trip({ScopeKind::firm, "ignored"}, Source::signal, "bob", "also", now + 9);
  CHECK(second.already);
  CHECK(second.persisted);
  CHECK(second.kill.id == first.kill.id);
  CHECK(second.kill.actor == "anna");
  CHECK(latch.active().size() == 1);
}

TEST_CASE("latch: scopes are independent") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  Latch latch(scratch / "latch", now);
  const auto router = latch.trip({ScopeKind::router, "R1"}, Source::breach, "R1", "fan-out", now);
  CHECK_FALSE(Latch::firm_killed(latch.word()));
  const auto other = latch.trip({ScopeKind::router, "R2"}, Source::breach, "R2", "fan-out", now);
  const auto venue = latch.trip({ScopeKind::venue, "R1"}, Source::breach, "R1", "storm", now);
  const auto firm = trip_firm(latch);
  CHECK_FALSE(firm.already);
  CHECK(Latch::firm_killed(latch.word()));
  CHECK(latch.active().size() == 4);
  CHECK(router.kill.id + 1 == other.kill.id);
  CHECK(other.kill.id + 1 == venue.kill.id);
  CHECK(venue.kill.id + 1 == firm.kill.id);

  REQUIRE(latch.clear(firm.kill.id, now).has_value());
  CHECK_FALSE(Latch::firm_killed(latch.word()));
  REQUIRE(latch.clear(other.kill.id, now).has_value());
  REQUIRE(latch.active().size() == 2);
  CHECK(latch.active()[0].scope == Scope{ScopeKind::router, "R1"});
  CHECK(latch.active()[1].scope == Scope{ScopeKind::venue, "R1"});
}

TEST_CASE("latch: the word changes with every trip and every clear") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  Latch latch(scratch / "latch", now);
  const auto open = latch.word();
  const auto router = latch.trip({ScopeKind::router, "R1"}, Source::http, "anna", "x", now);
  const auto blocked = latch.word();
  CHECK(blocked != open);
  REQUIRE(latch.clear(router.kill.id, now).has_value());
  CHECK(latch.word() != blocked);
  CHECK(latch.word() != open);
}

TEST_CASE("latch: a kill that is not active cannot be cleared") {
  const Scratch scratch;
  Latch latch(scratch / "latch", now);
  const auto word = latch.word();
  const auto cleared = latch.clear(latch.active().front().id + 1, now);
  REQUIRE_FALSE(cleared.has_value());
  CHECK(cleared.error().find("is not active") != std::string::npos);
  CHECK(latch.word() == word);
}

TEST_CASE("latch: ids are never used again") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  std::uint64_t last = 0;
  const auto next_id = [&](std::int64_t at_ns) {
    Latch latch(scratch / "latch", at_ns);
    const auto id = latch.trip({}, Source::http, "anna", "x", at_ns).kill.id;
    arm(latch);
    return id;
  };
  SUBCASE("in one second, over restarts") {
    for (int start = 0; start < 5; ++start) {
      const auto id = next_id(now);
      CHECK(id > last);
      last = id;
    }
  }
  SUBCASE("after the clock went back") {
    last = next_id(now);
    CHECK(next_id(now - 3'600'000'000'000) > last);
  }
  SUBCASE("after the file was lost") {
    last = next_id(now);
    std::filesystem::remove(scratch / "latch");
    CHECK(next_id(now + 1'000'000'000) > last);
  }
  SUBCASE("after a kill that could not be written") {
    {
      Latch latch(scratch / "latch", now);
      const FileSizeLimit full(16);
      last = trip_firm(latch).kill.id;
    }
    CHECK(next_id(now + 1'000'000'000) > last);
  }
}

TEST_CASE("latch: one damaged byte leaves the other copy, in both it means killed") {
  const Scratch scratch;
  const auto path = scratch / "latch";
  {
    Latch latch(path, now);
    arm(latch);
    (void)latch.trip({ScopeKind::router, "R1"}, Source::breach, "R1", "fan-out", now);
  }
  const auto whole = bytes_of(path);
  const auto half = whole.size() / 2;
  REQUIRE(whole.substr(0, half) == whole.substr(half));
  for (std::size_t at = 0; at < half; at += step(at)) {
    for (const char flip : {'\x01', '\x80', '\xff'}) {
      CAPTURE(at);
      for (const auto copy : {at, at + half}) {
        auto damaged = whole;
        damaged[copy] = static_cast<char>(damaged[copy] ^ flip);
        put_bytes(path, damaged);
        const Latch one(path, now);
        CHECK_FALSE(Latch::firm_killed(one.word()));
        REQUIRE(one.active().size() == 1);
        CHECK(one.active().front().scope == Scope{ScopeKind::router, "R1"});
      }
      auto damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      damaged[at + half] = damaged[at];
      put_bytes(path, damaged);
      const Latch both(path, now);
      CHECK(Latch::firm_killed(both.word()));
      REQUIRE(both.active().size() == 1);
      CHECK(both.active().front().source == Source::start);
    }
  }
}

TEST_CASE("latch: a file that is shorter, longer, empty or of two minds means killed") {
  const Scratch scratch;
  const auto path = scratch / "latch";
  arm_file(path);
  const auto whole = bytes_of(path);
  const auto is_killed = [&](const std::string& bytes) {
    put_bytes(path, bytes);
    const Latch latch(path, now);
    return Latch::firm_killed(latch.word()) && latch.active().front().source == Source::start;
  };
  for (std::size_t size = 0; size < whole.size(); size += step(size)) {
    CAPTURE(size);
    CHECK(is_killed(whole.substr(0, size)));
  }
  CHECK(is_killed(whole + "x"));
  CHECK(is_killed(whole + "xy"));
  CHECK(is_killed(whole + whole));

  const auto other = scratch / "other";
  {
    Latch latch(other, now);
    arm(latch);
    REQUIRE(latch.record_clean_stop(true).has_value());
  }
  const auto second = bytes_of(other);
  REQUIRE(second.size() == whole.size());
  CHECK(is_killed(whole.substr(0, whole.size() / 2) + second.substr(second.size() / 2)));
}

TEST_CASE("latch: a file that cannot be read means killed") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "latch");
  const Latch latch(scratch / "latch", now);
  CHECK(Latch::firm_killed(latch.word()));
  CHECK(latch.active().front().cause.find("Is a directory") != std::string::npos);
}

TEST_CASE("latch: on a full disk a trip kills in memory and says that it is not on disk") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  Latch latch(scratch / "latch", now);
  {
    const FileSizeLimit full(16);
    const auto tripped = trip_firm(latch);
    CHECK(Latch::firm_killed(latch.word()));
    CHECK_FALSE(tripped.persisted);
    CHECK(tripped.problem.find("File too large") != std::string::npos);
    CHECK(tripped.kill.cause == "runaway");
    CHECK_FALSE(Latch::firm_killed(Latch(scratch / "latch", now).word()));
    CHECK_FALSE(trip_firm(latch).persisted);
  }
  const auto again = trip_firm(latch);
  CHECK(again.already);
  CHECK(again.persisted);
  CHECK(Latch::firm_killed(Latch(scratch / "latch", now).word()));
}

TEST_CASE("latch: a directory that is not there does not stop a trip") {
  const Scratch scratch;
  Latch latch(scratch / "nowhere/latch", now);
  const auto tripped = latch.trip({ScopeKind::venue, "V1"}, Source::http, "anna", "x", now);
  CHECK_FALSE(tripped.persisted);
  CHECK(tripped.problem.find("No such file or directory") != std::string::npos);
  CHECK(latch.active().size() == 2);
}

TEST_CASE("latch: what cannot be written cannot be cleared") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  Latch latch(scratch / "latch", now);
  const auto kill = trip_firm(latch).kill;
  const auto word = latch.word();
  {
    const FileSizeLimit full(16);
    const auto cleared = latch.clear(kill.id, now);
    REQUIRE_FALSE(cleared.has_value());
    CHECK(cleared.error().find("stands") != std::string::npos);
    CHECK(cleared.error().find("File too large") != std::string::npos);
  }
  CHECK(latch.word() == word);
  CHECK(latch.active().size() == 1);
  CHECK(Latch::firm_killed(Latch(scratch / "latch", now).word()));
  CHECK(latch.clear(kill.id, now).has_value());
}

TEST_CASE("latch: a trip in memory is written by the next persist") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  Latch latch(scratch / "latch", now);
  const auto tripped = latch.trip_in_memory({}, Source::breach, "R1", "fan-out", now);
  CHECK(Latch::firm_killed(latch.word()));
  CHECK_FALSE(tripped.persisted);
  CHECK(tripped.problem.empty());
  CHECK_FALSE(Latch::firm_killed(Latch(scratch / "latch", now).word()));
  CHECK(latch.persist().has_value());
  CHECK(Latch::firm_killed(Latch(scratch / "latch", now).word()));
}

TEST_CASE("latch: identity and clean stop are remembered, and lost with the file") {
  const Scratch scratch;
  {
    Latch latch(scratch / "latch", now);
    latch.note_armed("build 1, config 2");
    CHECK(latch.persist().has_value());
    CHECK(latch.record_clean_stop(true).has_value());
  }
  {
    const Latch latch(scratch / "latch", now);
    CHECK(latch.armed_identity() == "build 1, config 2");
    CHECK(latch.clean_stop());
    CHECK(Latch::firm_killed(latch.word()));  // the kill of the first start was never cleared
  }
  std::filesystem::remove(scratch / "latch");
  Latch latch(scratch / "latch", now);
  CHECK(latch.armed_identity().empty());
  CHECK_FALSE(latch.clean_stop());
  const FileSizeLimit full(16);
  CHECK_FALSE(latch.record_clean_stop(false).has_value());
  latch.note_armed("x");
  CHECK_FALSE(latch.persist().has_value());
}

TEST_CASE("latch: the loop is woken after the gate is shut and before the disk is asked") {
  const Scratch scratch;
  arm_file(scratch / "latch");
  Latch latch(scratch / "latch", now);
  int wakes = 0;
  bool seen_shut = false;
  bool seen_on_disk = false;
  latch.on_change([&] {
    ++wakes;
    seen_shut = Latch::firm_killed(latch.word()) && latch.active().size() == 1;
    seen_on_disk = Latch::firm_killed(Latch(scratch / "latch", now).word());
  });
  const auto kill = trip_firm(latch).kill;
  CHECK(wakes == 1);
  CHECK(seen_shut);
  CHECK_FALSE(seen_on_disk);
  REQUIRE(latch.clear(kill.id, now).has_value());
  CHECK(wakes == 2);
}

TEST_CASE("latch: a wake that throws does not stop the trip") {
  const Scratch scratch;
  Latch latch(scratch / "latch", now);
  latch.on_change([] { throw std::runtime_error("eventfd"); });
  CHECK(trip_firm(latch).persisted);
}

TEST_CASE("latch: every kind and source has a name that reads back") {
  for (int number = 1; number <= 9; ++number) {
    const auto kind = static_cast<ScopeKind>(number);
    CHECK_FALSE(name(kind).empty());
    CHECK(scope_kind_of(name(kind)) == kind);
  }
  CHECK(scope_kind_of("everything") == ScopeKind::firm);
  CHECK_FALSE(scope_kind_of("robot").has_value());
  CHECK(name(static_cast<ScopeKind>(10)).empty());
  for (int number = 1; number <= 3; ++number) {
    const auto level = static_cast<Level>(number);
    CHECK(level_of(name(level)) == level);
  }
  CHECK(name(static_cast<Level>(4)).empty());
  for (int number = 1; number <= 9; ++number) {
    CHECK_FALSE(name(static_cast<Source>(number)).empty());
  }
  CHECK(name(static_cast<Source>(10)).empty());
}

// Peers that fail, on a clock that the test sets: a venue that is gone in the middle of an order,
// one that is silent, one that does not read, and long resends.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>

#include "gateway/core.hpp"
#include "scenarios/heard.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

class Floor {
 public:
  explicit Floor(const std::string& config = "pair")
      : stage(in_process(tests::source_dir() / "tests/scenarios/configs", config)) {
    stage->parent("P-1", "ACC", "ACME", "buy", "1000000");
  }
  Player& player(const std::string& name) { return stage->player(name); }
  gateway::Leg& leg(const std::string& name) {
    for (gateway::Leg* leg : core_of(*stage).floor().legs)
      if (leg->id() == name) return *leg;
    throw std::runtime_error("no leg " + name);
  }
  void order(const std::string& id) {
    Player& router = player("R1");
    router.send("D", {{11, id},
                      {526, "P-1"},
                      {1, "ACC"},
                      {55, "ACME"},
                      {54, "1"},
                      {38, "1"},
                      {40, "2"},
                      {44, "10"}});
    stage->said(router);
  }
  void report(const std::string& id, const std::string& exec_id, bool fill) {
    Player& venue = player("X");
    venue.send("8", {{37, "v" + id},
                     {17, exec_id},
                     {150, fill ? "F" : "0"},
                     {39, fill ? "2" : "0"},
                     {11, id},
                     {55, "ACME"},
                     {54, "1"},
                     {32, fill ? "1" : "0"},
                     {31, "10"},
                     {151, fill ? "0" : "1"},
                     {14, fill ? "1" : "0"},
                     {6, "10"}});
    stage->said(venue);
  }
  // "39 CODE" of the next report to R1 about that order.
  std::string answer(const std::string& id) {
    Player& router = player("R1");
    const Heard heard = next(*stage, router);
    CHECK(value(heard, router, 11) == id);
    const std::string text = value(heard, router, 58);
    const auto code = text.substr(0, text.find(':'));
    return value(heard, router, 39) + (code.empty() ? "" : " " + code);
  }
  std::size_t open() { return core_of(*stage).floor().books.open_orders().size(); }
  // Admin messages of that type that went to the session since the start.
  int sent(const std::string& session, const std::string& type) {
    int count = 0;
    const auto read = core_of(*stage).floor().journal.replay([&](const audit::Record& record) {
      if (record.kind != audit::Kind::session_out) return;
      const audit::FieldReader fields(record.payload);
      const std::string_view frame = fields.text(audit::Field::out_frame).value_or("");
      count += fields.text(audit::Field::out_session) == session &&
                       frame.find(fmt::format("\x01"
                                              "35={}\x01",
                                              type)) != std::string::npos
                   ? 1
                   : 0;
    });
    REQUIRE(read);
    return count;
  }
  bool is_alerted(const std::string& words) {
    return std::ranges::any_of(core_of(*stage).floor().alerts.all(),
                               [&](const gateway::Alert& alert) {
                                 return alert.what.text.find(words) != std::string::npos;
                               });
  }

  std::unique_ptr<Stage> stage;
};

// The venue is gone after so many bytes of an order. True: it had all of them.
bool order_breaks_after(Floor& floor, std::size_t bytes) {
  const std::string id = fmt::format("in{}", bytes), late = fmt::format("late{}", bytes);
  Player& venue = floor.player("X");
  const std::uint64_t before = floor.leg("X").written_to();
  venue.takes = bytes;
  floor.order(id);
  const bool whole = floor.leg("X").written_to() - before <= bytes;
  venue.takes = 0;
  floor.stage->advance(50);
  if (whole) floor.stage->link("X", false);
  CHECK_FALSE(floor.leg("X").on());
  CHECK(floor.open() == 1);  // it may be at the venue
  floor.order(late);
  CHECK(floor.answer(late) == "8 VENUE_DOWN");
  CHECK(floor.open() == 1);
  venue.takes = static_cast<std::size_t>(-1);
  whole ? floor.stage->link("X", true) : floor.stage->advance(2'000);
  REQUIRE(floor.leg("X").on());
  return whole;
}

}  // namespace

TEST_CASE(
    "fault 11: a venue that is gone after any byte of an order: the order is in doubt, counts, and "
    "is not sent again; new ones are refused at once") {
  Floor floor;
  bool whole = false;
  for (std::size_t bytes = 0; !whole; ++bytes) {
    CAPTURE(bytes);
    REQUIRE(bytes < 1'000);
    const std::string id = fmt::format("in{}", bytes);
    floor.stage->price("ACME", "10.00");
    whole = order_breaks_after(floor, bytes);
    // It asks for what it missed. An order is never sent again: its number is filled, and the
    // router learns that it never left.
    CHECK(floor.player("X").inbox.empty());
    CHECK(floor.answer(id) == "8 NOT_DELIVERED");
    CHECK(floor.open() == 0);
    floor.stage->advance(1'000);
  }
  CHECK(floor.leg("X").store().next_out() > 100);
}

TEST_CASE("fault 11: an order that the venue had whole is adopted when it reports it") {
  Floor floor;
  floor.order("a");
  REQUIRE(floor.stage->heard(floor.player("X")));
  floor.player("X").inbox.clear();
  floor.stage->link("X", false);
  CHECK(floor.open() == 1);
  floor.stage->link("X", true);
  CHECK(floor.open() == 1);  // it did not ask for it: it has it
  floor.report("a", "e1", true);
  CHECK(floor.answer("a") == "2");
  CHECK(floor.open() == 0);
}

TEST_CASE("fault 12: a venue that falls silent is asked after 1.2 heartbeats and cut after two") {
  Floor floor;
  floor.player("X").mute = true;
  const int asked = floor.sent("X", "1");
  floor.stage->advance(35'000);
  CHECK(floor.sent("X", "1") == asked);
  CHECK(floor.leg("X").on());
  floor.stage->advance(2'000);
  CHECK(floor.sent("X", "1") == asked + 1);
  floor.stage->advance(22'500);
  CHECK(floor.leg("X").on());
  floor.stage->advance(1'000);
  CHECK_FALSE(floor.leg("X").on());
  floor.order("a");
  CHECK(floor.answer("a") == "8 VENUE_DOWN");
  floor.player("X").mute = false;
  floor.stage->advance(15'000);
  CHECK(floor.leg("X").on());
}

TEST_CASE(
    "fault 16: a venue that does not read gets no new orders after 50 ms; cancels still go, and "
    "it is used again when it reads") {
  Floor floor;
  Player& venue = floor.player("X");
  floor.order("a");
  floor.report("a", "e1", false);
  CHECK(floor.answer("a") == "0");
  venue.inbox.clear();
  venue.deaf = true;
  floor.order("b");  // goes into our buffer
  CHECK_FALSE(floor.stage->heard(floor.player("R1")));
  floor.stage->advance(100);
  floor.order("c");
  CHECK(floor.answer("c") == "8 VENUE_DOWN");
  Player& router = floor.player("R1");
  router.send(
      "F", {{11, "ca"}, {41, "a"}, {526, "P-1"}, {1, "ACC"}, {55, "ACME"}, {54, "1"}, {38, "1"}});
  floor.stage->said(router);
  CHECK_FALSE(floor.stage->heard(router));  // it waits, and is not refused
  floor.stage->kill("firm", "", "kill");    // takes b back, keeps the cancel
  CHECK(floor.answer("b") == "8 KILLED");
  venue.deaf = false;
  floor.stage->quiet();
  REQUIRE(floor.stage->heard(venue));
  CHECK(type(next(*floor.stage, venue), venue) == "F");
  while (!venue.inbox.empty()) CHECK(type(next(*floor.stage, venue), venue) != "D");
}

TEST_CASE("fault 15: a resend of thousands comes in parts, whole and in order") {
  Floor floor;
  floor.order("o");
  floor.stage->link("R1", false);
  constexpr int reports = 2'600;
  for (int i = 0; i < reports; ++i) floor.report("o", fmt::format("e{}", i), false);
  floor.stage->link("R1", true);
  Player& router = floor.player("R1");
  REQUIRE(router.inbox.size() == reports);
  for (int i = 0; i < reports; ++i)
    CHECK(value(next(*floor.stage, router), router, 17) == fmt::format("e{}", i));
}

}  // namespace interlock::scenarios

// What a play cannot say: bytes compared as bytes, a hundred orders, gaps in the middle of a
// stream.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "scenarios/heard.hpp"
#include "scenarios/stage.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";

std::string body_of(const Heard& heard, const Player& player) {
  return std::string(gateway::parse_lenient(heard.frame, player.dialect()).parsed.body());
}
// An order with Parties and their sub-groups, a custom tag, a custom group, and fields in an order
// of its own.
Fields rich_order(const std::string& id, const std::string& price = "10.0000") {
  return {{526, "P-1"}, {11, id},    {453, "2"},       {448, "DESK 7"}, {447, "D"},   {452, "24"},
          {448, "x=y"}, {447, "D"},  {452, "12"},      {802, "2"},      {523, "a"},   {803, "1"},
          {523, "b"},   {803, "2"},  {5020, "u\\v|w"}, {1, "ACC"},      {55, "ACME"}, {5010, "2"},
          {5011, "k"},  {5012, "1"}, {5011, "l"},      {54, "1"},       {38, "0010"}, {40, "2"},
          {44, price},  {59, "0"},   {58, "no  rush"}};
}
Fields rich_report(const std::string& id, const std::string& execution) {
  return {{37, "v1"},    {17, execution}, {150, "0"},   {39, "0"},  {11, id},
          {453, "1"},    {448, "BROKER"}, {447, "D"},   {452, "1"}, {5010, "1"},
          {5011, "q"},   {5012, "z z"},   {55, "ACME"}, {54, "1"},  {38, "10"},
          {151, "10.0"}, {14, "0.000"},   {6, "0"},     {5020, "s"}};
}
Fields wordy_report(const std::string& id, const std::string& execution) {
  return {{37, "v1"}, {17, execution},
          {150, "0"}, {39, "0"},
          {11, id},   {55, "ACME"},
          {54, "1"},  {58, "a word with every report, as venues like to have it"},
          {38, "10"}, {151, "10"},
          {14, "0"},  {6, "0"}};
}
Fields plain_order(const std::string& id) {
  return {{11, id},  {526, "P-1"}, {1, "ACC"}, {55, "ACME"},
          {54, "1"}, {38, "10"},   {40, "2"},  {44, "10.00"}};
}

// X is asked after its logon how this order of 10 stands, and says: as it was entered.
void is_asked_about(Stage& stage, const std::string& id) {
  Player& venue = stage.player("X");
  const Heard question = next(stage, venue);
  CHECK(type(question, venue) == "H");
  CHECK(value(question, venue, 11) == id);
  venue.send("8", {{790, value(question, venue, 790)},
                   {37, "v1"},
                   {17, "0"},
                   {150, "I"},
                   {39, "0"},
                   {11, id},
                   {55, "ACME"},
                   {54, "1"},
                   {38, "10"},
                   {151, "10"},
                   {14, "0"},
                   {6, "0"}});
  stage.said(venue);
}

TEST_CASE(
    "bodies arrive byte for byte, groups and custom tags too: in order, behind a gap, and on "
    "resend") {
  const auto stage = in_process(configs, "desk");
  Player& router = stage->player("R1");
  Player& venue = stage->player("X");
  stage->parent("P-1", "ACC", "ACME", "buy", "1000");

  router.send("D", rich_order("a"));
  const std::string straight = router.last_body();
  stage->said(router);
  CHECK(body_of(next(*stage, venue), venue) == straight);

  venue.send("8", rich_report("a", "e1"));
  const std::string report = venue.last_body();
  stage->said(venue);
  CHECK(body_of(next(*stage, router), router) == report);

  // Two orders are lost on the way; the next two wait behind the gap, and go on with the bytes they
  // came with.
  router.send("D", plain_order("lost-1"));
  router.send("D", plain_order("lost-2"));
  router.lose();
  router.send("D", rich_order("b", "9.99"));
  const std::string behind_1 = router.last_body();
  router.send("D", rich_order("c", "09.990"));
  const std::string behind_2 = router.last_body();
  stage->said(router);
  CHECK(body_of(next(*stage, venue), venue) == behind_1);
  CHECK(body_of(next(*stage, venue), venue) == behind_2);
  for (const char* id : {"lost-1", "lost-2"}) {  // they come again with 43=Y: stale, and refused
    const Heard refused = next(*stage, router);
    CHECK(value(refused, router, 11) == id);
    CHECK(value(refused, router, 58).starts_with("STALE_ORDER"));
  }

  // The venue's reports behind a gap of its own, and both again by resend to a router that was
  // away.
  stage->link("R1", false);
  venue.send("8", rich_report("b", "e2"));
  venue.lose();
  venue.send("8", rich_report("c", "e3"));
  const std::string late = venue.last_body();
  stage->said(venue);
  stage->link("R1", true);
  const Heard first = next(*stage, router);
  const Heard second = next(*stage, router);
  CHECK(value(first, router, 17) == "e2");
  CHECK(value(first, router, 43) == "Y");
  CHECK(body_of(second, router) == late);
  CHECK(value(second, router, 43) == "Y");
  CHECK(router.inbox.empty());
  CHECK(venue.inbox.empty());
}

void hundred_unread(Stage& stage) {
  Player& router = stage.player("R1");
  Player& venue = stage.player("X");
  stage.parent("P-1", "ACC", "ACME", "buy", "1010");
  router.send("D", plain_order("first"));
  stage.said(router);
  next(stage, venue);
  venue.send("8", rich_report("first", "e1"));  // a report that it did send
  stage.said(venue);
  CHECK(value(next(stage, router), router, 17) == "e1");

  for (int i = 0; i < 100; ++i) router.send("D", plain_order(fmt::format("u{}", i)));
  stage.said(router);
  stage.link("X", false);  // not one of them was read
  stage.link("X", true);
  std::set<std::string> accounted;
  for (int i = 0; i < 100; ++i) {
    const Heard answer = next(stage, router);
    CHECK(type(answer, router) == "8");
    CHECK(value(answer, router, 150) == "8");
    CHECK(value(answer, router, 58).starts_with("NOT_DELIVERED"));
    accounted.insert(value(answer, router, 11));
  }
  CHECK(accounted.size() == 100);
  is_asked_about(stage, "first");
  stage.compared("X", "matched");
  CHECK(venue.inbox.empty());  // no order came again
  CHECK(router.inbox.empty());
  // All reservations are free again: the parent has room for more.
  Fields rest = plain_order("rest");
  rest[5].second = "400";  // more than what 100 lost children would leave
  router.send("D", rest);
  stage.said(router);
  CHECK(value(next(stage, venue), venue, 11) == "rest");
}

TEST_CASE(
    "100 orders unread when the link drops: none is sent again, each is accounted for (in "
    "process)") {
  hundred_unread(*in_process(configs, "desk"));
}
TEST_CASE(
    "100 orders unread when the link drops: none is sent again, each is accounted for (over "
    "sockets)") {
  hundred_unread(*over_sockets(configs, "desk", PROGRAM));
}

void runaway(Stage& stage) {
  Player& runaway = stage.player("R1");
  Player& honest = stage.player("R2");
  Player& venue = stage.player("X");
  Player& other = stage.player("Y");
  stage.parent("P-1", "ACC", "ACME", "buy", "250");
  stage.parent("P-2", "ACC", "ACME", "buy", "100");
  stage.parent("P-3", "OTH", "ACME", "buy", "100");
  const auto order = [](const std::string& id, const std::string& parent,
                        const std::string& account) {
    return Fields{{11, id},  {526, parent}, {1, account}, {55, "ACME"},
                  {54, "1"}, {38, "100"},   {40, "2"},    {44, "10.00"}};
  };
  const auto fill = [&](const std::string& id, int number) {
    venue.send("8", {{37, "v" + id},
                     {17, fmt::format("e{}", number)},
                     {150, "F"},
                     {39, "2"},
                     {11, id},
                     {55, "ACME"},
                     {54, "1"},
                     {32, "100"},
                     {31, "10.00"},
                     {151, "0"},
                     {14, "100"},
                     {6, "10.00"}});
    stage.said(venue);
  };
  runaway.send("D", order("working", "P-2", "ACC"));
  stage.said(runaway);
  CHECK(value(next(stage, venue), venue, 11) == "working");
  int shares = 0;
  int number = 0;
  for (int child = 0; child < 40; ++child) {  // it looks at no fill and at no reject
    const std::string id = fmt::format("c{}", child);
    runaway.send("D", order(id, "P-1", "ACC"));
    stage.said(runaway);
    stage.quiet();
    while (!venue.inbox.empty()) {
      const Heard heard = next(stage, venue);
      if (type(heard, venue) != "D") continue;
      shares += 100;
      fill(value(heard, venue, 11), ++number);
    }
    stage.advance(150);
  }
  CHECK(
      shares ==
      200);  // two whole children of 250: the third would go beyond, and no order is changed to fit
  honest.send("D", order("honest", "P-3", "OTH"));
  stage.said(honest);
  CHECK(value(next(stage, other), other, 11) == "honest");
  std::string last;
  while (!runaway.inbox.empty()) last = value(next(stage, runaway), runaway, 58);
  CHECK(last.starts_with("KILLED: router R1, by breach"));
}

TEST_CASE(
    "a router that ignores its fills gets no share beyond its parent, is killed, and the other "
    "goes on") {
  runaway(*in_process(configs, "pair"));
}

void order_refused_for_venue_down(Stage& stage, const std::string& id) {
  Player& router = stage.player("R1");
  router.send("D", plain_order(id));
  stage.said(router);
  CHECK(value(next(stage, router), router, 58).starts_with("VENUE_DOWN"));
}

TEST_CASE("a venue's session follows its calendar, and its numbers begin anew each trading day") {
  const auto stage = in_process(configs, "short_day");  // 09:30 in New York, a Monday
  Player& router = stage->player("R1");
  Player& venue = stage->player("X");
  stage->parent("P-1", "ACC", "ACME", "buy", "1000");
  for (const char* id : {"a", "b"}) {
    router.send("D", plain_order(id));
    stage->said(router);
    CHECK(value(next(*stage, venue), venue, 11) == id);
  }
  stage->advance(11 * 60'000);  // 09:41
  CHECK_FALSE(venue.up);
  order_refused_for_venue_down(*stage, "late");
  venue.new_day();
  stage->advance(23 * 3'600'000 + 15 * 60'000);  // 08:56 on Tuesday
  CHECK_FALSE(venue.up);
  stage->advance(4 * 60'000 + 5'000);  // 09:00, and the questions
  CHECK(venue.on);
  for (const char* id : {"a", "b"}) {
    is_asked_about(*stage, id);
    CHECK(value(next(*stage, router), router, 11) == id);
  }
  stage->compared("X", "matched");
  stage->advance(6 * 60'000);  // 09:06
  router.send("D", plain_order("c"));
  stage->said(router);
  const Heard order = next(*stage, venue);
  CHECK(value(order, venue, 11) == "c");
  CHECK(order.sequence < 30);  // Logon and heartbeats of six minutes: 1 was this morning
}

TEST_CASE("a half-open venue is found by its silence, orders are refused, and it may come back") {
  const auto stage = in_process(configs, "short_day");
  Player& venue = stage->player("X");
  stage->parent("P-1", "ACC", "ACME", "buy", "1000");
  venue.mute = true;
  stage->advance(35'000);
  CHECK(venue.up);  // a heartbeat and a TestRequest are waited for
  stage->advance(45'000);
  CHECK_FALSE(venue.on);
  order_refused_for_venue_down(*stage, "a");
  venue.mute = false;
  stage->advance(15'000);
  CHECK(venue.on);
}

TEST_CASE(
    "a router that does not read is cut at its bound, others go on, and nothing is lost to it") {
  const auto stage = in_process(configs, "short_day");
  Player& slow = stage->player("R1");
  Player& other = stage->player("R2");
  Player& venue = stage->player("X");
  stage->parent("P-1", "ACC", "ACME", "buy", "1000");
  slow.send("D", plain_order("a"));
  stage->said(slow);
  CHECK(value(next(*stage, venue), venue, 11) == "a");
  slow.deaf = true;
  constexpr int reports = 1'000;  // some 200 bytes each: three times the bound
  for (int i = 0; i < reports && slow.on; ++i) {
    venue.send("8", wordy_report("a", fmt::format("e{}", i)));
    stage->said(venue);
  }
  CHECK_FALSE(slow.on);  // it is connected again, and does not read its Logon either
  CHECK(other.on);
  slow.deaf = false;
  stage->advance(2'000);
  CHECK(slow.on);
  std::set<std::string> executions;
  while (!slow.inbox.empty()) executions.insert(value(next(*stage, slow), slow, 17));
  CHECK(executions.size() > 250);  // more than the bound holds
  CHECK(executions.contains("e0"));
  CHECK(executions.contains(fmt::format("e{}", executions.size() - 1)));  // without a gap
}

TEST_CASE("a list that waits to leave is taken back whole when a kill covers one of its orders") {
  const auto stage = in_process(configs, "pair");
  Player& router = stage->player("R1");
  Player& venue = stage->player("X");
  stage->parent("P-1", "ACC", "ACME", "buy", "200");
  stage->parent("P-2", "ACC", "ZORG", "buy", "5");
  venue.deaf = true;
  router.send("E", {{66, "l1"}, {394, "3"}, {68, "2"},    {73, "2"},  {11, "a"},   {526, "P-1"},
                    {67, "1"},  {1, "ACC"}, {55, "ACME"}, {54, "1"},  {38, "200"}, {40, "2"},
                    {44, "10"}, {11, "b"},  {526, "P-2"}, {67, "2"},  {1, "ACC"},  {55, "ZORG"},
                    {54, "1"},  {38, "5"},  {40, "2"},    {44, "200"}});
  stage->said(router);
  stage->kill("symbol", "ZORG", "kill");
  for (const char* id : {"a", "b"}) {
    const Heard refused = next(*stage, router);
    CHECK(value(refused, router, 11) == id);
    CHECK(value(refused, router, 39) == "8");
    CHECK(value(refused, router, 58).starts_with("KILLED"));
  }
  venue.deaf = false;
  stage->quiet();
  CHECK(venue.inbox.empty());
  // What the order of the other symbol had reserved is free again.
  Fields again = plain_order("c");
  again[5] = {38, "200"};
  router.send("D", again);
  stage->said(router);
  CHECK(value(next(*stage, venue), venue, 11) == "c");
  CHECK(rebuild(*stage).rebuilt == rebuild(*stage).live);
}

}  // namespace
}  // namespace interlock::scenarios

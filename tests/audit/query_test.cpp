#include "audit/query.hpp"

#include <doctest/doctest.h>

#include "tests/audit/journal_story.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::Scratch;
using Numbers = std::vector<std::uint64_t>;

namespace {

struct Morning {
  Morning() { Story(*journal).morning(); }
  Scratch scratch;
  std::unique_ptr<Journal> journal = open(scratch.path());  // goes on being written
  [[nodiscard]] Numbers found(const Filter& filter) const {
    return tests::found(scratch.path(), filter);
  }
};

Filter where(std::string Filter::*what, std::string value) {
  Filter filter;
  filter.*what = std::move(value);
  return filter;
}

}  // namespace

TEST_CASE("query: nothing asked is everything") {
  CHECK(Morning().found({}) == Numbers{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
}

TEST_CASE("query: a parent has its declaration, its children, their reports and our cancels") {
  const Morning morning;
  CHECK(morning.found(where(&Filter::parent, "P-1")) == Numbers{1, 2, 3, 4, 5, 7, 8});
  CHECK(morning.found(where(&Filter::parent, "P-2")) == Numbers{9});
  CHECK(morning.found(where(&Filter::parent, "P-3")).empty());
}

TEST_CASE("query: an account, though the venue's report does not name it") {
  const Morning morning;
  CHECK(morning.found(where(&Filter::account, "ACC")) == Numbers{1, 2, 3, 4, 5, 7, 8});
  CHECK(morning.found(where(&Filter::account, "OTH")) == Numbers{9});
}

TEST_CASE("query: a router has its messages, its reports and its kill") {
  const Morning morning;
  CHECK(morning.found(where(&Filter::router, "R1")) == Numbers{2, 3, 4, 5, 6, 7, 8, 10});
  CHECK(morning.found(where(&Filter::router, "R2")) == Numbers{9});
}

TEST_CASE("query: a ClOrdID brings its chain, whichever link is asked for") {
  const Morning morning;
  // R2 has an order a of its own: that name is asked for, too.
  CHECK(morning.found(where(&Filter::cl_ord_id, "a")) == Numbers{2, 3, 4, 7, 8, 9});
  CHECK(morning.found(where(&Filter::cl_ord_id, "b")) == Numbers{2, 3, 4, 7, 8});
  CHECK(morning.found(where(&Filter::cl_ord_id, "Cb")) == Numbers{2, 3, 4, 7, 8});
  CHECK(morning.found(where(&Filter::cl_ord_id, "ILK7")) == Numbers{2, 3, 4, 7, 8});
  CHECK(morning.found(where(&Filter::cl_ord_id, "c")) == Numbers{5});
}

TEST_CASE("query: a person, alone or as one of two") {
  const Morning morning;
  CHECK(morning.found(where(&Filter::person, "ann")) == Numbers{1, 10});
  CHECK(morning.found(where(&Filter::person, "bob")) == Numbers{10});
  CHECK(morning.found(where(&Filter::person, "an")).empty());
}

TEST_CASE("query: a reason finds the refusal and the kill that came of it") {
  const Morning morning;
  Filter filter;
  filter.reason = interlock::risk::Reason::parent_fill;
  CHECK(morning.found(filter) == Numbers{5, 6});
  filter.reason = interlock::risk::Reason::order_qty;
  CHECK(morning.found(filter).empty());
}

TEST_CASE("query: all that is asked has to hold") {
  const Morning morning;
  Filter filter = where(&Filter::parent, "P-1");
  filter.kind = kind_of("venue_message");
  CHECK(morning.found(filter) == Numbers{4, 8});
  REQUIRE(set_from(filter, "B5").has_value());
  CHECK(morning.found(filter) == Numbers{8});
  REQUIRE(set_to(filter, "7").has_value());
  CHECK(morning.found(filter).empty());
}

TEST_CASE("query: from and to take times, and a date as its whole day") {
  const Morning morning;  // 2026-11-21T09:30:01Z and on, a second each
  Filter filter;
  REQUIRE(set_from(filter, "2026-11-21T09:30:03Z").has_value());
  REQUIRE(set_to(filter, "2026-11-21T10:30:05.0+01:00").has_value());
  CHECK(morning.found(filter) == Numbers{3, 4, 5});
  Filter day;
  REQUIRE(set_from(day, "2026-11-21").has_value());
  REQUIRE(set_to(day, "2026-11-21").has_value());
  CHECK(morning.found(day).size() == 10);
  Filter next;
  REQUIRE(set_from(next, "2026-11-22").has_value());
  CHECK(morning.found(next).empty());
}

TEST_CASE("query: what is no time, no date and no record is refused") {
  Filter filter;
  for (const auto* text : {"", "B", "yesterday", "2026-13-01", "2026-02-30", "2026-11-21T09:30:00",
                           "2026-11-21T25:00Z", "2026-11-21T09:30:00.Z", "2026-11-21T09:30:00Zz",
                           "-1", "B12x", "2026-11-21T0930Z"}) {
    CAPTURE(text);
    CHECK_FALSE(set_from(filter, text).has_value());
  }
}

TEST_CASE("orders: a report is attributed to the child, its parent and who decided") {
  const Morning morning;
  Filter fill;
  fill.from_sequence = fill.to_sequence = 4;
  bool seen = false;
  const auto done = query(morning.scratch.path(), fill, [&](const Record&, const About& about) {
    seen = true;
    REQUIRE(about.subjects.size() == 1);
    const Subject& of = about.subjects[0];
    CHECK(about.message == "8");
    CHECK(of.router == "R1");
    CHECK(of.venue == "X");
    CHECK(of.parent == "P-1");
    CHECK(of.account == "ACC");
    CHECK(of.trader == "tess");
    CHECK(of.cl_ord_id == "b");
    CHECK(of.orig_cl_ord_id == "a");
    CHECK(of.first_cl_ord_id == "a");
    CHECK(of.venue_cl_ord_id == "Cb");
    CHECK(of.order_id == "V9");
    return true;
  });
  CHECK(done.has_value());
  CHECK(seen);
}

TEST_CASE("orders: each order of a list is one subject") {
  const Scratch scratch;
  const auto journal = open(scratch.path());
  Story story(*journal);
  auto list = Story::from("R1", 2, "8=FIX.4.4|35=E|66=L|73=2|11=l1|67=1|11=l2|67=2|");
  list.put(Field::policy_version, 7).put(Field::venue, "X");
  list.put(Field::out_frame, fix("8=FIX.4.4|35=E|66=L|73=2|11=l1|67=1|11=l2|67=2|"));
  Story::child(list, "l1", "P-1", "ACC");
  Story::child(list, "l2", "P-2", "OTH");
  story.add(Kind::router_message, "R1", list);
  story.add(Kind::venue_message, "X", Story::from("X", 2, "8=FIX.4.4|35=8|11=l2|37=V|150=0|"));
  CHECK(tests::found(scratch.path(), where(&Filter::parent, "P-1")) == Numbers{1});
  CHECK(tests::found(scratch.path(), where(&Filter::parent, "P-2")) == Numbers{1, 2});
}

// The day roll, and what a day begins with.
#include <doctest/doctest.h>

#include "gateway/day.hpp"
#include "scenarios/office.hpp"

namespace interlock::scenarios {
namespace {

TEST_CASE(
    "day: it rolls once at its time, begins with its files, and is the same after a restart") {
  Office office;  // 09:30 in New York; the day rolls at 17:00
  CHECK(office.records(audit::Kind::day) == 1);
  office.edit("[day]",
              "[positions]\nfile = \"positions.csv\"\n[locates]\nfile = \"locates.csv\"\n[day]");
  office.write("positions.csv", "account,symbol,quantity,cost\nACC,ACME,300,9.50\n");
  office.write("locates.csv", "account,symbol,quantity,id\nACC,ZORG,100,a\nACC,ZORG,50,b\n");
  office.restart();
  CHECK(office.records(audit::Kind::day) == 1);
  const auto position = [&] {
    const gateway::Floor& floor = office.core->floor();
    return floor.books.position(floor.directory.accounts.find("ACC"),
                                floor.directory.symbols.find("ACME"));
  };
  office.tick(7 * 60 * minute_ns);
  CHECK(office.records(audit::Kind::day) == 1);
  CHECK(position() == risk::Quantity{});
  office.tick(60 * minute_ns);
  CHECK(office.records(audit::Kind::day) == 2);
  CHECK(position() == risk::Quantity::of(300));
  office.tick(-60 * minute_ns);
  office.tick(60 * minute_ns);
  CHECK(office.records(audit::Kind::day) == 2);
  const auto digest = office.core->floor().books.digest();
  office.restart();
  CHECK(office.records(audit::Kind::day) == 2);
  CHECK(office.core->floor().books.digest() == digest);
  office.now_ns += 24 * 60 * minute_ns;  // nothing runs at the roll
  office.restart();
  CHECK(office.records(audit::Kind::day) == 3);
}

TEST_CASE("day: the first start of all is a roll, too: empty books begin with the positions") {
  Office office;
  office.edit("[day]", "[positions]\nfile = \"positions.csv\"\n[day]");
  office.write("positions.csv", "account,symbol,quantity,cost\nACC,ACME,-300,9.50\n");
  office.begin_anew();
  CHECK(office.records(audit::Kind::day) == 1);
  const gateway::Floor& floor = office.core->floor();
  CHECK(floor.books.position(floor.directory.accounts.find("ACC"),
                             floor.directory.symbols.find("ACME")) == risk::Quantity::of(-300));
}

TEST_CASE("day: a file that cannot be read is a critical alert, and the roll goes on without it") {
  Office office;
  office.edit("[day]", "[positions]\nfile = \"positions.csv\"\n[day]");
  office.write("positions.csv", "account,symbol,quantity,cost\n");
  office.restart();
  office.write("positions.csv", "nonsense\n");
  office.tick(24 * 60 * minute_ns);
  CHECK(office.records(audit::Kind::day) == 2);
  const auto* alert = office.core->floor().alerts.find_open("positions-file", {});
  REQUIRE(alert);
  CHECK(alert->what.severity == gateway::Severity::critical);
}

}  // namespace
}  // namespace interlock::scenarios

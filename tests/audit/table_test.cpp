#include "audit/table.hpp"

#include <doctest/doctest.h>

#include "tests/audit/journal_story.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::Scratch;

namespace {

std::string line(std::vector<std::string> cells) { return csv_line(cells); }

std::string cell_of(const std::vector<std::string>& row, std::string_view column) {
  const auto names = columns();
  return row.at(static_cast<std::size_t>(std::ranges::find(names, column) - names.begin()));
}

}  // namespace

TEST_CASE("csv: quotes as RFC 4180 wants them, and only where they are needed") {
  CHECK(line({"a", "b c", ""}) == "a,b c,\r\n");
  CHECK(line({"a,b", "say \"no\"", "two\nlines", "\r"}) ==
        "\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",\"'\r\"\r\n");
}

TEST_CASE("csv: what a spreadsheet would take for a formula is text") {
  CHECK(line({"=1+1", "+1", "-1", "@SUM(A1)", "\tx"}) == "'=1+1,'+1,'-1,'@SUM(A1),'\tx\r\n");
  CHECK(line({"1-1", "a=b"}) == "1-1,a=b\r\n");
}

TEST_CASE("row: a fill names its child, parent and route, and its messages read") {
  const Scratch scratch;
  const auto journal = open(scratch.path());
  Story(*journal).morning();
  Filter fill;
  fill.from_sequence = fill.to_sequence = 4;
  std::vector<std::string> row;
  const auto done = query(scratch.path(), fill, [&](const Record& record, const About& about) {
    row = row_of(record, about, 0);
    return true;
  });
  REQUIRE(done.has_value());
  REQUIRE(row.size() == columns().size());
  CHECK(cell_of(row, "sequence") == "4");
  CHECK(cell_of(row, "time") == "2026-11-21T09:30:04.000000000Z");
  CHECK(cell_of(row, "kind") == "venue_message");
  CHECK(cell_of(row, "router") == "R1");
  CHECK(cell_of(row, "venue") == "X");
  CHECK(cell_of(row, "parent") == "P-1");
  CHECK(cell_of(row, "trader") == "tess");
  CHECK(cell_of(row, "cl_ord_id") == "b");
  CHECK(cell_of(row, "venue_cl_ord_id") == "Cb");
  CHECK(cell_of(row, "order_id") == "V9");
  CHECK(cell_of(row, "out_frame") == "8=FIX.4.4|35=8|11=b|41=a|37=V9|17=e1|150=F|");
  CHECK(cell_of(row, "more") == "in_sequence=2; out_session=R1; out_sequence=2");
}

TEST_CASE("row: bytes that are no text are escaped, and a password is masked") {
  FieldWriter fields;
  fields.put(Field::in_frame, fix("8=FIX.4.4|35=A|554=secret|58=\x02\xff|"));
  Record record;
  record.actor = "R1";
  record.payload = fields.bytes();
  const auto row = row_of(record, Orders().take(record), 0);
  CHECK(cell_of(row, "in_frame") == "8=FIX.4.4|35=A|554=***|58=\\x02\\xff|");
}

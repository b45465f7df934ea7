// A journal read on a second core: the same records in the same order, their FIX read, and no
// thread that waits for nobody.
#include "gateway/read_ahead.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

#include "audit/fields.hpp"
#include "tests/scratch.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

std::string order(std::uint32_t number) {
  return build_frame({.begin_string = "FIX.4.2",
                      .type = "D",
                      .sender = "R",
                      .target = "G",
                      .sequence = number,
                      .sending_time = "20261126-15:00:00.000"},
                     "11=c\00121=1\00155=ACME\00154=1\00138=100\00140=1\001"
                     "60=20261126-15:00:00.000\001");
}

struct Written {
  tests::Scratch scratch;
  std::unique_ptr<audit::Journal> journal =
      audit::Journal::open({scratch / "audit", 1ull << 20}).value();

  explicit Written(std::uint32_t records) {
    for (std::uint32_t i = 1; i <= records; ++i) {
      FieldWriter fields;
      fields.put(Field::session, i % 3 == 0 ? "nobody" : "R1");
      if (i % 5 != 0) fields.put(Field::policy_version, std::uint64_t{1});
      fields.put(Field::in_frame, i % 7 == 0 ? "8=FIX.4.2|" : order(i));
      const Kind kind = i % 2 == 0 ? Kind::router_message : Kind::venue_message;
      REQUIRE(journal->append(kind, i, i, "R1", fields.bytes()));
    }
  }
  ReadAhead ahead() {
    return {*journal, [](ReadRecord& read) {
              if (read.fields.text(Field::session) == "R1")
                read_message(read, config::built_in("FIX.4.2"));
            }};
  }
};

}  // namespace

TEST_CASE("read ahead: every record in its order, with what its dialect makes of it") {
  for (const std::uint32_t count : {0u, 1u, 255u, 256u, 257u, 3'000u}) {
    Written written(count);
    std::uint32_t next = 0;
    const auto done = written.ahead().run([&](const ReadRecord& read) {
      ++next;
      REQUIRE(read.record.location.sequence == next);
      const bool is_order = next % 2 == 0;
      const bool is_read = next % 3 != 0 && (!is_order || next % 5 != 0);
      const bool is_frame = next % 7 != 0;
      CHECK(read.refused.has_value() == (is_read && is_order && !is_frame));
      CHECK((read.message.get(55) == "ACME") == (is_read && is_frame));
      if (is_read && is_frame) CHECK(read.message.sequence == next);
    });
    CHECK(done);
    CHECK(next == count);
  }
}

TEST_CASE("read ahead: who takes the records may fail, and the reader ends") {
  Written written(5'000);
  std::uint32_t taken = 0;
  CHECK_THROWS_WITH(written.ahead().run([&](const ReadRecord&) {
    if (++taken == 300) throw std::runtime_error("enough");
  }),
                    "enough");
  CHECK(taken == 300);
}

}  // namespace interlock::gateway

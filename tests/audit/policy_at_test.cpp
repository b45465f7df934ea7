#include "audit/policy_at.hpp"

#include <doctest/doctest.h>

#include "audit/fields.hpp"

using namespace interlock::audit;

namespace {

Record record(Kind kind, std::uint64_t sequence, const FieldWriter& fields) {
  Record made;
  made.kind = kind;
  made.location.sequence = sequence;
  made.payload = fields.bytes();
  return made;
}

FieldWriter row(std::string_view scope, std::string_view value, std::uint64_t line) {
  FieldWriter fields;
  fields.put(Field::scope_kind, "symbol").put(Field::scope_id, scope);
  fields.put(Field::key, "max_order_qty").put(Field::after, value).put(Field::line, line);
  fields.put(Field::owner, "risk").put(Field::why, "because").put(Field::review, "2027-01-01");
  return fields;
}

}  // namespace

TEST_CASE("policy at: settings with their lines, over the records that they are split into") {
  PolicyAt policy;
  policy.take(record(Kind::policy, 3, row("ACME", "100", 80).put(Field::text, "1 of 2")));
  policy.take(record(Kind::policy, 4, row("ZORG", "200", 81).put(Field::text, "2 of 2")));
  CHECK(policy.record() == 3);
  const auto found = policy.find("max_order_qty", "symbol", "ZORG");
  REQUIRE(found.size() == 1);
  CHECK(found[0].value == "200");
  CHECK(found[0].line == 81);
  CHECK(found[0].owner == "risk");
  CHECK(policy.find("max_order_qty", "symbol", "ACME").size() == 1);
  CHECK(policy.find("max_orders", "symbol", "ACME").empty());
  // A reload writes the whole anew.
  policy.take(record(Kind::policy, 9, row("ACME", "90", 80).put(Field::text, "1 of 1")));
  CHECK(policy.find("max_order_qty", "symbol", "ACME").at(0).value == "90");
  CHECK(policy.find("max_order_qty", "symbol", "ZORG").empty());
}

TEST_CASE("policy at: a raise holds until it ends, also over what is written down again") {
  PolicyAt policy;
  policy.take(record(Kind::policy, 3, row("ACME", "100", 80).put(Field::text, "1 of 1")));
  FieldWriter raise = row("ACME", "150", 80);
  raise.put(Field::actor, "ann and bob");
  policy.take(record(Kind::raise, 5, raise));
  policy.take(record(Kind::policy, 6, row("ACME", "100", 80).put(Field::text, "1 of 1")));
  const auto raised = policy.find("max_order_qty", "symbol", "ACME").at(0);
  CHECK(raised.value == "150");
  CHECK(raised.filed == "100");
  CHECK(raised.raise == 5);
  CHECK(raised.raised_by == "ann and bob");
  FieldWriter ended;
  ended.put(Field::raise_id, 5);
  policy.take(record(Kind::raise_ended, 7, ended));
  CHECK(policy.find("max_order_qty", "symbol", "ACME").at(0).value == "100");
}

#include "config/dialect.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <stdexcept>
#include <type_traits>

using namespace interlock::config;

namespace {

void check_group(const Dialect& dialect, const GroupRule& group) {
  CAPTURE(group.count);
  REQUIRE(dialect.field(group.count) != nullptr);
  CHECK(dialect.field(group.count)->type == FieldType::group);
  CHECK(group.has(group.first));
  for (const auto tag : group.members) {
    CAPTURE(tag);
    CHECK(dialect.field(tag) != nullptr);
  }
  for (const auto& nested : group.groups) {
    CHECK(group.has(nested.count));
    check_group(dialect, nested);
  }
}

// Of a body or a group: a NumInGroup field without a group would let its entries ride along unread.
template <class Tags, class Owner>
void check_every_count_opens_a_group(const Dialect& dialect, const Tags& tags, const Owner& owner) {
  for (const auto tag : tags) {
    CAPTURE(tag);
    CHECK((dialect.field(tag)->type == FieldType::group) == (owner.group(tag) != nullptr));
    if (const auto* group = owner.group(tag))
      check_every_count_opens_a_group(dialect, group->members, *group);
  }
}

template <class T>
bool contains(const std::vector<T>& all, const std::type_identity_t<T>& one) {
  return std::ranges::find(all, one) != all.end();
}

}  // namespace

TEST_CASE("dialect: every tag of every built-in message is a declared field") {
  for (const auto name : versions) {
    const auto& dialect = built_in(name);
    CAPTURE(dialect.name);
    CHECK(dialect.version == name);
    CHECK(dialect.begin_string == (name == "FIX.5.0SP2" ? "FIXT.1.1" : name));
    for (const auto tag : dialect.header) {
      CAPTURE(tag);
      CHECK(dialect.field(tag) != nullptr);
    }
    for (const auto& message : dialect.messages) {
      CAPTURE(message.type);
      CHECK(dialect.message(message.type) == &message);
      for (const auto tag : message.body) {
        CAPTURE(tag);
        REQUIRE(dialect.field(tag) != nullptr);
        CHECK_FALSE(dialect.header.contains(tag));
      }
      for (const auto tag : message.required) CHECK(message.body.contains(tag));
      for (const auto& group : message.groups) check_group(dialect, group);
      check_every_count_opens_a_group(dialect, message.body, message);
    }
  }
}

TEST_CASE("dialect: a data field stands only where its length field stands") {
  for (const auto name : versions) {
    const auto& dialect = built_in(name);
    for (const auto& [tag, rule] : dialect.fields) {
      CAPTURE(tag);
      CHECK((rule.type == FieldType::length) == (rule.data != 0));
      if (rule.type != FieldType::length) continue;
      REQUIRE(dialect.field(rule.data) != nullptr);
      CHECK(dialect.field(rule.data)->type == FieldType::data);
      for (const auto& message : dialect.messages)
        CHECK(message.body.contains(tag) == message.body.contains(rule.data));
    }
  }
}

TEST_CASE("dialect: who may send what, in each version") {
  struct Row {
    const char* type;
    bool router, venue;
  };
  for (const auto name : versions) {
    const auto& dialect = built_in(name);
    for (const auto& row : {Row{"D", true, false}, Row{"F", true, false}, Row{"G", true, false},
                            Row{"H", true, false}, Row{"Q", true, false}, Row{"E", true, false},
                            Row{"8", false, true}, Row{"9", false, true}, Row{"N", false, true},
                            Row{"h", false, true}, Row{"B", false, true}, Row{"j", true, true},
                            Row{"A", true, true}, Row{"5", true, true}}) {
      CAPTURE(row.type);
      const auto* message = dialect.message(row.type);
      REQUIRE(message != nullptr);
      CHECK(message->from_router == row.router);
      CHECK(message->from_venue == row.venue);
      CHECK(message->admin == (row.router && row.venue && message->type != "j"));
    }
  }
  for (const auto* type : {"q", "r", "s", "t", "u", "AB", "AC", "AF", "AI", "AJ", "AE"}) {
    CAPTURE(type);
    CHECK(built_in("FIX.4.2").message(type) == nullptr);
    CHECK(built_in("FIX.4.4").message(type) != nullptr);
    CHECK(built_in("FIX.5.0SP2").message(type) != nullptr);
  }
  for (const auto* type : {"CA", "BZ", "DJ", "DK", "CW"}) {
    CAPTURE(type);
    CHECK(built_in("FIX.4.4").message(type) == nullptr);
    REQUIRE(built_in("FIX.5.0SP2").message(type) != nullptr);
    const bool asks = std::string_view(type) == "CA" || std::string_view(type) == "DJ";
    CHECK(built_in("FIX.5.0SP2").message(type)->from_router == asks);
    CHECK(built_in("FIX.5.0SP2").message(type)->from_venue == !asks);
  }
  CHECK(built_in("FIX.4.4").message("W") == nullptr);
}

TEST_CASE("dialect: what a new order must carry differs by version") {
  const auto& order42 = *built_in("FIX.4.2").message("D");
  for (const Tag tag : {11u, 21u, 55u, 54u, 60u, 40u}) CHECK(contains(order42.required, tag));
  CHECK(order42.required.size() == 6);
  const auto& order44 = *built_in("FIX.4.4").message("D");
  for (const Tag tag : {11u, 54u, 60u, 40u}) CHECK(contains(order44.required, tag));
  CHECK(order44.required.size() == 4);
  CHECK(order44.body.contains(526));
  CHECK_FALSE(order42.body.contains(526));
  CHECK_FALSE(order44.body.contains(47));  // Rule80A is gone from 4.4
}

TEST_CASE("dialect: FIX 5.0SP2 runs over FIXT 1.1, in no other application version") {
  const auto& dialect = built_in("FIX.5.0SP2");
  CHECK(contains(dialect.message("A")->required, 1137));
  CHECK(dialect.field(1137)->values.all() == std::vector<std::string>{"9"});
  for (const Tag tag : {1128u, 1129u, 1156u}) CHECK(dialect.header.contains(tag));
  CHECK(dialect.field(1128)->values.all() == std::vector<std::string>{"9"});
  CHECK(contains(dialect.field(1081)->values.all(), "9"));  // 1080 names the parent order
  CHECK(dialect.message("D")->body.contains(1080));
  CHECK_FALSE(dialect.message("G")->body.contains(1080));
  CHECK_FALSE(dialect.message("8")->body.contains(20));
  for (const auto* kind : {"1", "2"}) CHECK_FALSE(contains(dialect.field(150)->values.all(), kind));
  for (const auto* kind : {"F", "G", "H", "I"})
    CHECK(contains(dialect.field(150)->values.all(), kind));
  CHECK_FALSE(contains(dialect.message("9")->required, 41));
  CHECK(contains(dialect.message("r")->required, 1369));
  CHECK(dialect.field(532)->type == FieldType::integer);
}

TEST_CASE("dialect: groups nest, and begin with their delimiter") {
  const auto& dialect = built_in("FIX.4.4");
  const auto* parties = dialect.message("D")->group(453);
  REQUIRE(parties != nullptr);
  CHECK(parties->first == 448);
  CHECK(parties->has(452));
  CHECK_FALSE(parties->has(523));
  const auto* sub = parties->group(802);
  REQUIRE(sub != nullptr);
  CHECK(sub->first == 523);
  CHECK(sub->members == std::vector<Tag>{523, 803});
  const auto* legs = dialect.message("AB")->group(555);
  REQUIRE(legs != nullptr);
  CHECK(legs->first == 600);
  REQUIRE(legs->group(539) != nullptr);
  REQUIRE(legs->group(539)->group(804) != nullptr);
  CHECK(legs->group(539)->group(804)->first == 545);
  CHECK(dialect.message("D")->group(711)->first == 311);
  CHECK(dialect.message("D")->group(711)->group(457)->first == 458);
  CHECK(dialect.message("D")->group(454)->first == 455);
  CHECK(built_in("FIX.4.2").message("8")->group(382)->first == 375);
}

TEST_CASE("dialect: values are the specification's, reason codes are open") {
  const auto& dialect = built_in("FIX.4.4");
  CHECK(dialect.field(40)->values.all().size() == 17);
  CHECK(contains(dialect.field(54)->values.all(), "5"));
  CHECK_FALSE(contains(dialect.field(150)->values.all(), "1"));
  CHECK(contains(built_in("FIX.4.2").field(150)->values.all(), "1"));
  for (const Tag tag : {102u, 103u, 378u, 380u}) {
    CHECK(dialect.field(tag)->type == FieldType::integer);
    CHECK(dialect.field(tag)->values.all().empty());
  }
  CHECK(dialect.field(18)->type == FieldType::multiple);
  CHECK(dialect.field(38)->type == FieldType::quantity);
  CHECK(dialect.field(44)->type == FieldType::price);
  CHECK(dialect.field(6)->type == FieldType::decimal);
  CHECK(dialect.field(60)->type == FieldType::timestamp);
  CHECK(dialect.field(34)->type == FieldType::sequence);
  CHECK(dialect.field(16)->type == FieldType::integer);  // 0 means: up to the last
  CHECK(dialect.field(58)->bytes_max == 1024);
  CHECK(dialect.field(11)->bytes_max == 256);
}

TEST_CASE("dialect: nothing that a header may hide behind is declared") {
  for (const auto name : versions) {
    const auto& dialect = built_in(name);
    for (const Tag tag : {89u, 90u, 91u, 93u, 212u, 213u, 627u}) {
      CHECK_FALSE(dialect.header.contains(tag));
      CHECK(dialect.field(tag) == nullptr);
    }
    CHECK(dialect.retired.empty());
  }
}

TEST_CASE("dialect: another name is our own mistake") {
  CHECK_THROWS_AS(static_cast<void>(built_in("FIX.4.3")), std::logic_error);
  CHECK(built_in_text("FIX.4.3").empty());
}

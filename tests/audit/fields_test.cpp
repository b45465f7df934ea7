#include "audit/fields.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

using namespace interlock::audit;

TEST_CASE("fields: what is put is read") {
  FieldWriter writer;
  writer.put(Field::in_frame, "8=FIX.4.2\x01").put(Field::in_sequence, 1ull << 40);
  writer.put(Field::text, "");
  const FieldReader reader(writer.bytes());
  CHECK(reader.text(Field::in_frame) == "8=FIX.4.2\x01");
  CHECK(reader.number(Field::in_sequence) == 1ull << 40);
  CHECK(reader.text(Field::text) == "");
  CHECK_FALSE(reader.text(Field::account).has_value());
  CHECK_FALSE(reader.number(Field::next_in).has_value());
  CHECK_FALSE(reader.number(Field::in_frame).has_value());
  const auto items = reader.items();
  REQUIRE(items.has_value());
  REQUIRE(items->size() == 3);
  CHECK((*items)[1].field == Field::in_sequence);
}

TEST_CASE("fields: the first of a number is the one") {
  FieldWriter writer;
  writer.put(Field::symbol, "A").put(Field::symbol, "B");
  CHECK(FieldReader(writer.bytes()).text(Field::symbol) == "A");
  writer.clear();
  CHECK(writer.bytes().empty());
  CHECK(FieldReader(writer.bytes()).items()->empty());
}

TEST_CASE("fields: among hundreds each is found, and of one number the first") {
  FieldWriter writer;
  for (std::uint64_t number = 1; number <= 250; ++number)
    writer.put(static_cast<Field>(number), number * 3);
  for (std::uint64_t number = 1; number <= 250; ++number)
    writer.put(static_cast<Field>(number), std::uint64_t{0});
  const FieldReader reader(writer.bytes());
  for (std::uint64_t number = 1; number <= 250; ++number)
    CHECK(reader.number(static_cast<Field>(number)) == number * 3);
  CHECK_FALSE(reader.text(static_cast<Field>(251)).has_value());
}

TEST_CASE("fields: a field of a later build is stepped over") {
  FieldWriter writer;
  writer.put(static_cast<Field>(250), "later").put(Field::symbol, "ACME");
  CHECK(FieldReader(writer.bytes()).text(Field::symbol) == "ACME");
}

TEST_CASE("fields: a payload that ends early is never read beyond its end") {
  FieldWriter writer;
  writer.put(Field::symbol, "ACME").put(Field::in_sequence, 7);
  const auto whole = writer.bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const std::vector<std::byte> part(whole.begin(), whole.begin() + static_cast<long>(size));
    const FieldReader reader(part);
    CHECK(reader.items().has_value() == (size == 0 || size == 9));
    CHECK_FALSE(reader.number(Field::in_sequence).has_value());
  }
}

TEST_CASE("fields: every number has a name and no two share one") {
  std::set<std::string_view> names;
  std::size_t known = 0;
  for (int number = 0; number <= 255; ++number) {
    const auto word = name(static_cast<Field>(number));
    if (word.empty()) continue;
    ++known;
    names.insert(word);
  }
  CHECK(known >= 38);
  CHECK(names.size() == known);
  CHECK(name(Field::closed_at) == "closed_at");
  CHECK(name(Field::side) == "side");
  CHECK(name(static_cast<Field>(0)).empty());
}

#include "risk/units.hpp"

#include <doctest/doctest.h>

using namespace interlock::risk;

TEST_CASE("units: decimal texts become exact raw units, or the reason why not") {
  struct Row {
    std::string_view text;
    std::expected<std::int64_t, DecimalError> expected;
  };
  const Row rows[] = {
      {"0", 0},
      {"1", 1'000'000},
      {"-1", -1'000'000},
      {"10.5", 10'500'000},
      {"007.250", 7'250'000},
      {"0.000001", 1},
      {"-0.000001", -1},
      {"0.0000010000", 1},  // zeros beyond the precision say nothing
      {"9223372036854.775807", INT64_MAX},
      {"-9223372036854.775808", INT64_MIN},
      {"9223372036854.775808", std::unexpected(DecimalError::does_not_fit)},
      {"99999999999999999999999999", std::unexpected(DecimalError::does_not_fit)},
      {"0.0000001", std::unexpected(DecimalError::too_many_decimals)},
      {"", std::unexpected(DecimalError::empty)},
      {"-", std::unexpected(DecimalError::not_a_decimal)},
      {".5", std::unexpected(DecimalError::not_a_decimal)},
      {"5.", std::unexpected(DecimalError::not_a_decimal)},
      {"+5", std::unexpected(DecimalError::not_a_decimal)},
      {"--5", std::unexpected(DecimalError::not_a_decimal)},
      {"5e3", std::unexpected(DecimalError::not_a_decimal)},
      {" 5", std::unexpected(DecimalError::not_a_decimal)},
      {"5 ", std::unexpected(DecimalError::not_a_decimal)},
      {"1.2.3", std::unexpected(DecimalError::not_a_decimal)},
      {"1,000", std::unexpected(DecimalError::not_a_decimal)},
      {"0x10", std::unexpected(DecimalError::not_a_decimal)},
      {"nan", std::unexpected(DecimalError::not_a_decimal)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_decimal(row.text, 6) == row.expected);
  }
}

TEST_CASE("units: a value is written as the shortest decimal that reads back as itself") {
  CHECK(Quantity::of(100).text() == "100");
  CHECK(Price::parse("10.50")->text() == "10.5");
  CHECK(Price::parse("-0.01")->text() == "-0.01");
  CHECK(Quantity{}.text() == "0");
  for (const std::int64_t raw :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'000'000},
        std::int64_t{123'456'789}, INT64_MAX, INT64_MIN, INT64_MIN + 1}) {
    CHECK(parse_decimal(format_decimal(raw, 6), 6) == raw);
  }
}

TEST_CASE("units: sums that do not fit stay at the end of the range") {
  CHECK(Quantity::highest() + Quantity::of(1) == Quantity::highest());
  CHECK(Quantity::lowest() - Quantity::of(1) == Quantity::lowest());
  CHECK(Quantity::lowest() + Quantity::of(-1) == Quantity::lowest());
  CHECK(Quantity::highest() - Quantity::of(-1) == Quantity::highest());
  CHECK(Quantity::of(INT64_MAX) == Quantity::highest());
  CHECK(Quantity::of(INT64_MIN) == Quantity::lowest());
}

TEST_CASE("units: notional is exact, rounds away from zero, and says when it does not fit") {
  CHECK(notional(Quantity::of(100), Price::of(50)) == Money::of(5000));
  CHECK(notional(Quantity::of(100), Price::of(-50)) == Money::of(-5000));
  CHECK(notional(Quantity::of(1), *Price::parse("0.00000001")) == Money::of_raw(1));
  CHECK(notional(Quantity::of(1), *Price::parse("-0.00000001")) == Money::of_raw(-1));
  CHECK(notional(Quantity::of(0), Price::of(5)) == Money{});
  CHECK(notional(Quantity::highest(), Price::highest()) == std::nullopt);
  CHECK(notional(Quantity::highest(), Price::lowest()) == std::nullopt);
  CHECK(notional(Quantity::highest(), Price::of(1)).has_value());
}

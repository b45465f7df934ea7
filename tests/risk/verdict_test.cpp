#include "risk/verdict.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace interlock::risk;

TEST_CASE("verdict: each reason has a word of its own that leads back to it") {
  std::set<std::string_view> words;
  int reasons = 0;
  for (std::uint16_t number = 0; number < 1000; ++number) {
    const auto reason = static_cast<Reason>(number);
    const std::string_view word = code(reason);
    if (word == "?") continue;
    ++reasons;
    CHECK(reason_of(word) == reason);
    words.insert(word);
  }
  CHECK(reasons == 49);
  CHECK(words.size() == 49);
  CHECK(reason_of("NONSENSE") == std::nullopt);
}

TEST_CASE("verdict: numbers and words are for ever") {
  CHECK(static_cast<int>(*reason_of("ORDER_QTY")) == 1);
  CHECK(static_cast<int>(*reason_of("PARENT_FILL")) == 5);
  CHECK(static_cast<int>(*reason_of("PARENT_MATCH")) == 6);
  CHECK(static_cast<int>(*reason_of("GROSS_NOTIONAL")) == 7);
  CHECK(static_cast<int>(*reason_of("KILLED")) == 100);
  CHECK(static_cast<int>(*reason_of("NO_REFERENCE_PRICE")) == 106);
  CHECK(static_cast<int>(*reason_of("DUPLICATE_CL_ORD_ID")) == 110);
  CHECK(static_cast<int>(*reason_of("NOT_DELIVERED")) == 117);
}

TEST_CASE("verdict: each kind of scope has a name that leads back to it") {
  for (int number = 1; number <= 6; ++number) {
    const auto kind = static_cast<ScopeKind>(number);
    CHECK(scope_kind_of(name(kind)) == kind);
  }
  CHECK(scope_kind_of("robot") == std::nullopt);
}

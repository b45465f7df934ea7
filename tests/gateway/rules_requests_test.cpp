// The accounting rules of what a router may ask, from the wire: values, sides, and lists.
#include "gateway/list.hpp"
#include "tests/gateway/talk.hpp"

using namespace interlock;
using namespace interlock::gateway;

namespace {

// What a D with these fields is refused for by the translation; an empty text: it is understood.
std::string refused(const char* version, const std::string& fields) {
  Talk talk(version);
  const auto translated = talk.understood("11=a|1=ACC|" + fields);
  if (translated) return "";
  return fmt::format("{}: {}", risk::code(translated.error().reason), translated.error().fact);
}

risk::NewOrder order(const char* version, const std::string& fields) {
  Talk talk(version);
  const auto translated = talk.understood("11=a|1=ACC|" + fields);
  REQUIRE_MESSAGE(translated.has_value(), (translated ? "" : translated.error().fact));
  return std::get<risk::NewOrder>(translated->request);
}

}  // namespace

TEST_CASE("rule 21: what gives 38 or 44 another meaning has no check, so no order") {
  const std::string limit = "54=1|38=100|40=2|44=10|";
  for (const char* version : versions) {
    CAPTURE(std::string(version));
    const bool is_42 = std::string_view(version) == "FIX.4.2";
    CHECK(refused(version, limit).empty());
    CHECK(refused(version, "54=1|152=100|40=1|") == "UNSUPPORTED: tag 152 has no check");
    CHECK(refused(version, limit + "231=100|") == "UNSUPPORTED: tag 231 has no check");
    if (is_42) continue;
    CHECK(refused(version, limit + "516=50|") == "UNSUPPORTED: tag 516 has no check");
    CHECK(refused(version, limit + "854=1|") ==
          "UNSUPPORTED: QtyType 854 other than 0 has no check");
    CHECK(refused(version, limit + "854=0|").empty());
    CHECK(refused(version, limit + "423=1|") ==
          "UNSUPPORTED: PriceType 423 other than 2 has no check");
    CHECK(refused(version, limit + "423=2|").empty());
  }
}

TEST_CASE("rule 21: a market, stop or pegged order has no limit, and a negative price is one") {
  using risk::OrderType;
  for (const char* version : versions) {
    CAPTURE(std::string(version));
    CHECK(order(version, "54=1|38=100|40=1|").type == OrderType::market);
    CHECK_FALSE(order(version, "54=1|38=100|40=1|").limit.has_value());
    const risk::NewOrder stop = order(version, "54=1|38=100|40=3|99=12|");
    CHECK(stop.type == OrderType::stop);
    CHECK(stop.stop == risk::Price::of(12));
    CHECK(order(version, "54=1|38=100|40=P|").type == OrderType::other);
    CHECK(order(version, "54=1|38=100|40=2|44=-3|").limit == risk::Price::of(-3));
    CHECK(refused(version, "54=1|38=100|40=2|") == "MALFORMED: a limit order needs Price 44");
    CHECK(refused(version, "54=1|38=100|40=4|99=12|") == "MALFORMED: a limit order needs Price 44");
  }
}

TEST_CASE("rule 21: less is shown (111) than is ordered: 38 counts") {
  for (const char* version : {"FIX.4.2", "FIX.4.4"}) {
    CAPTURE(std::string(version));
    Talk talk(version);
    talk.order("a", 900, "111=100|");
    CHECK(talk.used() == "0+900");
  }
}

TEST_CASE("rule 22: sides 1, 2, 5 and 6 are understood, every other one is refused") {
  for (const char* version : versions) {
    CAPTURE(std::string(version));
    for (const char side : {'1', '2', '5', '6'}) {
      const auto read = order(version, fmt::format("54={}|38=100|40=2|44=10|", side));
      CHECK(static_cast<int>(read.side) == side - '0');
    }
    for (const char side : {'3', '4', '7', '8', '9'})
      CHECK(refused(version, fmt::format("54={}|38=100|40=2|44=10|", side)) ==
            fmt::format("UNSUPPORTED: side {} has no check", side));
  }
}

TEST_CASE("rule 25: fractions and decimals are exact, and what does not fit is refused") {
  for (const char* version : versions) {
    CAPTURE(std::string(version));
    const auto read = order(version, "54=1|38=0.0001|40=2|44=0.00000001|");
    CHECK(read.quantity == *risk::Quantity::parse("0.0001"));
    CHECK(read.limit->raw() == 1);
    const Talk talk(version);
    const auto unread = [&](const std::string& terms) {
      return talk.unread("11=a|1=ACC|54=1|40=2|" + terms);
    };
    CHECK(unread("38=100|44=10|").empty());
    CHECK(unread("38=99999999999999|44=10|") == "MALFORMED: tag 38 is not a quantity");
    CHECK(unread("38=0.000000001|44=10|") == "MALFORMED: tag 38 is not a quantity");
    CHECK(unread("38=1e3|44=10|") == "MALFORMED: tag 38 is not a quantity");
    CHECK(unread("38=100|44=99999999999999|") == "MALFORMED: tag 44 is not a price");
  }
}

TEST_CASE("rule 20: each order of a list counts in full, also where one cancels the other") {
  for (const char* version : versions) {
    CAPTURE(std::string(version));
    Talk talk(version);
    const bool is_50 = std::string_view(version) == "FIX.5.0SP2";  // 1385=1: one cancels the other
    talk.list(
        fmt::format("66=L1|394=3|{}68=2|73=2|11=a|67=1|{}1=ACC|55=IBM|54=1|38=300|40=1|11=b|"
                    "67=2|{}1=ACC|55=IBM|54=1|38=200|40=1|",
                    is_50 ? "1385=1|" : "", talk.names_parent(), talk.names_parent()));
    CHECK(talk.used() == "0+500");
  }
}

#include "gateway/list.hpp"

#include <doctest/doctest.h>

#include "tests/gateway/frames.hpp"

using namespace interlock;
using namespace interlock::gateway;

namespace {

std::string list_44(std::string_view body) {
  return framed("FIX.4.4", fmt::format("35=E|{}66=L1|394=3|{}", header_44, body));
}

Parsed read(const std::string& frame) {
  auto parsed = parse_strict(frame, fix44());
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text));
  return std::move(*parsed);
}

risk::Reason refused(std::string_view body) {
  const std::string frame = list_44(body);
  const auto orders = orders_in(read(frame));
  REQUIRE_FALSE(orders.has_value());
  return orders.error().reason;
}

constexpr std::string_view two_orders =
    "68=2|73=2|11=a|67=1|453=1|448=DESK|447=D|452=24|1=ACC|55=IBM|54=1|38=100|40=1|"
    "11=b|67=2|55=HAL|54=2|38=200|40=2|44=10.5|";

}  // namespace

TEST_CASE("list: each order has its own fields, and the bytes it came with") {
  const std::string frame = list_44(two_orders);
  const auto orders = orders_in(read(frame));
  REQUIRE(orders.has_value());
  REQUIRE(orders->size() == 2);
  CHECK(readable(orders->at(0).body()) ==
        "11=a|67=1|453=1|448=DESK|447=D|452=24|1=ACC|55=IBM|54=1|38=100|40=1|");
  CHECK(readable(orders->at(1).body()) == "11=b|67=2|55=HAL|54=2|38=200|40=2|44=10.5|");
  CHECK(orders->at(0).get(1) == "ACC");
  CHECK_FALSE(orders->at(1).get(1));
  CHECK(orders->at(1).get(44) == "10.5");
  CHECK(orders->at(1).type == "D");
}

TEST_CASE("list: fields after the group are the list's, and another group before it is not its") {
  const std::string frame = framed(
      "FIXT.1.1", fmt::format("35=E|{}66=L1|1116=1|1117=DESK|1118=D|1119=24|394=3|{}", header_44,
                              "68=1|73=1|11=a|67=1|55=IBM|54=1|38=1|40=1|414=1|"));
  const auto parsed = parse_strict(frame, config::built_in("FIX.5.0SP2"));
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text));
  const auto entries = entries_in(*parsed);
  REQUIRE(entries.size() == 1);
  CHECK(readable(entries[0].body()) == "11=a|67=1|55=IBM|54=1|38=1|40=1|");
}

TEST_CASE("list: what is no whole list is no list") {
  using risk::Reason;
  const auto with = [](std::string_view head) {
    return std::string(head) + "73=1|11=a|67=1|55=IBM|54=1|38=1|40=1|";
  };
  CHECK(refused(with("68=2|")) == Reason::unsupported);
  CHECK(refused(with("68=1|893=N|")) == Reason::unsupported);
  CHECK(refused(with("433=2|68=1|")) == Reason::unsupported);
  CHECK(refused(with("68=0|")) == Reason::malformed);
  const std::string frame = list_44(with("433=1|68=1|893=Y|"));
  CHECK(orders_in(read(frame)).has_value());
}

TEST_CASE("list: the ClOrdIDs of a request are those of its orders, or its own") {
  const std::string list = list_44(two_orders);
  CHECK(cl_ord_ids_in(read(list)) == std::vector<std::string_view>{"a", "b"});
  const std::string order = order_44();
  CHECK(cl_ord_ids_in(read(order)) == std::vector<std::string_view>{"A1"});
}

TEST_CASE("list: the entries of a ListStatus are found, also where it is read only in part") {
  const std::string body =
      "66=L1|429=5|82=1|431=6|83=1|68=2|73=2|11=a|14=1|39=2|151=0|84=0|6=1|"
      "11=b|14=0|39=8|151=0|84=0|6=0|";
  for (const std::string_view more : {"", "5001=x|"}) {
    const std::string frame = framed("FIX.4.4", fmt::format("35=N|{}{}{}", header_44, body, more));
    const Lenient loose = parse_lenient(frame, fix44());
    CHECK(loose.trouble.has_value() == !more.empty());
    const auto entries = entries_in(loose.parsed);
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].get(39) == "2");
    CHECK(entries[1].get(11) == "b");
    CHECK(entries[1].get(39) == "8");
  }
}

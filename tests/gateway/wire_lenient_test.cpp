#include <doctest/doctest.h>

#include "gateway/wire.hpp"
#include "tests/gateway/frames.hpp"

using namespace interlock;
using namespace interlock::gateway;

TEST_CASE("lenient: a fact with an unknown tag, an empty value and a tag 038 is still read") {
  const auto fact = framed("FIX.4.4",
                           "35=8|34=7|49=V|52=20261121-14:30:00|56=G|37=V1|17=E1|150=F|39=1|"
                           "9999=new|58=|038=5|55=IBM|54=1|151=40|14=60|6=10|32=60|31=10|");
  const Lenient lenient = parse_lenient(fact, fix44());
  REQUIRE(lenient.trouble);
  CHECK(lenient.trouble->text == "MALFORMED: tag 9999 is not defined");
  CHECK(lenient.parsed.type == "8");
  CHECK(lenient.parsed.sequence == 7);
  CHECK(lenient.parsed.get(32) == "60");
  CHECK(lenient.parsed.get(58) == "");
  CHECK(lenient.parsed.get(9999) == "new");
  CHECK(lenient.parsed.get(38) == std::nullopt);
  CHECK(lenient.parsed.body().starts_with("37=V1"));
}

TEST_CASE("lenient: what the strict reader takes is read the same, without trouble") {
  const auto order = order_44();
  const Lenient lenient = parse_lenient(order, fix44());
  CHECK_FALSE(lenient.trouble);
  CHECK(rejoined(lenient.parsed) == order);
}

TEST_CASE("lenient: a venue's average price may have as many digits as its arithmetic gives it") {
  const auto average = [](std::string_view text) {
    return parse_lenient(framed("FIX.4.4",
                                "35=8|34=7|49=V|52=20261121-14:30:00|56=G|37=V1|17=E1|"
                                "150=F|39=1|55=IBM|54=1|151=40|14=60|6=" +
                                    std::string(text) + "|32=60|31=10|"),
                         fix44());
  };
  CHECK_FALSE(average("10.0466666666667").trouble);  // as QuickFIX writes it
  CHECK_FALSE(average("-0.5").trouble);
  CHECK(average("1e2").trouble);
  CHECK(average("NaN").trouble);
}

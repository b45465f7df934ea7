#include "gateway/admission.hpp"

#include <doctest/doctest.h>

namespace interlock::gateway {
namespace {

TEST_CASE("admission: literals and networks, of both families, and nobody by default") {
  CHECK(address_allowed("127.0.0.1", {"127.0.0.1"}));
  CHECK_FALSE(address_allowed("127.0.0.2", {"127.0.0.1"}));
  CHECK(address_allowed("10.1.2.3", {"192.168.0.0/16", "10.1.0.0/16"}));
  CHECK_FALSE(address_allowed("10.2.2.3", {"10.1.0.0/16"}));
  CHECK(address_allowed("::1", {"::1"}));
  CHECK(address_allowed("fd00::7", {"fd00::/8"}));
  CHECK_FALSE(address_allowed("fe00::7", {"fd00::/8"}));
  CHECK_FALSE(address_allowed("10.1.2.3", {"fd00::/8"}));
  CHECK_FALSE(address_allowed("127.0.0.1", {}));
  CHECK_FALSE(address_allowed("not an address", {"0.0.0.0/0"}));
}

}  // namespace
}  // namespace interlock::gateway

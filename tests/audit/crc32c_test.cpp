#include "audit/crc32c.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace interlock::audit;

namespace {
std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
}  // namespace

TEST_CASE("crc32c: the published check value") {
  CHECK(crc32c(bytes("123456789")) == 0xe3069283);
  CHECK(crc32c_by_table(bytes("123456789")) == 0xe3069283);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("crc32c: instruction and table agree at every length, and pieces make the whole") {
  std::string text;
  for (int length = 0; length < 100; ++length) {
    CAPTURE(length);
    const auto whole = crc32c(bytes(text));
    CHECK(whole == crc32c_by_table(bytes(text)));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
      const std::string_view view(text);
      CHECK(crc32c(bytes(view.substr(cut)), crc32c(bytes(view.substr(0, cut)))) == whole);
      CHECK(crc32c_by_table(bytes(view.substr(cut)), crc32c_by_table(bytes(view.substr(0, cut)))) ==
            whole);
    }
    text += static_cast<char>(length * 37 + 11);
  }
}

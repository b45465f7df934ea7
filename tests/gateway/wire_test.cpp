#include "gateway/wire.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/gateway/frames.hpp"

using namespace interlock;
using namespace interlock::gateway;

TEST_CASE("framing: a whole frame is found, and what follows stays in the buffer") {
  const std::string order = order_44();
  const std::string buffer = order + "8=FIX.4.4";
  const Framed framed = next_frame(buffer, 65536);
  CHECK(framed.outcome == Framed::Outcome::frame);
  CHECK(framed.frame == order);
  CHECK(framed.consumed == order.size());
}

TEST_CASE("framing: every proper beginning of a frame asks for more and consumes nothing") {
  const std::string order = order_44();
  for (std::size_t size = 0; size < order.size(); ++size) {
    // An exact copy, so that a read past its end is seen by the address sanitizer.
    const std::vector<char> part(order.begin(), order.begin() + static_cast<long>(size));
    const Framed framed = next_frame({part.data(), part.size()}, 65536);
    CAPTURE(size);
    REQUIRE(framed.outcome == Framed::Outcome::need_more);
    REQUIRE(framed.consumed == 0);
  }
}

TEST_CASE("framing: garbage is skipped up to the next 8=FIX") {
  const Framed framed = next_frame("GET / HTTP/1.1\r\n" + order_44(), 65536);
  CHECK(framed.outcome == Framed::Outcome::garbled);
  CHECK(framed.error == FrameError::garbage);
  CHECK(framed.consumed == 16);
}

TEST_CASE("framing: a 8=FIX cut off at the end of garbage is kept for the next read") {
  CHECK(next_frame("xxx8=F", 65536).consumed == 3);
  CHECK(next_frame("xxxx", 65536).consumed == 4);
}

TEST_CASE("framing: a wrong checksum skips exactly that frame, even if it holds another") {
  const std::string inner = order_44();
  std::string outer = bytes(fmt::format("8=FIX.4.4|9={}|35=n|", 5 + inner.size())) + inner;
  outer += bytes("10=000|");
  REQUIRE(checksum(outer.substr(0, outer.size() - 7)) != 0);
  const Framed framed = next_frame(outer, 65536);
  CHECK(framed.error == FrameError::bad_checksum);
  CHECK(framed.consumed == outer.size());
}

TEST_CASE("framing: a BodyLength that lies is garbled, and the next frame is found again") {
  const std::string good = order_44();
  std::string liar = good;
  liar[liar.find("9=") + 2] = '0';  // about a hundred bytes too short
  const std::string buffer = liar + good;
  const Framed framed = next_frame(buffer, 65536);
  CHECK(framed.error == FrameError::bad_length);
  CHECK(next_frame(std::string_view(buffer).substr(framed.consumed), 65536).frame == good);
}

TEST_CASE("framing: a trailer in the middle of a field's value is no trailer") {
  const std::string start = bytes("8=FIX.4.4|9=10|35=0|112=x");
  const std::string frame = start + bytes(fmt::format("10={:03}|", checksum(start)));
  CHECK(next_frame(frame, 65536).error == FrameError::bad_length);
}

TEST_CASE("framing: a BodyLength over the cap is refused before the bytes are awaited") {
  CHECK(next_frame(bytes("8=FIX.4.4|9=1048576|"), 65536).error == FrameError::too_long);
  CHECK(next_frame(bytes("8=FIX.4.4|9=99999999"), 65536).error == FrameError::bad_length);
  CHECK(next_frame(bytes("8=FIX.4.4|9=-5|"), 65536).error == FrameError::bad_length);
  CHECK(next_frame(bytes("8=FIX.4.4|9=0|"), 65536).error == FrameError::bad_length);
  CHECK(next_frame(bytes("8=FIX.4.4|9=|"), 65536).error == FrameError::bad_length);
  CHECK(next_frame("8=FIX.4.4.4.4.4.4.4.4", 65536).error == FrameError::garbage);
}

TEST_CASE("framing: while more is needed the buffer stays below the cap") {
  const std::string start = bytes("8=FIX.4.4|9=900|35=D|");
  const std::size_t cap = 1024;
  std::string buffer = start;
  while (next_frame(buffer, cap).outcome == Framed::Outcome::need_more) buffer.push_back('x');
  CHECK(buffer.size() <= cap);
}

TEST_CASE("checksum: the sum of all bytes modulo 256, at every length") {
  std::string text;
  unsigned sum = 0;
  for (unsigned i = 0; i < 300; ++i) {
    REQUIRE(checksum(text) == sum % 256);
    text.push_back(static_cast<char>(i * 37));
    sum += static_cast<std::uint8_t>(text.back());
  }
}

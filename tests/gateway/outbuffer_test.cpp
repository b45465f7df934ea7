#include "gateway/outbuffer.hpp"

#include <doctest/doctest.h>

#include "gateway/wire.hpp"

namespace interlock::gateway {
namespace {

OutFrame frame(std::uint32_t sequence, bool opens_risk) {
  HeaderValues header;
  header.begin_string = "FIX.4.4";
  header.type = opens_risk ? "D" : "F";
  header.sender = "GW";
  header.target = "X";
  header.sequence = sequence;
  header.sending_time = "20260105-14:30:00.000";
  OutFrame out;
  out.bytes = build_frame(header, "11=a\x01");
  out.sequence = sequence;
  out.opens_risk = opens_risk;
  return out;
}

std::string fill(std::uint32_t first, std::uint32_t next) {
  return "fill " + std::to_string(first) + " to " + std::to_string(next) + ";";
}

bool everything(const OutFrame&) { return true; }

std::string all_of(const OutBuffer& buffer) {
  std::string bytes;
  buffer.gather(bytes, 1 << 20, 0);
  return bytes;
}

TEST_CASE(
    "out-buffer: a kill replaces each run of orders in place by one gap fill, and leaves the "
    "rest") {
  OutBuffer buffer;
  for (const std::uint32_t sequence : {5, 6}) buffer.push(frame(sequence, true));
  buffer.push(frame(7, false));
  buffer.push(frame(8, true));
  const auto purged = buffer.purge(everything, fill);
  REQUIRE(purged.size() == 3);
  CHECK(purged[0].sequence == 5);
  CHECK(purged[2].sequence == 8);
  CHECK(all_of(buffer) == "fill 5 to 7;" + frame(7, false).bytes + "fill 8 to 9;");
  CHECK(buffer.bytes() == all_of(buffer).size());
}

TEST_CASE(
    "out-buffer: of orders it tells when their last byte has gone, and since when they were here") {
  OutBuffer buffer;
  for (const std::uint32_t sequence : {1, 2, 3}) {
    OutFrame order = frame(sequence, sequence != 2);
    order.since_ns = sequence * 10;
    buffer.push(std::move(order));
  }
  const std::size_t one = frame(1, true).bytes.size();
  buffer.wrote(one - 1);
  CHECK(buffer.finished().empty());
  buffer.wrote(1);
  CHECK(buffer.finished() == std::vector<std::int64_t>{10});
  buffer.wrote(buffer.bytes());
  CHECK(buffer.finished() == std::vector<std::int64_t>{30});
}

TEST_CASE("out-buffer: a purge takes only what is doomed") {
  OutBuffer buffer;
  for (const std::uint32_t sequence : {1, 2, 3}) buffer.push(frame(sequence, true));
  const auto purged = buffer.purge([](const OutFrame& each) { return each.sequence == 2; }, fill);
  REQUIRE(purged.size() == 1);
  CHECK(all_of(buffer) == frame(1, true).bytes + "fill 2 to 3;" + frame(3, true).bytes);
}

TEST_CASE(
    "out-buffer: a frame that is half out is finished with a wrong checksum, and its number is "
    "filled") {
  const std::string whole = frame(5, true).bytes;
  for (std::size_t written = 1; written < whole.size(); ++written) {
    OutBuffer buffer;
    buffer.push(frame(5, true));
    buffer.push(frame(6, true));
    buffer.wrote(written);
    CHECK(buffer.last_begun() == 5);
    const auto purged = buffer.purge(everything, fill);
    const std::string venue_sees = whole.substr(0, written) + all_of(buffer);
    const Framed framed = next_frame(venue_sees, 4096);
    if (written > whole.size() - 4) {  // its checksum has begun to leave: it counts as sent
      CHECK(framed.outcome == Framed::Outcome::frame);
      REQUIRE(purged.size() == 1);
      CHECK(venue_sees == whole + "fill 6 to 7;");
    } else {
      CHECK(framed.outcome == Framed::Outcome::garbled);
      CHECK(framed.error == FrameError::bad_checksum);
      REQUIRE(purged.size() == 2);
      CHECK(venue_sees.ends_with("fill 5 to 7;"));
    }
    CHECK(buffer.purge(everything, fill).empty());  // nothing can be taken twice
  }
}

TEST_CASE("out-buffer: bytes and the last begun number follow what was written") {
  OutBuffer buffer;
  buffer.push(frame(1, true));
  buffer.push(frame(2, false));
  const std::size_t first = frame(1, true).bytes.size();
  const std::size_t both = buffer.bytes();
  buffer.wrote(first);
  CHECK(buffer.last_begun() == 1);
  buffer.wrote(1);
  CHECK(buffer.last_begun() == 2);
  CHECK(buffer.bytes() == both - first - 1);
  CHECK(all_of(buffer) == frame(2, false).bytes.substr(1));
  buffer.wrote(both - first - 1);
  CHECK(buffer.empty());
  CHECK(buffer.bytes() == 0);
  CHECK(buffer.gone() == both);
  buffer.push(frame(3, true));
  const std::size_t third = buffer.bytes();
  buffer.wrote(1);
  buffer.clear();  // what was half out is lost with the rest
  CHECK(buffer.gone() == both + third);
}

}  // namespace
}  // namespace interlock::gateway

#include "gateway/fix_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "gateway/fix_parents.hpp"

using namespace interlock::gateway;

namespace {

using Frames = std::vector<std::string>;

struct Read {
  Frames frames;  // with | for SOH
  std::uint64_t incomplete = 0;
};

Read read(std::string_view text, std::size_t piece = std::string_view::npos) {
  Read found;
  FixLog log;
  const auto each = [&](std::string_view frame) {
    std::string shown(frame);
    std::ranges::replace(shown, '\x01', '|');
    found.frames.push_back(std::move(shown));
  };
  for (std::size_t at = 0; at < text.size(); at += std::min(piece, text.size() - at))
    log.feed(text.substr(at, piece), each);
  log.end(each);
  found.incomplete = log.incomplete();
  return found;
}

const std::string message = "8=FIX.4.4|9=21|35=D|11=a|38=100|10=123|";

std::string with(std::string_view separator) {
  std::string text;
  for (const char byte : message) {
    if (byte == '|')
      text += separator;
    else
      text += byte;
  }
  return text;
}

}  // namespace

TEST_CASE("fix log: whatever stands between the fields") {
  for (const auto* separator : {"\x01", "^A", "|", ";", "<SOH>", " | ", "\\u0001"}) {
    CAPTURE(separator);
    CHECK(read(with(separator)).frames == Frames{message});
  }
}

TEST_CASE("fix log: whatever stands between the messages") {
  const std::string soh = with("\x01");
  CHECK(read("20261121-09:30:00.123 : " + soh + "\n20261121-09:30:00.124 : " + soh + "\n").frames ==
        Frames{message, message});
  CHECK(read(soh + soh).frames == Frames{message, message});
  CHECK(read("<20261121-09:30:00, FIX.4.4:GW->X, outgoing>\n  (" + soh + ")\n").frames ==
        Frames{message});
  CHECK(read("{\"fields\":[[\"in_frame\",\"" + message + "\"]]}\r\n").frames == Frames{message});
}

TEST_CASE("fix log: pieces of any size give the same messages") {
  const std::string text = "noise 58=FIX.4.4 8=FI " + with("\x01") + "\n" + with("^A") +
                           " 8=FIX\n" + with("|") + "tail 8=FIX.4.4|9=";
  const Read whole = read(text);
  CHECK(whole.frames.size() == 3);
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    CAPTURE(piece);
    const Read parts = read(text, piece);
    CHECK(parts.frames == whole.frames);
    CHECK(parts.incomplete == whole.incomplete);
  }
}

TEST_CASE("fix log: a message that is cut off is counted and not given") {
  for (std::size_t cut = message.size() - 2; cut > 13; --cut) {
    CAPTURE(cut);
    const Read found = read(message.substr(0, cut) + "\n" + message);
    CHECK(found.frames == Frames{message});
    CHECK(found.incomplete == 1);
  }
}

TEST_CASE("fix log: a data field that holds an end is no end, where BodyLength tells") {
  const std::string frame =
      "8=FIX.4.4\x01"
      "9=28\x01"
      "35=B\x01"
      "95=9\x01"
      "96=a\x01"
      "10=123\x01\x01"
      "33=1\x01"
      "10=200\x01";
  CHECK(read(frame).frames.size() == 1);
  CHECK(read(frame).frames[0].ends_with("33=1|10=200|"));
}

// Random bytes, and messages with bytes changed, cut out and doubled: nothing may crash, and what
// stands behind the garbage is found.
TEST_CASE("fix log: garbage of any kind is passed over") {
  std::mt19937_64 random(20'261'126);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  const std::string alphabet = "8=FIX.490|;^A\x01\n 15tag10=,-\"\\\xff";
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (std::size_t i = below(8); i > 0; --i) {
      std::string part = with(std::vector<std::string>{"\x01", "^A", "|", ";"}[below(4)]);
      switch (below(4)) {
        case 0:
          part.resize(below(part.size()));
          break;
        case 1:
          part[below(part.size())] = static_cast<char>(random());
          break;
        case 2:
          for (auto& byte : part) byte = alphabet[below(alphabet.size())];
          break;
        default:
          break;
      }
      text += part;
    }
    FixParents parents({{526}, {}, {}});
    FixLog log;
    std::string last;
    const auto each = [&](std::string_view frame) {
      last = frame;
      parents.take(frame);
    };
    const std::size_t piece = 1 + below(64);
    for (std::size_t at = 0; at < text.size(); at += piece)
      log.feed(std::string_view(text).substr(at, piece), each);
    log.feed("\n" + with("\x01"), each);
    log.end(each);
    CHECK(last == with("\x01"));
    static_cast<void>(parents.sheets());
  }
}

TEST_CASE("fix log: a megabyte without an end is no reason to keep more") {
  std::string text = "8=FIX.4.4|9=5|";
  text.append(3 << 20, 'x');
  const Read found = read(text + "\n" + message, 1 << 16);
  CHECK(found.frames == Frames{message});
  CHECK(found.incomplete == 1);
}

// Eight bytes at once against one after the other, for words of digits with anything among them.
#include "gateway/eight_bytes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>

#include "gateway/wire.hpp"
#include "tests/gateway/frames.hpp"

namespace interlock::gateway {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string random_text(std::mt19937& random) {
  std::string text(8, '0');
  for (char& c : text) c = static_cast<char>('0' + random() % 10);
  for (auto others = random() % 3; others > 0; --others)
    text[random() % 8] = static_cast<char>(random());
  return text;
}

}  // namespace

TEST_CASE("eight bytes: whether all are digits, and where the first is that is marked") {
  std::mt19937 random(20261127);
  for (int i = 0; i < 200'000; ++i) {
    const std::string text = random_text(random);
    CAPTURE(text);
    const std::uint64_t word = eight_bytes::at(text.data());
    REQUIRE(eight_bytes::are_digits(word) == std::ranges::all_of(text, is_digit));
    const auto high = std::ranges::find_if(text, [](char c) { return (c & 0x80) != 0; });
    REQUIRE(eight_bytes::first(word & eight_bytes::each * 0x80) ==
            static_cast<std::size_t>(high - text.begin()));
  }
}

TEST_CASE("strict: every tag is read as it is written, and no other way of writing it") {
  config::Dialect dialect = config::built_in("FIX.4.2");
  for (const config::Tag tag : {9'001u, 10'000u, 54'321u, 99'999u}) {
    dialect.fields.emplace(tag, {});
    dialect.messages.find("D")->body.insert(tag);
  }
  const std::string before =
      "35=D|34=7|49=R|56=G|52=20261121-14:30:00|11=a|21=1|55=b|54=1|60=20261121-14:30:00|38=1|"
      "40=1|";
  // The value under the tag; nullopt: refused.
  const auto read = [&](const std::string& field, config::Tag tag) -> std::optional<std::string> {
    const std::string frame = framed("FIX.4.2", before + field);
    const auto parsed = parse_strict(frame, dialect);
    if (!parsed) return std::nullopt;
    return std::string(parsed->get(tag).value_or("nothing"));
  };
  for (const std::string tag : {"9001", "10000", "54321", "99999"}) {
    CAPTURE(tag);
    const auto number = static_cast<config::Tag>(std::stoul(tag));
    CHECK(read(tag + "=x|", number) == "x");
    for (const std::string& other : {"0" + tag, tag + "0=", " " + tag, tag + " ", "+" + tag,
                                     tag.substr(1), std::string("x"), std::string()})
      CHECK(read(other + "=x|", number) == std::nullopt);
  }
  // The digits before the trailer's are no part of a tag.
  for (const std::string end : {"5", "5|", "58", "58=", "9001"})
    CHECK(read(end, 9'001) == std::nullopt);
}

}  // namespace interlock::gateway

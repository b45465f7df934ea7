// A frame taken apart into its fields, to be changed and put together again.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/wire.hpp"

namespace interlock::scenarios {

using Words = std::vector<std::string>;  // "35=D", in the order of a frame

inline Words words_of(std::string_view frame) {
  Words words;
  while (!frame.empty()) {
    const std::size_t end = std::min(frame.find(gateway::soh), frame.size());
    words.emplace_back(frame.substr(0, end));
    frame.remove_prefix(std::min(end + 1, frame.size()));
  }
  return words;
}

// With BodyLength and CheckSum made right again.
inline std::string sealed(const Words& words) {
  std::string body, head;
  for (const std::string& word : words) {
    if (word.starts_with("8=") && head.empty())
      head = word + gateway::soh;
    else if (!word.starts_with("9=") && !word.starts_with("10="))
      body += word + gateway::soh;
  }
  std::string frame = fmt::format("{}9={}{}{}", head, body.size(), gateway::soh, body);
  return frame + fmt::format("10={:03}{}", gateway::checksum(frame), gateway::soh);
}

inline std::string* find(Words& words, std::string_view tag) {
  const auto found =
      std::ranges::find_if(words, [&](const std::string& word) { return word.starts_with(tag); });
  return found == words.end() ? nullptr : &*found;
}

}  // namespace interlock::scenarios

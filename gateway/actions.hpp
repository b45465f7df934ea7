// What a named person may ask of the running gateway, and what is answered.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace interlock::gateway {

struct Acknowledge {  // an alert
  std::uint64_t alert = 0;
  std::string reason;
};

using Action = std::variant<Acknowledge>;

struct ActionOutcome {
  enum class Answer : std::uint8_t {
    done,
    proposed,  // another person has to approve it
    unknown,   // what it names does not exist
    conflict,  // something stands in its way
    refused,   // it may not be, whoever asks
    no_answer  // the event loop gave none in time; nothing was done
  };
  Answer answer = Answer::refused;
  std::string text;
  std::uint64_t id = 0;             // of what it made or changed; 0: nothing
  std::int64_t valid_until_ns = 0;  // of a proposal or a release, UTC; 0: without end
};

}  // namespace interlock::gateway

// A scenario file read as steps. The grammar is tests/scenarios/README.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace interlock::scenarios {

struct Condition {
  enum class Kind : std::uint8_t { equal, contains, absent };
  Kind kind = Kind::equal;
  std::uint32_t tag = 0;
  std::string value;
};

struct Step {
  enum class Kind : std::uint8_t {
    send,
    expect,
    nothing,
    parent,
    price,
    advance,
    kill,
    reduce_only,
    block,
    reload,
    raise,
    approve,
    release,
    quote,
    acknowledge,
    disk_full,
    clock,
    rearm,
    link,
    restart,
    compared
  };
  Kind kind = Kind::send;
  std::uint32_t line = 0;
  std::string text;                   // the line as written
  std::string who;                    // of send, expect, nothing
  std::string type;                   // MsgType
  std::vector<Condition> conditions;  // of send: all equal, the fields in order
  std::vector<std::string> words;     // of the others, without the first
};

struct Play {
  std::filesystem::path file;
  std::string title;
  std::string config;
  std::string in_process_only;  // why; empty: it also holds over sockets
  std::vector<Step> steps;
  [[nodiscard]] std::int64_t advanced_ms() const;
};

// Throws std::runtime_error with file and line for what the grammar does not know.
[[nodiscard]] Play read_play(const std::filesystem::path& file);
[[nodiscard]] std::int64_t milliseconds_of(const std::string& word);  // "5s", "400ms"

}  // namespace interlock::scenarios

#include "scenarios/play.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <stdexcept>

namespace interlock::scenarios {
namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool any = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (c == ' ' && !quoted) {
      if (any) words.push_back(word);
      word.clear();
      any = false;
    } else {
      word.push_back(c);
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

Condition condition_of(const std::string& word) {
  Condition condition;
  std::string digits = word;
  if (word.starts_with("-")) {
    condition.kind = Condition::Kind::absent;
    digits = word.substr(1);
  } else if (const std::size_t at = word.find_first_of("=~"); at != std::string::npos) {
    condition.kind = word[at] == '=' ? Condition::Kind::equal : Condition::Kind::contains;
    digits = word.substr(0, at);
    condition.value = word.substr(at + 1);
  } else {
    throw std::runtime_error(fmt::format("'{}' is no tag=value, tag~text or -tag", word));
  }
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), condition.tag);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
    throw std::runtime_error(fmt::format("'{}' has no tag number", word));
  }
  return condition;
}

Step message_step(const std::vector<std::string>& words) {
  Step step;
  step.who = words.at(1);
  const char arrow = step.who.back();
  step.who.pop_back();
  step.type = words.at(2);
  if (arrow == '<' && step.type == "nothing") {
    step.kind = Step::Kind::nothing;
    return step;
  }
  if (arrow != '<' && arrow != '>') throw std::runtime_error("a message goes > or <");
  step.kind = arrow == '>' ? Step::Kind::send : Step::Kind::expect;
  for (std::size_t i = 3; i < words.size(); ++i) step.conditions.push_back(condition_of(words[i]));
  return step;
}

Step step_of(const std::vector<std::string>& words) {
  if (words[0] == "router" || words[0] == "venue" || words[0] == "tee" || words[0] == "drop" ||
      words[0] == "copy")
    return message_step(words);
  Step step;
  if (words[0] == "parent")
    step.kind = Step::Kind::parent;
  else if (words[0] == "price")
    step.kind = Step::Kind::price;
  else if (words[0] == "advance")
    step.kind = Step::Kind::advance;
  else if (words[0] == "kill")
    step.kind = Step::Kind::kill;
  else if (words[0] == "reduce-only")
    step.kind = Step::Kind::reduce_only;
  else if (words[0] == "block")
    step.kind = Step::Kind::block;
  else if (words[0] == "reload")
    step.kind = Step::Kind::reload;
  else if (words[0] == "raise")
    step.kind = Step::Kind::raise;
  else if (words[0] == "approve")
    step.kind = Step::Kind::approve;
  else if (words[0] == "release")
    step.kind = Step::Kind::release;
  else if (words[0] == "quote")
    step.kind = Step::Kind::quote;
  else if (words[0] == "acknowledge")
    step.kind = Step::Kind::acknowledge;
  else if (words[0] == "rearm")
    step.kind = Step::Kind::rearm;
  else if (words[0] == "disk-full")
    step.kind = Step::Kind::disk_full;
  else if (words[0] == "clock")
    step.kind = Step::Kind::clock;
  else if (words[0] == "link")
    step.kind = Step::Kind::link;
  else if (words[0] == "restart")
    step.kind = Step::Kind::restart;
  else if (words[0] == "compared")
    step.kind = Step::Kind::compared;
  else
    throw std::runtime_error(fmt::format("unknown step '{}'", words[0]));
  step.words.assign(words.begin() + 1, words.end());
  return step;
}

}  // namespace

std::int64_t milliseconds_of(const std::string& word) {
  std::size_t used = 0;
  const long long number = std::stoll(word, &used);
  const std::string unit = word.substr(used);
  if (unit == "s") return number * 1000;
  if (unit == "ms") return number;
  throw std::runtime_error(fmt::format("'{}' is neither s nor ms", word));
}

std::int64_t Play::advanced_ms() const {
  std::int64_t sum = 0;
  for (const Step& step : steps) {
    if (step.kind == Step::Kind::advance) sum += milliseconds_of(step.words.at(0));
  }
  return sum;
}

Play read_play(const std::filesystem::path& file) {
  Play play;
  play.file = file;
  std::ifstream stream(file);
  std::string line;
  for (std::uint32_t number = 1; std::getline(stream, line); ++number) {
    if (number == 1 && line.starts_with("# ")) play.title = line.substr(2);
    if (line.empty() || line.starts_with("#")) continue;
    if (line.starts_with("config: ")) {
      play.config = line.substr(8);
      continue;
    }
    if (line.starts_with("in process: ")) {
      play.in_process_only = line.substr(12);
      continue;
    }
    try {
      Step step = step_of(words_of(line));
      step.line = number;
      step.text = line;
      play.steps.push_back(std::move(step));
    } catch (const std::exception& problem) {
      throw std::runtime_error(fmt::format("{}:{}: {}", file.string(), number, problem.what()));
    }
  }
  if (play.config.empty() || play.title.empty()) {
    throw std::runtime_error(file.string() +
                             ": a play begins with a title comment and a config line");
  }
  return play;
}

}  // namespace interlock::scenarios

#include <fmt/format.h>

#include <map>

#include "scenarios/stage.hpp"

namespace interlock::scenarios {
namespace {

class Director {
 public:
  Director(const Play& play, Stage& stage) : play_(play), stage_(stage) {}

  std::string run() {
    for (const Step& step : play_.steps) {
      try {
        take(step);
      } catch (const std::exception& problem) {
        problem_ = problem.what();
      }
      if (!problem_.empty()) {
        return fmt::format("{}:{}: {}\n    {}", play_.file.string(), step.line, step.text,
                           problem_);
      }
    }
    stage_.quiet();
    for (Player* player : stage_.players()) {
      if (!player->inbox.empty()) {
        return fmt::format("{}: at the end {} has heard what no line took: {}", play_.file.string(),
                           player->id(), gateway::readable(player->inbox.front().frame));
      }
    }
    return {};
  }

 private:
  void take(const Step& step) {
    const auto word = [&](std::size_t i) {
      return i < step.words.size() ? step.words[i] : std::string();
    };
    switch (step.kind) {
      case Step::Kind::send:
        return send(step);
      case Step::Kind::expect:
        return expect(step);
      case Step::Kind::nothing:
        return nothing(step);
      case Step::Kind::parent:
        return stage_.parent(word(0), word(1), word(2), word(3), word(4));
      case Step::Kind::price:
        return stage_.price(word(0), word(1));
      case Step::Kind::advance:
        return stage_.advance(milliseconds_of(word(0)));
      case Step::Kind::kill:
        return stage_.kill(word(0), word(1), "kill");
      case Step::Kind::reduce_only:
        return stage_.kill(word(0), word(1), "reduce-only");
      case Step::Kind::block:
        return stage_.kill(word(0), word(1), "block");
      case Step::Kind::reload:
        return stage_.reload(word(0), word(1));
      case Step::Kind::raise:
        return stage_.raise(word(0), word(1), word(2), word(3), milliseconds_of(word(4)));
      case Step::Kind::approve:
        return stage_.approve();
      case Step::Kind::release:
        return stage_.release(word(0), word(1));
      case Step::Kind::quote:
        return stage_.quote(word(0), word(1));
      case Step::Kind::acknowledge:
        return stage_.acknowledge();
      case Step::Kind::rearm:
        return stage_.rearm();
      case Step::Kind::disk_full:
        return stage_.disk_full();
      case Step::Kind::clock:
        return stage_.clock(milliseconds_of(word(0)));
      case Step::Kind::link:
        return stage_.link(word(0), word(1) == "up");
      case Step::Kind::restart:
        return stage_.restart(word(0) == "clean");
      case Step::Kind::compared:
        return stage_.compared(word(0), word(1));
    }
  }

  void send(const Step& step) {
    Fields fields;
    for (const Condition& field : step.conditions)
      fields.emplace_back(field.tag, known(field.value));
    Player& player = stage_.player(step.who);
    player.send(step.type, std::move(fields));
    stage_.said(player);
  }

  std::string known(const std::string& value) const {
    if (!value.starts_with("$")) return value;
    const auto found = names_.find(value);
    if (found == names_.end()) throw std::runtime_error(value + " has no value yet");
    return found->second;
  }

  void expect(const Step& step) {
    Player& player = stage_.player(step.who);
    if (!stage_.heard(player)) {
      problem_ = "nothing came";
      for (const Player* other : stage_.players()) {
        for (const Heard& heard : other->inbox)
          problem_ += fmt::format("; {} has {}", other->id(), gateway::readable(heard.frame));
      }
      return;
    }
    const Heard heard = player.inbox.front();
    player.inbox.pop_front();
    const gateway::Lenient loose = gateway::parse_lenient(heard.frame, player.dialect());
    std::string wrong =
        loose.parsed.type == step.type ? "" : fmt::format("is a {}", loose.parsed.type);
    for (const Condition& condition : step.conditions) {
      if (wrong.empty()) wrong = mismatch(condition, loose.parsed);
    }
    if (!wrong.empty()) problem_ = fmt::format("{}: {}", wrong, gateway::readable(heard.frame));
  }

  std::string mismatch(const Condition& condition, const gateway::Parsed& message) {
    const auto found = message.get(condition.tag);
    if (condition.kind == Condition::Kind::absent) {
      return found ? fmt::format("tag {} is there", condition.tag) : std::string();
    }
    if (!found) return fmt::format("tag {} is absent", condition.tag);
    if (condition.kind == Condition::Kind::contains) {
      return found->find(condition.value) != std::string_view::npos
                 ? std::string()
                 : fmt::format("tag {} differs", condition.tag);
    }
    if (condition.value.starts_with("$") && !names_.contains(condition.value)) {
      names_[condition.value] = *found;
      return {};
    }
    return *found == known(condition.value) ? std::string()
                                            : fmt::format("tag {} differs", condition.tag);
  }

  void nothing(const Step& step) {
    stage_.quiet();
    const Player& player = stage_.player(step.who);
    if (!player.inbox.empty()) problem_ = "came: " + gateway::readable(player.inbox.front().frame);
  }

  const Play& play_;
  Stage& stage_;
  std::string problem_;
  std::map<std::string, std::string> names_;
};

}  // namespace

std::string give(const Play& play, Stage& stage) { return Director(play, stage).run(); }

}  // namespace interlock::scenarios

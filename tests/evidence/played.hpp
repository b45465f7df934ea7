// Scenes of a gateway's year, played on a core in process.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "gateway/core.hpp"
#include "killswitch/panel.hpp"
#include "scenarios/heard.hpp"
#include "scenarios/stage.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t hour_ns = 3'600 * second_ns;
constexpr std::int64_t day_ns = 24 * hour_ns;

class Played {
 public:
  Played() : stage(in_process(tests::source_dir() / "tests/scenarios/configs", "pair")) {}

  [[nodiscard]] gateway::Core& core() const { return core_of(*stage); }
  Player& player(const std::string& name) { return stage->player(name); }

  void order(const std::string& id, const std::string& quantity,
             const std::string& parent = "P-1") {
    Player& router = player("R1");
    router.send("D", {{11, id},
                      {526, parent},
                      {1, "ACC"},
                      {55, "ACME"},
                      {54, "1"},
                      {38, quantity},
                      {40, "2"},
                      {44, "10.00"}});
    stage->said(router);
  }
  // All that the venue says of an order that it has.
  void report(const std::string& id, const std::string& type, const std::string& last,
              const std::string& cum, const std::string& leaves) {
    Player& venue = player("X");
    Fields fields{{37, "v-" + id}, {17, "e" + std::to_string(++executions_)},
                  {150, type},     {39, type == "F" ? (leaves == "0" ? "2" : "1") : type},
                  {11, id},        {55, "ACME"},
                  {54, "1"},       {38, "100"},
                  {151, leaves},   {14, cum},
                  {6, "10.00"}};
    if (type == "F") fields.insert(fields.end(), {{32, last}, {31, "10.00"}});
    venue.send("8", fields);
    stage->said(venue);
  }
  gateway::ActionOutcome act(const std::string& person, const gateway::Action& action) const {
    core().wake();
    return core().act(person, action);
  }
  // One button of two channels, whose thread looks with each step.
  void wire_button() {
    killswitch::ButtonSettings rack{
        .id = "rack",
        .scope = {},
        .device = killswitch::GpioDevice{.chip = {}, .lines = {1, 2}},
        .on_loss = {killswitch::OnLoss::Action::alarm_then_kill, 60 * second_ns}};
    panel_ = std::make_unique<killswitch::Panel>(
        std::vector{rack}, core().floor().latch, [] {}, moment());
    core().buttons().connect(*panel_, {[](std::size_t) { return "a test"; }, {true}, "a test"});
    show(killswitch::Contact::safe, 20);
  }
  void show(killswitch::Contact contact, int milliseconds) {
    for (int i = 0; i < milliseconds; i += 5) {
      stage->advance(5);
      std::array<killswitch::Sample, 2> samples;
      for (killswitch::Sample& sample : samples) sample.contact = contact;
      panel_->look(0, samples, moment());
      panel_->ticked(moment().mono_ns);
    }
  }
  void drill() {
    REQUIRE(act("ann", gateway::TestButton{"rack"}).answer == gateway::ActionOutcome::Answer::done);
    show(killswitch::Contact::pressed, 100);
    show(killswitch::Contact::safe, 1'000);
  }

 private:
  // Before the stage, whose core looks at it to the end.
  std::unique_ptr<killswitch::Panel> panel_;

 public:
  std::unique_ptr<Stage> stage;

 private:
  [[nodiscard]] killswitch::Moment moment() const {
    const gateway::Clock& clock = core().floor().clock;
    return {clock.mono_ns, clock.utc.ns};
  }
  int executions_ = 0;
};

}  // namespace interlock::scenarios

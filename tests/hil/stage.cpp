#include "tests/hil/stage.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace interlock::hil {
namespace {

namespace json = boost::json;
constexpr std::uint32_t refusals = 100;  // half a second of orders after the kill

std::vector<std::pair<std::string, std::vector<std::int64_t>>>& latencies() {
  static std::vector<std::pair<std::string, std::vector<std::int64_t>>> of_all;
  return of_all;
}

bool of_everything(const json::value& kill) {
  return kill.at("scope") == "firm" && kill.at("level") == "kill";
}

}  // namespace

Stage::Stage(std::string_view settings) : gateway_(settings) {
  wait_for("both sessions to be logged on", [this] {
    const auto seen = flow_.seen();
    return seen.router_on && seen.venue_on;
  });
}

Stage::~Stage() noexcept(false) {
  if (gateway_.process().alive() && std::uncaught_exceptions() == 0) gateway_.end();
}

void Stage::arm() {
  std::string in_the_way;
  try {
    wait_for("two people to re-arm", [&] {
      in_the_way = gateway_.rearm();
      return in_the_way.empty() && state() == "armed";
    });
  } catch (const std::runtime_error& late) {
    throw std::runtime_error(fmt::format("{}: {}", late.what(), in_the_way));
  }
  const auto before = flow_.seen().orders.size();
  flow_.pour(true);
  wait_for("a flow of orders to the venue", [&] {
    if (!flow_.problem().empty()) throw std::runtime_error(flow_.problem());
    return flow_.seen().orders.size() >= before + 100;
  });
}

Confirmed Stage::confirmed() {
  Confirmed found;
  wait_for("a kill of everything, confirmed by the loop", [&] {
    const auto page = gateway_.get("/api/v1/state");
    for (const auto& kill : page.at("kills").as_array()) {
      if (!of_everything(kill) || kill.at("closed_at") == "unconfirmed") continue;
      found = {kill.as_object(), monotonic_of(kill.at("closed_at").as_string()),
               kill.at("last_sequence").at("X").to_number<std::uint32_t>()};
      return true;
    }
    return false;
  });
  return found;
}

void Stage::check_that_all_is_refused() {
  flow_.pour(true);
  const auto before = flow_.seen().refused;
  wait_for("refusals", [&] {
    if (!flow_.problem().empty()) throw std::runtime_error(flow_.problem());
    return flow_.seen().refused >= before + refusals;
  });
  flow_.pour(false);
}

void Stage::wait_for_button(std::string_view state) const {
  wait_for(state, [&] {
    const auto page = gateway_.get("/api/v1/state");
    return json::serialize(page.at("buttons")).find(state) != std::string::npos;
  });
}

void Stage::check_that_nothing_follows(const Confirmed& kill) {
  check_that_all_is_refused();
  wait_for("every order to be dead", [&] {
    const auto page = gateway_.get("/api/v1/state");
    for (const auto& still : page.at("kills").as_array()) {
      if (still.at("residual") != 0) return false;
    }
    return true;
  });
  const auto seen = flow_.seen();
  REQUIRE_FALSE(seen.orders.empty());
  CHECK_GE(std::ranges::count(seen.orders, 'G', &Arrival::type), 1);
  CHECK_LE(seen.orders.back().sequence, kill.last_sequence);
  CHECK_EQ(state(), "killed");
}

Confirmed Stage::press(std::string_view source, const std::function<void()>& press) {
  const auto pressed_ns = now_ns();
  press();
  ::usleep(50'000);  // our questions do not take the processor from the answer
  auto kill = confirmed();
  CHECK_GE(kill.closed_ns, pressed_ns);
  note(source, kill.closed_ns - pressed_ns);
  check_that_nothing_follows(kill);
  return kill;
}

std::string Stage::state() const {
  return std::string(gateway_.get("/api/v1/state").at("state").as_string());
}

void note(std::string_view source, std::int64_t latency_ns) {
  auto& all = latencies();
  auto place = std::ranges::find(all, source, [](const auto& entry) { return entry.first; });
  if (place == all.end()) place = all.insert(all.end(), {std::string(source), {}});
  place->second.push_back(latency_ns);
}

std::string table() {
  if (latencies().empty()) return "";
  std::string text =
      fmt::format("{:<28}{:>8}{:>10}{:>10}\n", "contact to gate, ms", "presses", "p50", "max");
  for (auto& [source, values] : latencies()) {
    std::ranges::sort(values);
    text += fmt::format("{:<28}{:>8}{:>10.1f}{:>10.1f}\n", source, values.size(),
                        static_cast<double>(values[values.size() / 2]) / 1e6,
                        static_cast<double>(values.back()) / 1e6);
  }
  return text;
}

}  // namespace interlock::hil

// A world whose controls that watch are asked as the gateway asks them.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/risk/world.hpp"

namespace interlock::risk::test {

// "MESSAGE_RATE block router 0", one a line: what would be shut. Without a trip: "CODE alert
// router 0" where a person has to acknowledge it, else "CODE note router 0".
inline std::string lines(const std::vector<Breach>& breaches) {
  std::string all;
  for (const Breach& breach : breaches) {
    const Scope scope = breach.trip ? breach.trip->scope : breach.scope;
    if (!all.empty()) all += "\n";
    all += std::string(code(breach.reason)) + " " +
           std::string(breach.trip             ? name(breach.trip->level)
                       : breach.needs_a_person ? "alert"
                                               : "note") +
           " " + std::string(name(scope.kind)) + " " + std::to_string(scope.id);
  }
  return all;
}

struct Watched : World {
  Health health;

  [[nodiscard]] Touched touched(const Request& request) const {
    const Subject subject = subject_of(books.state(), request);
    const OrderId order = subject.order ? subject.order->id : OrderId{};
    return {subject.router, subject.venue, subject.account, subject.symbol, subject.parent,
            subject.by,     order};
  }
  [[nodiscard]] std::vector<Breach> breaches(Occasion occasion, const Touched& of) const {
    return risk::watch({books, limits, references, directory, health, occasion, of, now});
  }
  [[nodiscard]] std::string watch(Occasion occasion, const Touched& of = {}) const {
    return lines(breaches(occasion, of));
  }
  // As the gate does: the message, the verdict, and what the controls say of both, but for notes.
  std::string give(const Request& request) {
    books.message(router_of(request), now);
    const Touched of = touched(request);
    const Verdict verdict = send(request);
    if (verdict.may_go()) books.message(of.venue, now);
    std::string said;
    const auto add = [&](std::vector<Breach> found) {
      std::erase_if(found, [](const Breach& each) { return !each.trip && !each.needs_a_person; });
      const std::string more = lines(found);
      if (!said.empty() && !more.empty()) said += "\n";
      said += more;
    };
    if (!std::holds_alternative<Cancel>(request)) add(breaches(Occasion::attempt, of));
    add(breaches(Occasion::message, of));
    return said;
  }
  // As the returns do.
  std::string hear(const Report& report) {
    const Learned learned = learn(report);
    Touched of;
    of.venue = report.venue;
    if (learned.order.known()) {
      const Order& order = books.order(learned.order);
      of = {order.router, order.venue, order.account, order.symbol,
            order.parent, order.by,    learned.order};
    }
    return watch(Occasion::report, of);
  }
  void resize() { books.size_for(directory, limits); }
};

}  // namespace interlock::risk::test

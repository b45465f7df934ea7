// False alarms: ordinary flow passes under the sample policy with not one refusal or latch.
#include "tests/knight/ordinary_day.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>

#include "cli/folder.hpp"
#include "cli/knight_policy.hpp"
#include "risk/decide.hpp"

namespace {

using namespace interlock;
using tests::desk_accounts, tests::desk_routers, tests::desk_symbols;

cli::knight::Topology desk() {
  cli::knight::Topology made;
  for (std::uint32_t i = 0; i < desk_routers; ++i) {
    made.routers.push_back(fmt::format("R{}", i + 1));
    made.venues.push_back(fmt::format("V{}", i + 1));
  }
  for (std::uint32_t i = 0; i < desk_accounts; ++i) {
    made.accounts.push_back(fmt::format("A{}", i + 1));
  }
  for (std::uint32_t i = 0; i < desk_symbols; ++i) {
    made.symbols.push_back(fmt::format("S{:03}", i + 1));
  }
  return made;
}

// Every control of the product on the books, as the gate asks them; collects what they say.
class EveryControl {
 public:
  EveryControl() : config_(cli::knight::policy(desk(), folder_.path)) {
    directory_ = config_.directory();
    references_.by_symbol.resize(desk_symbols);
    books_.size_for(directory_, config_.limits);
  }
  tests::DayGate gate() {
    return {.declare = [this](const auto& parent, auto now) { declare(parent, now); },
            .ask = [this](const auto& request, auto now) { return ask(request, now); },
            .learn = [this](const auto& report, auto now) { learn(report, now); },
            .price =
                [this](std::uint32_t symbol, risk::Price price, risk::Time now) {
                  references_.by_symbol[symbol] = risk::ReferencePrice{price, now};
                  if (symbol + 1 == desk_symbols) books_.mark(references_);
                },
            .tick = [this](auto now) { watch(risk::Occasion::tick, {}, now); }};
  }
  std::map<std::string, std::uint64_t> said;  // reason and scope, how often
  config::Config& config() { return config_; }

 private:
  void declare(const risk::ParentDeclaration& parent, risk::Time now) {
    static_cast<void>(directory_.parents.intern(fmt::format("P-{}", parent.parent.value)));
    REQUIRE(books_.declare(parent, now) == risk::Declared::added);
    watch(risk::Occasion::parent, {{}, {}, parent.account, parent.symbol, parent.parent, {}, {}},
          now);
  }
  bool ask(const risk::Request& request, risk::Time now) {
    const risk::Verdict verdict = risk::decide({.books = books_,
                                                .limits = config_.limits,
                                                .references = references_,
                                                .directory = directory_,
                                                .request = request,
                                                .now = now});
    const risk::Subject subject = risk::subject_of(books_.state(), request);
    if (verdict.may_go()) {
      books_.enter(request, now);
    } else {
      books_.refuse(request, *verdict.breach, now);
      note(*verdict.breach);
    }
    const risk::Touched touched{subject.router,
                                subject.venue,
                                subject.account,
                                subject.symbol,
                                subject.parent,
                                subject.by,
                                {}};
    watch(risk::Occasion::message, touched, now);
    if (!std::holds_alternative<risk::Cancel>(request)) {
      watch(risk::Occasion::attempt, touched, now);
    }
    return verdict.may_go();
  }
  void learn(const risk::Report& report, risk::Time now) {
    const risk::Learned learned = books_.learn(report, now);
    if (learned.anomaly != risk::Anomaly::none) {
      ++said[fmt::format("anomaly {}", risk::name(learned.anomaly))];
    }
    risk::Touched touched;
    touched.router = report.router;
    touched.venue = report.venue;
    touched.order = learned.order;
    if (learned.order.known()) {
      const risk::Order& order = books_.order(learned.order);
      touched.account = order.account;
      touched.symbol = order.symbol;
      touched.parent = order.parent;
      touched.by = order.by;
    }
    watch(risk::Occasion::message, touched, now);
    watch(risk::Occasion::report, touched, now);
  }
  void watch(risk::Occasion occasion, const risk::Touched& touched, risk::Time now) {
    for (const risk::Breach& breach : risk::watch({.books = books_,
                                      .limits = config_.limits,
                                      .references = references_,
                                      .directory = directory_,
                                      .health = health_,
                                      .occasion = occasion,
                                      .touched = touched,
                                      .now = now})) {
      if (breach.trip) note(breach);  // without one it is an alert, and stops nobody
    }
  }
  void note(const risk::Breach& breach) {
    ++said[fmt::format("{} {}: {}", risk::code(breach.reason), risk::name(breach.scope.kind),
                       breach.fact)];
  }

  cli::Folder folder_;
  config::Config config_;
  risk::Directory directory_;
  risk::References references_;
  risk::Books books_;
  risk::Health health_;
};

std::string summary(const std::map<std::string, std::uint64_t>& said) {
  std::string text;
  std::size_t shown = 0;
  for (const auto& [what, times] : said) {
    if (++shown > 20) break;
    text += fmt::format("{} times {}\n", times, what);
  }
  return text;
}

TEST_CASE("false alarms: a day of ordinary flow passes the sample policy without a refusal") {
  EveryControl controls;
  const tests::DayCounts day = tests::OrdinaryDay(1, controls.gate()).play();
  MESSAGE(fmt::format(
      "{} orders, {} of them replaces; {} cancels, {} fills, {} of them partial, {} immediate or "
      "cancel, {} busts, {} overtaken by a fill, {} rejected by the venue, {} parents",
      day.orders, day.replaces, day.cancels, day.fills, day.partial, day.immediate, day.busts,
      day.too_late, day.venue_rejects, day.parents));
  CHECK(day.orders >= 200'000);
  for (const std::uint64_t each : {day.replaces, day.cancels, day.partial, day.immediate, day.busts,
                                   day.too_late, day.venue_rejects}) {
    CHECK(each > 0);
  }
  CHECK_MESSAGE(controls.said.empty(), summary(controls.said));
}

// So that the day above can fail: the same flow under a limit that no desk would set.
TEST_CASE("false alarms: the day would show one") {
  EveryControl controls;
  controls.config().limits.firm.order_rate.value.count = 3;
  tests::OrdinaryDay(1, controls.gate()).play(300'000'000'000);
  CHECK(!controls.said.empty());
}

}  // namespace

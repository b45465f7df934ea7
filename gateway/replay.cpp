#include "gateway/replay.hpp"

#include <fmt/format.h>

#include <system_error>

#include "gateway/no_latch.hpp"
#include "gateway/recover.hpp"
#include "risk/fact.hpp"
#include "risk/subject.hpp"

namespace interlock::gateway {
namespace {

namespace fs = std::filesystem;
using risk::Reason;

// What only that moment knew: no limit says anything about it.
bool is_of_the_moment(Reason reason) {
  switch (reason) {
    case Reason::killed:
    case Reason::blocked:
    case Reason::reduce_only:
    case Reason::not_armed:
    case Reason::recovering:
    case Reason::venue_down:
    case Reason::journal_failure:
      return true;
    default:
      return false;
  }
}

std::string word(const std::optional<Reason>& reason) {
  return reason ? std::string(risk::code(*reason)) : "PASS";
}

class Comparison {
 public:
  explicit Comparison(const std::function<void(const Difference&)>& differs) : differs_(differs) {}

  void ask(const Floor& floor, const Recorded& recorded) {
    if (recorded.refused && is_of_the_moment(*recorded.refused)) {
      ++result.not_compared;
      return;
    }
    ++result.judged;
    const risk::Verdict verdict =
        risk::decide({.books = floor.books,
                      .limits = floor.config.limits,
                      .references = floor.references,
                      .directory = floor.directory,
                      .request = recorded.request,
                      .now = recorded.at,
                      .session = trading_clock_.state(floor.config.trading, recorded.at)});
    const auto would = verdict.breach ? std::optional{verdict.breach->reason} : std::nullopt;
    if (would == recorded.refused) return;
    ++(!would             ? result.newly_passed
       : recorded.refused ? result.other_reason
                          : result.newly_refused);
    Difference difference{
        .record = recorded.record,
        .time_ns = recorded.at.ns,
        .router = std::string(floor.directory.routers.name(risk::router_of(recorded.request))),
        .cl_ord_id = std::string(risk::cl_ord_id_of(recorded.request)),
        .was = word(recorded.refused),
        .would = word(would),
        .fact = verdict.breach ? verdict.breach->fact : "",
        .trip = {}};
    if (verdict.breach && verdict.breach->trip) {
      difference.trip = fmt::format("{} {}", name(verdict.breach->trip->level),
                                    risk::words(floor.directory, verdict.breach->trip->scope));
    }
    differs_(difference);
  }

  Replayed result;

 private:
  const std::function<void(const Difference&)>& differs_;
  config::TradingClock trading_clock_;
};

}  // namespace

std::expected<Replayed, std::string> replay(const config::Config& config, const fs::path& journal,
                                            const std::function<void(const Difference&)>& differs,
                                            std::atomic<std::uint64_t>* at) {
  try {
    auto opened = audit::Journal::open_to_read(journal);
    if (!opened) return std::unexpected(opened.error());
    NoLatch none;
    Comparison comparison(differs);
    const auto core = Recovery::blank(
        config, **opened, none.latch(), [] { return Clock{}; }, "replay");
    Recovery recovery(*core, [&](const Floor& floor, const Recorded& recorded) {
      if (at != nullptr) at->store(recorded.record, std::memory_order_relaxed);
      comparison.ask(floor, recorded);
    });
    if (auto rebuilt = recovery.run(); !rebuilt) return std::unexpected(rebuilt.error());
    comparison.result.books = core->floor().books.digest();
    comparison.result.other_books = core->other_books();
    return comparison.result;
  } catch (const fs::filesystem_error& error) {
    return std::unexpected(error.what());
  }
}

}  // namespace interlock::gateway

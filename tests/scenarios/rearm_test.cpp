// Re-arming through the event loop, where kills and people meet.
#include <doctest/doctest.h>

#include <thread>

#include "config/config.hpp"
#include "gateway/loop.hpp"
#include "scenarios/setting.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

constexpr std::chrono::milliseconds patience{10'000};

class Running {
 public:
  Running() : setting_(tests::source_dir() / "tests/scenarios/configs", "pair") {
    config::Loaded loaded = config::load(setting_.file());
    REQUIRE_MESSAGE(loaded.config, config::render(loaded.problems));
    config_ = std::move(*loaded.config);
    for (config::Router& router : config_.routers) router.listen.port = 0;
    auto created = gateway::Loop::create(config_, {"test"});
    REQUIRE_MESSAGE(created, created.error());
    loop = std::move(*created);
    thread_ = std::thread([this] { loop->run(); });
  }
  ~Running() {
    loop->stop();
    thread_.join();
  }
  std::unique_ptr<gateway::Loop> loop;

 private:
  Setting setting_;
  config::Config config_;
  std::thread thread_;
};

TEST_CASE("re-arming: a kill that comes between the first and the second person ends the request") {
  Running gateway;
  REQUIRE(gateway.loop->snapshot()->kills.size() == 1);  // a first start is killed
  const auto shown = gateway.loop->snapshot();
  const std::uint64_t first = shown->kills[0].id;
  const killswitch::RearmWords words{.reason = "looked",
                                     .identity = killswitch::short_identity(shown->identity)};
  REQUIRE(gateway.loop->rearm_begin(first, person("ann"), words, true));
  const auto outcome =
      gateway.loop->kill({killswitch::ScopeKind::router, "R1"}, killswitch::Level::kill,
                         killswitch::Source::socket, "bob", "no", patience);
  REQUIRE(outcome.closed);
  CHECK_FALSE(gateway.loop->rearm_approve(first, person("bob"), words, true));
  REQUIRE(gateway.loop->rearm_begin(first, person("ann"), words, true));
  CHECK_FALSE(
      gateway.loop->rearm_approve(first, person("ann"), words, true));  // not the same person twice
  CHECK(gateway.loop->rearm_approve(first, person("bob"), words, true));
}

}  // namespace
}  // namespace interlock::scenarios

#include "gateway/hardware.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace interlock::gateway {
namespace {

std::vector<killswitch::PageVenue> page_venues(const config::Config& config) {
  std::vector<killswitch::PageVenue> venues;
  for (const config::Venue& venue : config.venues) {
    for (const config::Address& address : venue.connect) {
      const auto parsed = boost::asio::ip::make_address(address.host);
      killswitch::PageVenue entry;
      entry.family = parsed.is_v4() ? AF_INET : AF_INET6;
      entry.port = address.port;
      if (parsed.is_v4())
        std::ranges::copy(parsed.to_v4().to_bytes(), entry.address.begin());
      else
        std::ranges::copy(parsed.to_v6().to_bytes(), entry.address.begin());
      venues.push_back(entry);
    }
  }
  return venues;
}

bool confirmed(const Snapshot& snapshot) {
  return std::ranges::all_of(snapshot.kills,
                             [](const KillView& kill) {
                               return kill.closed_at_ns != 0 && kill.residual_count == 0;
                             }) &&
         std::ranges::all_of(snapshot.sessions, [](const SessionView& session) {
           return session.side != "venue" || session.out_buffer_bytes == 0;
         });
}

}  // namespace

Hardware::Hardware(const config::Config& config, killswitch::Latch& latch,
                   std::function<void()> persist)
    : panel_(config.buttons, latch, persist, killswitch::now()),
      lights_(config.lights, kernel_),
      loop_watch_(latch, std::move(persist)) {}

std::expected<std::unique_ptr<Hardware>, std::string> Hardware::create(
    const config::Config& config, killswitch::Latch& latch, std::function<void()> persist) {
  std::unique_ptr<Hardware> hardware(new Hardware(config, latch, std::move(persist)));
  if (!config.guard_page.empty()) {
    auto page = killswitch::PageWriter::create(config.guard_page, page_venues(config));
    if (!page) return std::unexpected(page.error());
    hardware->page_ = *std::move(page);
  }
  std::vector<std::unique_ptr<killswitch::ButtonSource>> sources;
  for (const auto& button : config.buttons) {
    sources.push_back(killswitch::make_source(button.device, hardware->kernel_));
    hardware->fail_safe_.push_back(sources.back()->fail_safe());
  }
  hardware->thread_ = std::make_unique<killswitch::ButtonThread>(
      hardware->panel_, std::move(sources),
      killswitch::ButtonThread::Options{config.touch_file, hardware->page_.get(),
                                        &hardware->loop_watch_});
  return hardware;
}

void Hardware::connect(Buttons& buttons) {
  buttons.connect(panel_, {[thread = thread_.get()](std::size_t i) { return thread->about(i); },
                           fail_safe_, thread_->priority()});
}

void Hardware::turn(std::int64_t mono_ns, std::uint64_t word) noexcept {
  loop_watch_.turned();
  if (page_ != nullptr) page_->loop_turn(mono_ns, killswitch::Latch::firm_killed(word));
}

void Hardware::stands() noexcept { loop_watch_.ended(); }

void Hardware::ended() noexcept {
  if (page_ != nullptr) page_->ended();
}

void Hardware::show(const Snapshot& snapshot, std::int64_t mono_ns) noexcept {
  const bool killed = std::ranges::any_of(
      snapshot.kills, [](const KillView& kill) { return kill.level == "kill"; });
  killswitch::Lights::State state;
  state.armed = snapshot.state == "armed" || snapshot.state == "reduce-only";
  state.killed = killed && confirmed(snapshot);
  state.tripped = killed && !state.killed;
  state.fault = std::ranges::any_of(snapshot.buttons,
                                    [](const ButtonView& button) {
                                      return !button.good && button.state != "pressed";
                                    }) ||
                !snapshot.journal_problem.empty();
  lights_.show(state, mono_ns);
}

}  // namespace interlock::gateway

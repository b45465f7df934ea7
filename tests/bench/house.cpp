#include "bench/house.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "config/config.hpp"
#include "killswitch/secret.hpp"
#include "scratch.hpp"
#include "tests/source.hpp"

namespace interlock::bench {
namespace {

constexpr std::string_view logon_body =
    "98=0\x01"
    "108=30\x01";

template <class T>
T value_of(std::expected<T, std::string> made) {
  if (!made) throw std::runtime_error(made.error());
  return *std::move(made);
}

std::int64_t nanoseconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

gateway::Clock read_clock() {
  return {{nanoseconds(CLOCK_REALTIME)}, nanoseconds(CLOCK_MONOTONIC)};
}

std::string symbol(std::uint64_t i) { return i == 0 ? "ACME" : fmt::format("S{}", i); }

std::string_view value(std::string_view frame, std::string_view tag) {
  const std::size_t at = frame.find(fmt::format("\x01{}=", tag));
  if (at == std::string_view::npos) return {};
  const std::string_view rest = frame.substr(at + tag.size() + 2);
  return rest.substr(0, rest.find('\x01'));
}

std::string sessions(const Size& size) {
  std::string text;
  for (std::uint32_t i = 1; i < size.venues; ++i) {
    text += fmt::format(
        "[[venue]]\nid = \"X{0}\"\nbegin_string = \"FIX.4.2\"\nconnect = [\"127.0.0.1:1\"]\n"
        "comp_id = {{ ours = \"GATEWAY\", theirs = \"VENUE{0}\" }}\non_disconnect = \"keep\"\n"
        "reconnect = \"1 s\"\n",
        i);
  }
  for (std::uint32_t i = 1; i < size.routers; ++i) {
    const std::uint32_t venue = i % size.venues;
    text += fmt::format(
        "[[router]]\nid = \"R{0}\"\nbegin_string = \"FIX.4.2\"\nlisten = \"127.0.0.1:7103\"\n"
        "comp_id = {{ ours = \"GATEWAY\", theirs = \"ROUTER{1}\" }}\nparent_id_tag = 109\n"
        "on_disconnect = \"keep\"\n[[route]]\nrouter = \"R{0}\"\nvenue = \"X{2}\"\n",
        i + 1, i, venue == 0 ? std::string() : std::to_string(venue));
  }
  for (std::uint32_t i = 1; i < size.symbols; ++i)
    text += fmt::format("[symbol.{}]\nunmarked_short_sales = \"refuse\"\n", symbol(i));
  return text;
}

}  // namespace

// --- one end

End::End(gateway::Core& core, std::string name, bool is_venue)
    : core_(core), name_(std::move(name)), is_venue_(is_venue) {}

void End::log_on(std::uint32_t index) {
  if (is_venue_) {
    if (!core_.wants_connection(index)) throw std::runtime_error(name_ + " is not wanted");
    leg_ = core_.floor().venues.at(index).get();
    return leg_->attach(*this);
  }
  const std::string logon(frame("A", logon_body));
  leg_ = core_.admit({"127.0.0.1", {index}}, logon).value_or(nullptr);
  if (leg_ == nullptr) throw std::runtime_error("the Logon of " + name_ + " is refused");
  leg_->attach(*this);
  core_.received(*leg_, logon);
}

std::string_view End::frame(std::string_view type, std::string_view body) {
  const std::string now = gateway::fix_timestamp(nanoseconds(CLOCK_REALTIME));
  gateway::give_back(std::move(frame_));  // what frames lie in is the gateway's: it counts
  frame_ = gateway::build_frame({.begin_string = "FIX.4.2",
                                 .type = type,
                                 .sender = name_,
                                 .target = "GATEWAY",
                                 .sequence = next_out_++,
                                 .sending_time = now},
                                body);
  return frame_;
}

// No more than a socket would do: a copy.
std::size_t End::write(std::string_view bytes) {
  unread_.append(bytes);
  return bytes.size();
}

void End::answer() {
  std::string_view rest = unread_;
  while (!rest.empty()) {
    const gateway::Framed framed = gateway::next_frame(rest, gateway::Leg::frame_max);
    if (framed.outcome != gateway::Framed::Outcome::frame) break;
    const std::string_view type = value(framed.frame, "35");
    if (type == "A" && is_venue_) {
      core_.received(*leg_, std::string(frame("A", logon_body)));
    } else if (type == "1") {
      const std::string body = fmt::format("112={}\x01", value(framed.frame, "112"));
      core_.received(*leg_, std::string(frame("0", body)));
    } else if (type == "3" || type == "5" || type == "j") {
      throw std::runtime_error(
          fmt::format("{} is told {}", name_, gateway::readable(framed.frame)));
    } else if (!gateway::is_admin(type)) {
      ++messages_;
      last_.assign(framed.frame);
    }
    rest.remove_prefix(framed.consumed);
  }
  unread_.clear();
}

// --- the house

House::House(const Size& size) : size_(size) {
  // On a disk, as in production: memory would show no page that is written back.
  std::string name = (std::filesystem::temp_directory_path() / "interlock-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
  directory_ = name;
  write_files();
  const auto begun = std::chrono::steady_clock::now();
  config::Loaded loaded = config::load(directory_ / "gateway.toml");
  if (!loaded.config) throw std::runtime_error(config::render(loaded.problems));
  config_ = std::make_unique<config::Config>(*std::move(loaded.config));
  std::filesystem::create_directories(config_->state_dir);
  journal_ = value_of(audit::Journal::open({config_->audit_dir, config_->audit_segment_bytes}));
  latch_ = std::make_unique<killswitch::Latch>(config_->state_dir / "latch", read_clock().utc.ns);
  core_ = value_of(gateway::Core::create(*config_, *journal_, *latch_, read_clock, "bench"));
  arm();
  start_seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

House::~House() {
  for (const auto* ends : {&routers_, &venues_}) {
    for (const auto& end : *ends) end->leg().detach("the bench ends");
  }
  core_.reset();
  journal_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void House::write_files() const {
  const std::string base = tests::bytes_of(tests::source_dir() / "tests/bench/gateway.toml");
  std::string prices, positions = "account,symbol,quantity,cost\n";
  const std::uint32_t held = std::max(100'000u, 1'000'000'000u / size_.symbols);
  for (std::uint32_t i = 0; i < size_.symbols; ++i) {
    prices += symbol(i) + " 10.25\n";
    positions += fmt::format("ACC-7731,{},{},10.25\n", symbol(i), held);
  }
  std::string parents = "parent,account,symbol,side,size\n";
  for (std::uint32_t i = 0; i < size_.parents; ++i) {
    parents +=
        fmt::format("P-{:05},ACC-7731,{},{},1000000000\n", i, symbol(i % size_.symbols), 1 + i % 2);
  }
  tests::put_bytes(directory_ / "gateway.toml", base + sessions(size_));
  const std::string hash = killswitch::hash_secret("bench");
  tests::put_bytes(
      directory_ / "secrets.toml",
      fmt::format("[person.first]\ntoken = \"{0}\"\n[person.second]\ntoken = \"{0}\"\n", hash));
  std::filesystem::permissions(directory_ / "secrets.toml", std::filesystem::perms(0600));
  tests::put_bytes(directory_ / "prices.txt", prices);
  tests::put_bytes(directory_ / "positions.csv", positions);
  tests::put_bytes(directory_ / "restricted.csv", "account,symbol,what\n");
  tests::put_bytes(directory_ / "parents.csv", parents);
}

void House::arm() {
  core_->wake();
  core_->open_or_stay_shut();
  auto prices = config::load_prices(config_->prices_file, core_->floor().directory);
  if (!prices) throw std::runtime_error(config::render(prices.error()));
  core_->take_prices(*std::move(prices), "bench");
  core_->declare_file();
  core_->tick();
  for (const killswitch::Kill& kill : latch_->active()) {
    if (!latch_->clear(kill.id, read_clock().utc.ns))
      throw std::runtime_error("the latch does not open");
  }
  core_->latch_changed();
  for (std::uint32_t i = 0; i < size_.venues; ++i) {
    venues_.push_back(
        std::make_unique<End>(*core_, i == 0 ? "VENUE" : fmt::format("VENUE{}", i), true));
    venues_.back()->log_on(i);
  }
  for (std::uint32_t i = 0; i < size_.routers; ++i) {
    routers_.push_back(
        std::make_unique<End>(*core_, i == 0 ? "ROUTER" : fmt::format("ROUTER{}", i), false));
    routers_.back()->log_on(i);
  }
  for (int turn = 0; turn < 4; ++turn) {
    core_->tick();
    core_->flush();
    for (const auto& end : venues_) end->answer();
    for (const auto& end : routers_) end->answer();
  }
}

std::string_view House::new_order(std::uint64_t i) {
  const std::uint64_t parent = i * 7'919 % size_.parents;
  const bool buys = parent % 2 == 0;
  body_.clear();
  fmt::format_to(std::back_inserter(body_),
                 "11=R1-{:08}\0011=ACC-7731\001109=P-{:05}\00121=1\00155={}\00154={}\00138=100\001"
                 "40=2\00144=10.{:02}\00159=0\00115=USD\00147=A\00160={}\001",
                 i, parent, symbol(parent % size_.symbols), buys ? 1 : 2,
                 buys ? i % 20 : 30 + i % 20, gateway::fix_timestamp(nanoseconds(CLOCK_REALTIME)));
  return router(i).frame("D", body_);
}

bool House::reached(std::uint64_t i) {
  const std::string_view last = venue_of(i).last();
  if (value(last, "35") != "D") return false;
  if (names_.size() <= i) names_.resize(i + 1);
  names_[i] = value(last, "11");
  return true;
}

std::string_view House::acknowledgement(std::uint64_t i) { return report(i, false); }
std::string_view House::fill(std::uint64_t i) { return report(i, true); }

std::string_view House::report(std::uint64_t i, bool fills) {
  const std::uint64_t parent = i * 7'919 % size_.parents;
  const bool buys = parent % 2 == 0;
  body_.clear();
  fmt::format_to(
      std::back_inserter(body_),
      "37=V{:08}\00111={}\00117=E{:09}\00120=0\001150={}\00139={}\0011=ACC-7731\00155={}\001"
      "54={}\00138=100\00140=2\00144=10.{:02}\00159=0\00132={}\00131={}\001151={}\00114={}\0016={}"
      "\00160={}\001",
      i, names_.at(i), ++executions_, fills ? 2 : 0, fills ? 2 : 0, symbol(parent % size_.symbols),
      buys ? 1 : 2, buys ? i % 20 : 30 + i % 20, fills ? 100 : 0, fills ? "10.25" : "0",
      fills ? 0 : 100, fills ? 100 : 0, fills ? "10.25" : "0",
      gateway::fix_timestamp(nanoseconds(CLOCK_REALTIME)));
  return venue_of(i).frame("8", body_);
}

}  // namespace interlock::bench

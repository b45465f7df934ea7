// Both ends of every candidate in one thread: sends orders as the router, answers as the venue, and
// says how long each took to go round and what the relay between spent on it. See README.md.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "flow.hpp"
#include "peer.hpp"

namespace interlock::bench {
namespace {

struct Burst {  // microseconds; per order
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
  double cpu = 0;
};

struct Candidate {
  std::string name;
  std::uint16_t router_port = 0;  // where the relay listens; the venue's port where there is none
  std::uint16_t venue_port = 0;   // where we listen
  int process = 0;                // of the relay; 0: there is none
  int listener = -1;
  std::unique_ptr<Peer> router, venue;
  std::uint32_t orders = 0;
  std::vector<Burst> bursts;
  std::vector<Flow> sustained, slow, quick;
};

struct Plan {
  std::size_t rounds = 0;
  std::size_t orders = 0;
  std::size_t flow_rounds = 0;
  std::size_t flow_orders = 0;  // sustained, of each candidate and round
  double flow_seconds = 0;      // of each rate
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// "NAME:ROUTER_PORT:VENUE_PORT:PROCESS"
Candidate candidate(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() != 4) throw std::runtime_error("not a candidate: " + text);
  Candidate made;
  made.name = parts[0];
  made.router_port = static_cast<std::uint16_t>(std::stoi(parts[1]));
  made.venue_port = static_cast<std::uint16_t>(std::stoi(parts[2]));
  made.process = std::stoi(parts[3]);
  return made;
}

int listen_at(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
      ::listen(listener, 1) < 0) {
    throw std::runtime_error(fmt::format("cannot listen at port {}", port));
  }
  return listener;
}

// Not yet listening is not an error: the relays start at the same time as we do.
std::unique_ptr<Peer> connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    auto peer = std::make_unique<Peer>(socket, Peer::Role::router);
    peer->log_on();
    return peer;
  }
  ::close(socket);
  return nullptr;
}

void answer_what_came(Candidate& it) {
  if (it.venue == nullptr && readable(it.listener, 0)) {
    it.venue = std::make_unique<Peer>(::accept(it.listener, nullptr, nullptr), Peer::Role::venue);
  }
  for (const auto* end : {&it.router, &it.venue}) {
    if (*end != nullptr && readable((*end)->socket(), 0)) (*end)->answer();
  }
}

bool logged_on(const Candidate& it) {
  return it.router != nullptr && it.venue != nullptr && it.router->logged_on() &&
         it.venue->logged_on();
}

void log_on(std::vector<Candidate>& candidates) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!std::ranges::all_of(candidates, logged_on)) {
    for (Candidate& it : candidates) {
      if (it.router == nullptr) it.router = connect_to(it.router_port);
      answer_what_came(it);
      if (!logged_on(it) && std::chrono::steady_clock::now() > deadline) {
        throw std::runtime_error(it.name + " is not logged on after 20 s");
      }
    }
    ::usleep(1000);
  }
}

// Keeps the sessions alive until the caller, who may have something to arm, says "go".
void wait_for_go(std::vector<Candidate>& candidates) {
  std::cout << "logged on" << std::endl;
  while (!readable(STDIN_FILENO, 10)) std::ranges::for_each(candidates, answer_what_came);
  std::string word;
  if (!(std::cin >> word) || word != "go") throw std::runtime_error("told not to go");
}

double round_trip_us(Candidate& it) {
  const std::uint32_t number = ++it.orders;
  const std::string cl_ord_id = order_name(number);
  const std::string body(new_order(number));
  const auto begin = std::chrono::steady_clock::now();
  it.router->send("D", body);
  const Message order = it.venue->receive();
  expect(order, "D", cl_ord_id);
  it.venue->send("8", acknowledgement(order));
  const Message report = it.router->receive();
  const auto end = std::chrono::steady_clock::now();
  expect(report, "8", cl_ord_id);
  return std::chrono::duration<double, std::micro>(end - begin).count();
}

Burst burst(Candidate& it, std::size_t orders) {
  answer_what_came(it);
  std::vector<double> times;
  times.reserve(orders);
  const double before = cpu_us(it.process);
  for (std::size_t i = 0; i < orders; ++i) times.push_back(round_trip_us(it));
  const double after = cpu_us(it.process);
  std::ranges::sort(times);
  return {times[orders / 2], times[orders * 99 / 100], times[orders * 999 / 1000],
          (after - before) / static_cast<double>(orders)};
}

// The candidates take turns, and another one begins each round, so that what else the machine does
// falls on all of them.
void measure(std::vector<Candidate>& candidates, const Plan& plan) {
  for (Candidate& it : candidates) burst(it, plan.orders / 2);  // warm-up
  for (std::size_t round = 0; round < plan.rounds; ++round) {
    for (std::size_t turn = 0; turn < candidates.size(); ++turn) {
      Candidate& it = candidates[(round + turn) % candidates.size()];
      it.bursts.push_back(burst(it, plan.orders));
    }
  }
}

// Orders by the hundred, of which many are under way at once.
void measure_flows(std::vector<Candidate>& candidates, const Plan& plan) {
  for (std::size_t round = 0; round < plan.flow_rounds; ++round) {
    for (std::size_t turn = 0; turn < candidates.size(); ++turn) {
      Candidate& it = candidates[(round + turn) % candidates.size()];
      for (Candidate& other : candidates) answer_what_came(other);
      Ends ends{*it.router, *it.venue, it.process, it.orders};
      it.sustained.push_back(sustained(ends, plan.flow_orders, 256));
      it.slow.push_back(open_loop(ends, 5'000, plan.flow_seconds));
      it.quick.push_back(open_loop(ends, 20'000, plan.flow_seconds));
    }
  }
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// The median over the rounds of what `of` makes of one. Differences and ratios are taken within a
// round: a machine that changes its speed changes it for both.
template <class Of>
double over_rounds(const std::vector<Candidate>& candidates, Of of) {
  std::vector<double> values(candidates.front().bursts.size());
  for (std::size_t round = 0; round < values.size(); ++round) values[round] = of(round);
  return median(std::move(values));
}

struct Line {
  std::string name;
  double p50, p50_low, p50_high, p99, p999, added, cpu;
};

struct Ratio {  // of the last candidate to another
  std::string of, to;
  double round_trip, added, p99, cpu;
};

struct Result {
  Plan plan;
  std::vector<Line> lines;
  std::vector<Ratio> ratios;
};

Result summary(const std::vector<Candidate>& candidates, const Plan& plan) {
  Result result{.plan = plan, .lines = {}, .ratios = {}};
  const std::vector<Burst>& direct = candidates.front().bursts;
  const std::vector<Burst>& last = candidates.back().bursts;
  for (const Candidate& it : candidates) {
    const std::vector<Burst>& own = it.bursts;
    const auto [low, high] = std::ranges::minmax(own, {}, &Burst::p50);
    const auto median_of = [&](auto of) { return over_rounds(candidates, of); };
    result.lines.push_back({it.name, median_of([&](std::size_t i) { return own[i].p50; }), low.p50,
                            high.p50, median_of([&](std::size_t i) { return own[i].p99; }),
                            median_of([&](std::size_t i) { return own[i].p999; }),
                            median_of([&](std::size_t i) { return own[i].p50 - direct[i].p50; }),
                            median_of([&](std::size_t i) { return own[i].cpu; })});
    if (&own == &direct || &own == &last) continue;
    result.ratios.push_back({candidates.back().name, it.name,
                             median_of([&](std::size_t i) { return last[i].p50 / own[i].p50; }),
                             median_of([&](std::size_t i) {
                               return (last[i].p50 - direct[i].p50) / (own[i].p50 - direct[i].p50);
                             }),
                             median_of([&](std::size_t i) { return last[i].p99 / own[i].p99; }),
                             median_of([&](std::size_t i) { return last[i].cpu / own[i].cpu; })});
  }
  return result;
}

void print_text(const Result& result) {
  fmt::print("{} rounds of {} orders; microseconds; medians of the rounds\n", result.plan.rounds,
             result.plan.orders);
  fmt::print("{:<20}{:>8}{:>16}{:>9}{:>12}{:>14}\n", "", "p50", "p50 low-high", "p99", "p50 added",
             "CPU an order");
  for (const Line& line : result.lines) {
    fmt::print("{:<20}{:>8.1f}{:>16}{:>9.1f}{:>12.1f}{:>14.1f}\n", line.name, line.p50,
               fmt::format("{:.1f}-{:.1f}", line.p50_low, line.p50_high), line.p99, line.added,
               line.cpu);
  }
  for (const Ratio& ratio : result.ratios) {
    fmt::print("{} / {}: round trip {:.2f}, added {:.2f}, p99 {:.2f}, CPU {:.2f}\n", ratio.of,
               ratio.to, ratio.round_trip, ratio.added, ratio.p99, ratio.cpu);
  }
}

double median_of(const std::vector<Flow>& flows, double Flow::*which) {
  std::vector<double> values;
  for (const Flow& flow : flows) values.push_back(flow.*which);
  return values.empty() ? 0 : median(std::move(values));
}

void print_flows(const std::vector<Candidate>& candidates) {
  fmt::print("{:<20}{:>12}{:>8} | 5,000/s: {:>8}{:>9}{:>10} | 20,000/s: {:>8}{:>9}{:>10}\n", "",
             "256 at once", "CPU", "p50", "p99", "taken/s", "p50", "p99", "taken/s");
  for (const Candidate& it : candidates) {
    fmt::print(
        "{:<20}{:>12.0f}{:>8.1f} |          {:>8.0f}{:>9.0f}{:>10.0f} |           {:>8.0f}"
        "{:>9.0f}{:>10.0f}\n",
        it.name, median_of(it.sustained, &Flow::a_second), median_of(it.sustained, &Flow::cpu),
        median_of(it.slow, &Flow::p50), median_of(it.slow, &Flow::p99),
        median_of(it.slow, &Flow::a_second), median_of(it.quick, &Flow::p50),
        median_of(it.quick, &Flow::p99), median_of(it.quick, &Flow::a_second));
  }
}

boost::json::object flow_row(const std::vector<Flow>& flows) {
  return {{"orders_a_second", median_of(flows, &Flow::a_second)},
          {"p50_us", median_of(flows, &Flow::p50)},
          {"p99_us", median_of(flows, &Flow::p99)},
          {"p999_us", median_of(flows, &Flow::p999)},
          {"cpu_us", median_of(flows, &Flow::cpu)}};
}

void print_json(const Result& result, const std::vector<Candidate>& all) {
  boost::json::array candidates, ratios;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Line& line = result.lines[i];
    candidates.push_back({{"name", line.name},
                          {"p50_us", line.p50},
                          {"p50_low_us", line.p50_low},
                          {"p50_high_us", line.p50_high},
                          {"p99_us", line.p99},
                          {"p999_us", line.p999},
                          {"added_us", line.added},
                          {"outstanding_256", flow_row(all[i].sustained)},
                          {"open_loop_5000", flow_row(all[i].slow)},
                          {"open_loop_20000", flow_row(all[i].quick)},
                          {"cpu_us", line.cpu}});
  }
  for (const Ratio& ratio : result.ratios) {
    ratios.push_back({{"of", ratio.of},
                      {"to", ratio.to},
                      {"round_trip", ratio.round_trip},
                      {"added", ratio.added},
                      {"p99", ratio.p99},
                      {"cpu", ratio.cpu}});
  }
  std::cout << boost::json::object{{"rounds", result.plan.rounds},
                                   {"orders", result.plan.orders},
                                   {"candidates", candidates},
                                   {"ratios", ratios}}
            << "\n";
}

int run(int count, char** arguments) {
  CLI::App app{"round trips through several candidates; the first one has nothing in between"};
  Plan plan;
  bool json = false;
  std::vector<std::string> texts;
  app.add_option("--rounds", plan.rounds)->required()->check(CLI::PositiveNumber);
  app.add_option("--orders", plan.orders, "a candidate and round")
      ->required()
      ->check(CLI::PositiveNumber);
  app.add_option("--flow-rounds", plan.flow_rounds, "with many orders at once");
  app.add_option("--flow-orders", plan.flow_orders);
  app.add_option("--flow-seconds", plan.flow_seconds);
  app.add_flag("--json", json);
  app.add_option("candidate", texts, "NAME:ROUTER_PORT:VENUE_PORT:PROCESS")->required();
  CLI11_PARSE(app, count, arguments);

  std::vector<Candidate> candidates;
  for (const std::string& text : texts) candidates.push_back(candidate(text));
  for (Candidate& it : candidates) it.listener = listen_at(it.venue_port);
  log_on(candidates);
  wait_for_go(candidates);
  measure(candidates, plan);
  measure_flows(candidates, plan);
  const Result result = summary(candidates, plan);
  if (json) {
    print_json(result, candidates);
  } else {
    print_text(result);
    if (plan.flow_rounds > 0) print_flows(candidates);
  }
  return 0;
}

}  // namespace
}  // namespace interlock::bench

int main(int count, char** arguments) {
  try {
    return interlock::bench::run(count, arguments);
  } catch (const std::exception& problem) {
    std::cerr << "bench_driver: " << problem.what() << "\n";
    return 1;
  }
}

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

#include "peer.hpp"

namespace interlock::bench {
namespace {

struct Burst {  // microseconds; per order
  double p50 = 0;
  double p99 = 0;
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
};

struct Plan {
  std::size_t rounds = 0;
  std::size_t orders = 0;
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

bool readable(int descriptor, int wait_ms) {
  pollfd asked{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&asked, 1, wait_ms) > 0;
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

// A limit order with what routers usually send: about 200 bytes with the header. Nothing is ever
// executed, so buys stay below sells: one that met another would be refused.
std::string new_order(std::string_view cl_ord_id, std::uint32_t number) {
  return fmt::format(
      "11={}\0011=ACC-7731\001109=P-{:05}\00121=1\00155=ACME\00154={}\00138=100\00140=2\00144=10."
      "{:02}\00159=0\00115=USD\00147=A\00160={}\001",
      cl_ord_id, number % 10, 1 + number % 2, number % 20 + number % 2 * 30, utc_timestamp());
}

std::string acknowledgement(const Message& order, std::uint32_t number) {
  return fmt::format(
      "37=V{:08}\00111={}\00117=E{:08}\00120=0\001150=0\00139=0\0011={}\00155={}\00154={}\00138={}"
      "\00140=2\00144={}\00159=0\00132=0\00131=0\001151={}\00114=0\0016=0\00160={}\001",
      number, order.value(11), number, order.value(1), order.value(55), order.value(54),
      order.value(38), order.value(44), order.value(38), utc_timestamp());
}

void expect(const Message& message, std::string_view type, std::string_view cl_ord_id) {
  if (message.type() == type && message.value(11) == cl_ord_id && message.value(150) != "8") return;
  std::string text(message.frame);
  std::ranges::replace(text, '\001', '|');
  throw std::runtime_error(fmt::format("{} {} expected: {}", type, cl_ord_id, text));
}

double round_trip_us(Candidate& it) {
  const std::uint32_t number = ++it.orders;
  const std::string cl_ord_id = fmt::format("R1-{:08}", number);
  const std::string body = new_order(cl_ord_id, number);
  const auto begin = std::chrono::steady_clock::now();
  it.router->send("D", body);
  const Message order = it.venue->receive();
  expect(order, "D", cl_ord_id);
  it.venue->send("8", acknowledgement(order, number));
  const Message report = it.router->receive();
  const auto end = std::chrono::steady_clock::now();
  expect(report, "8", cl_ord_id);
  return std::chrono::duration<double, std::micro>(end - begin).count();
}

// Time that all threads of the process have spent on a CPU.
double cpu_us(int process) {
  if (process == 0) return 0;
  double nanoseconds = 0;
  const std::string tasks = fmt::format("/proc/{}/task", process);
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    double spent = 0;
    std::ifstream(task.path() / "schedstat") >> spent;
    nanoseconds += spent;
  }
  return nanoseconds / 1000;
}

Burst burst(Candidate& it, std::size_t orders) {
  answer_what_came(it);
  std::vector<double> times;
  times.reserve(orders);
  const double before = cpu_us(it.process);
  for (std::size_t i = 0; i < orders; ++i) times.push_back(round_trip_us(it));
  const double after = cpu_us(it.process);
  std::ranges::sort(times);
  return {times[orders / 2], times[orders * 99 / 100],
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
  double p50, p50_low, p50_high, p99, added, cpu;
};

struct Ratio {  // of the last candidate to another
  std::string of, to;
  double round_trip, added, cpu;
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
                            median_of([&](std::size_t i) { return own[i].p50 - direct[i].p50; }),
                            median_of([&](std::size_t i) { return own[i].cpu; })});
    if (&own == &direct || &own == &last) continue;
    result.ratios.push_back({candidates.back().name, it.name,
                             median_of([&](std::size_t i) { return last[i].p50 / own[i].p50; }),
                             median_of([&](std::size_t i) {
                               return (last[i].p50 - direct[i].p50) / (own[i].p50 - direct[i].p50);
                             }),
                             median_of([&](std::size_t i) { return last[i].cpu / own[i].cpu; })});
  }
  return result;
}

void print_text(const Result& result) {
  fmt::print("{} rounds of {} orders; microseconds; medians of the rounds\n", result.plan.rounds,
             result.plan.orders);
  fmt::print("{:<12}{:>8}{:>16}{:>9}{:>12}{:>14}\n", "", "p50", "p50 low-high", "p99", "p50 added",
             "CPU an order");
  for (const Line& line : result.lines) {
    fmt::print("{:<12}{:>8.1f}{:>16}{:>9.1f}{:>12.1f}{:>14.1f}\n", line.name, line.p50,
               fmt::format("{:.1f}-{:.1f}", line.p50_low, line.p50_high), line.p99, line.added,
               line.cpu);
  }
  for (const Ratio& ratio : result.ratios) {
    fmt::print("{} / {}: round trip {:.2f}, added {:.2f}, CPU {:.2f}\n", ratio.of, ratio.to,
               ratio.round_trip, ratio.added, ratio.cpu);
  }
}

void print_json(const Result& result) {
  boost::json::array candidates, ratios;
  for (const Line& line : result.lines) {
    candidates.push_back({{"name", line.name},
                          {"p50_us", line.p50},
                          {"p50_low_us", line.p50_low},
                          {"p50_high_us", line.p50_high},
                          {"p99_us", line.p99},
                          {"added_us", line.added},
                          {"cpu_us", line.cpu}});
  }
  for (const Ratio& ratio : result.ratios) {
    ratios.push_back({{"of", ratio.of},
                      {"to", ratio.to},
                      {"round_trip", ratio.round_trip},
                      {"added", ratio.added},
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
  app.add_flag("--json", json);
  app.add_option("candidate", texts, "NAME:ROUTER_PORT:VENUE_PORT:PROCESS")->required();
  CLI11_PARSE(app, count, arguments);

  std::vector<Candidate> candidates;
  for (const std::string& text : texts) candidates.push_back(candidate(text));
  for (Candidate& it : candidates) it.listener = listen_at(it.venue_port);
  log_on(candidates);
  wait_for_go(candidates);
  measure(candidates, plan);
  const Result result = summary(candidates, plan);
  json ? print_json(result) : print_text(result);
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

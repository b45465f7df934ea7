#include "flow.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace interlock::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

constexpr std::size_t batch_bytes = 16'384;  // that the sockets take without anybody reading
constexpr std::chrono::seconds patience{2};

double at(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * share)];
}

// Waits for either end, not longer than until then; with nothing to wait for, only looks.
void wait(const Ends& ends, Time until) {
  pollfd asked[] = {{.fd = ends.router.socket(), .events = POLLIN, .revents = 0},
                    {.fd = ends.venue.socket(), .events = POLLIN, .revents = 0}};
  const auto left = std::max<std::int64_t>(0, (until - Clock::now()).count());
  const timespec time{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
  if (::ppoll(asked, 2, &time, nullptr) < 0) throw std::runtime_error("ppoll");
  if (asked[1].revents != 0) ends.venue.read_some();
  if (asked[0].revents != 0) ends.router.read_some();
}

// The numbered orders of one flow, from the first that it sends.
class Course {
 public:
  explicit Course(Ends& ends) : ends_(ends), first_(ends.orders + 1), cpu_(cpu_us(ends.process)) {}

  void send(Time due) {
    ends_.router.queue("D", new_order(++ends_.orders));
    due_.push_back(due);
    if (ends_.router.queued() > batch_bytes) ends_.router.flush();
  }
  // The venue answers what has come, and the router takes what was answered.
  void turn(Time until) {
    ends_.router.flush();
    wait(ends_, until);
    while (const auto order = ends_.venue.taken()) {
      expect(*order, "D", order_name(first_ + answered_));
      ends_.venue.queue("8", acknowledgement(*order));
      ++answered_;
      if (ends_.venue.queued() > batch_bytes) ends_.venue.flush();
    }
    ends_.venue.flush();
    while (const auto report = ends_.router.taken()) {
      expect(*report, "8", order_name(first_ + static_cast<std::uint32_t>(times_.size())));
      times_.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - due_[times_.size()]).count());
    }
  }
  [[nodiscard]] std::size_t sent() const { return due_.size(); }
  [[nodiscard]] std::size_t under_way() const { return due_.size() - times_.size(); }
  [[nodiscard]] Flow result() {
    const double seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
    const auto orders = static_cast<double>(times_.size());
    const double cpu = cpu_us(ends_.process) - cpu_;
    std::ranges::sort(times_);
    return {orders / seconds, at(times_, 0.5), at(times_, 0.99), at(times_, 0.999), cpu / orders};
  }

 private:
  Ends& ends_;
  std::uint32_t first_;
  std::uint32_t answered_ = 0;
  double cpu_;
  Time begun_ = Clock::now();
  std::vector<Time> due_;
  std::vector<double> times_;
};

}  // namespace

bool readable(int descriptor, int wait_ms) {
  pollfd asked{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&asked, 1, wait_ms) > 0;
}

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

std::string order_name(std::uint32_t number) {
  std::string name = "R1-00000000";
  for (std::size_t at = name.size(); number != 0 && at-- > 3; number /= 10)
    name[at] = static_cast<char>('0' + number % 10);
  return name;
}

std::string_view new_order(std::uint32_t number) {
  static std::string body;
  const std::uint32_t cents = number % 20 + number % 2 * 30;
  body.assign("11=").append(order_name(number)).append("\0011=ACC-7731\001109=P-0000");
  body.append(1, static_cast<char>('0' + number % 10)).append("\00121=1\00155=ACME\00154=");
  body.append(number % 2 == 0 ? "1" : "2").append("\00138=100\00140=2\00144=10.");
  body.append(1, static_cast<char>('0' + cents / 10))
      .append(1, static_cast<char>('0' + cents % 10));
  body.append("\00159=0\00115=USD\00147=A\00160=").append(utc_timestamp()).append("\001");
  return body;
}

std::string_view acknowledgement(const Message& order) {
  static std::string body;
  const std::string_view digits = order.value(11).substr(3);
  body.assign("37=V").append(digits).append("\00111=").append(order.value(11));
  body.append("\00117=E").append(digits).append("\00120=0\001150=0\00139=0\0011=ACC-7731\00155=");
  body.append(order.value(55)).append("\00154=").append(order.value(54)).append("\00138=");
  body.append(order.value(38)).append("\00140=2\00144=").append(order.value(44));
  body.append("\00159=0\00132=0\00131=0\001151=").append(order.value(38));
  body.append("\00114=0\0016=0\00160=").append(utc_timestamp()).append("\001");
  return body;
}

void expect(const Message& message, std::string_view type, std::string_view cl_ord_id) {
  if (message.type() == type && message.value(11) == cl_ord_id && message.value(150) != "8") return;
  std::string text(message.frame);
  std::ranges::replace(text, '\001', '|');
  throw std::runtime_error(fmt::format("{} {} expected: {}", type, cl_ord_id, text));
}

Flow sustained(Ends& ends, std::size_t orders, std::size_t at_once) {
  Course course(ends);
  while (course.sent() < orders || course.under_way() > 0) {
    while (course.sent() < orders && course.under_way() < at_once) course.send(Clock::now());
    course.turn(Clock::now() + patience);
  }
  return course.result();
}

Flow open_loop(Ends& ends, std::uint32_t a_second, double seconds) {
  // More than this under way: the relay does not carry the rate, and the sockets would fill.
  constexpr std::size_t under_way_most = 200;
  Course course(ends);
  const Time begun = Clock::now();
  const auto due = [&](std::size_t i) {
    return begun + std::chrono::nanoseconds(i * 1'000'000'000 / a_second);
  };
  const auto orders = static_cast<std::size_t>(a_second * seconds);
  while (course.sent() < orders || course.under_way() > 0) {
    const Time now = Clock::now();
    while (course.sent() < orders && due(course.sent()) <= now &&
           course.under_way() < under_way_most) {
      course.send(due(course.sent()));
    }
    const bool is_held_up = course.under_way() >= under_way_most || course.sent() == orders;
    course.turn(is_held_up ? Clock::now() + patience : due(course.sent()));
    // Far behind: the answer is known, and a run is bounded in time.
    if (Clock::now() > due(orders) + patience && course.sent() < orders) {
      while (course.under_way() > 0) course.turn(Clock::now() + patience);
      break;
    }
  }
  return course.result();
}

}  // namespace interlock::bench

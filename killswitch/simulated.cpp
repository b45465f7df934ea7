// A button that is pressed by writing to a Unix socket.
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "killswitch/device.hpp"

namespace interlock::killswitch {
namespace {

constexpr std::size_t clients_max = 8;
constexpr std::string_view understood = "error: understood are press, release, lose, find\n";

class SimulatedSource final : public ButtonSource {
 public:
  explicit SimulatedSource(SimulatedDevice device) : device_(std::move(device)) {}
  ~SimulatedSource() override { end(); }

  [[nodiscard]] std::size_t channels() const noexcept override { return 1; }
  [[nodiscard]] bool fail_safe() const noexcept override { return false; }
  bool open() noexcept override;
  // One for the listener and all clients.
  [[nodiscard]] int fd() const noexcept override { return lost_ ? -1 : poll_; }
  void look(std::span<Sample> into, std::int64_t now_ns) noexcept override;
  [[nodiscard]] std::string about() const override {
    return fmt::format("simulated at {}", device_.socket.string());
  }

 private:
  struct Client {
    int fd = -1;
    std::size_t used = 0;
    std::array<char, 128> line{};
  };

  bool listen() noexcept;
  bool watch(int fd, std::size_t place) const noexcept;
  void serve() noexcept;
  void accept_one() noexcept;
  void hear(Client& client) noexcept;
  [[nodiscard]] std::string_view obey(std::string_view word) noexcept;
  void set(bool pressed) noexcept;
  static void drop(Client& client) noexcept;
  void end() noexcept;

  SimulatedDevice device_;
  int listener_ = -1;
  int poll_ = -1;
  bool bound_ = false;
  std::array<Client, clients_max> clients_{};
  bool pressed_ = false;
  bool lost_ = false;
  Sample since_look_;  // what the clients did
};

void close_one(int& fd) noexcept {
  const int error = errno;
  if (fd >= 0) ::close(fd);
  fd = -1;
  errno = error;
}

bool SimulatedSource::watch(int fd, std::size_t place) const noexcept {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = place;
  return ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool SimulatedSource::listen() noexcept {
  const char* path = device_.socket.c_str();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  struct stat old {};
  // The socket of a run before; a file that is none makes `bind` fail, and stays.
  if (::lstat(path, &old) == 0 && S_ISSOCK(old.st_mode)) ::unlink(path);
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (listener_ < 0 || poll_ < 0) return false;
  // Before the bind, which gives the file this mode: at no time may others write to it.
  if (::fchmod(listener_, 0600) != 0) return false;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return false;
  bound_ = true;
  return ::listen(listener_, static_cast<int>(clients_max)) == 0 && watch(listener_, clients_max);
}

// Once it listens it does so to the end, since "find" has to be heard while the contact is lost.
bool SimulatedSource::open() noexcept {
  if (!bound_ && !listen()) {
    end();
    return false;
  }
  serve();
  if (!lost_) return true;
  errno = ENODEV;
  return false;
}

void SimulatedSource::end() noexcept {
  for (auto& client : clients_) drop(client);
  close_one(listener_);
  close_one(poll_);
  const int error = errno;
  if (std::exchange(bound_, false)) ::unlink(device_.socket.c_str());
  errno = error;
}

void SimulatedSource::serve() noexcept {
  std::array<epoll_event, clients_max + 1> events;
  const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const std::size_t place = events[static_cast<std::size_t>(i)].data.u64;
    if (place == clients_max) {
      accept_one();
    } else {
      hear(clients_[place]);
    }
  }
}

void SimulatedSource::accept_one() noexcept {
  int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  const auto free = std::ranges::find(clients_, -1, &Client::fd);
  if (free == clients_.end() || !watch(fd, static_cast<std::size_t>(free - clients_.begin()))) {
    close_one(fd);
    return;
  }
  free->fd = fd;
  hear(*free);
}

void SimulatedSource::drop(Client& client) noexcept {
  close_one(client.fd);
  client.used = 0;
}

void SimulatedSource::hear(Client& client) noexcept {
  const ssize_t count = ::recv(client.fd, client.line.data() + client.used,
                               client.line.size() - client.used, MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return drop(client);
  client.used += static_cast<std::size_t>(count);
  std::string_view rest(client.line.data(), client.used);
  for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
    const auto answer = obey(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    const ssize_t sent =
        ::send(client.fd, answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    // Who does not read his answers is no longer heard after this line.
    if (sent != static_cast<ssize_t>(answer.size())) return drop(client);
  }
  if (rest.size() == client.line.size()) return drop(client);
  std::memmove(client.line.data(), rest.data(), rest.size());
  client.used = rest.size();
}

std::string_view SimulatedSource::obey(std::string_view word) noexcept {
  if (word == "press" || word == "release") {
    set(word == "press");
  } else if (word == "lose" || word == "find") {
    lost_ = word == "lose";
  } else {
    return understood;
  }
  return "ok\n";
}

void SimulatedSource::set(bool pressed) noexcept {
  if (pressed) since_look_.was_pressed = true;
  if (pressed != pressed_) ++since_look_.changes;
  pressed_ = pressed;
}

void SimulatedSource::look(std::span<Sample> into, std::int64_t /*now_ns*/) noexcept {
  if (bound_) serve();
  into[0] = std::exchange(since_look_, Sample{});
  if (lost_ || !bound_) {
    tell_unknown(into, ENODEV);
  } else {
    into[0].contact = pressed_ ? Contact::pressed : Contact::safe;
  }
}

}  // namespace

std::unique_ptr<ButtonSource> make_simulated(SimulatedDevice device) {
  return std::make_unique<SimulatedSource>(std::move(device));
}

}  // namespace interlock::killswitch

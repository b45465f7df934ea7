// A server on free ports with three people, and a client that sends exactly the bytes it is given.
#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "console/http.hpp"
#include "killswitch/secret.hpp"
#include "tests/console/desk.hpp"

namespace interlock::tests {

struct Reply {
  unsigned status = 0;  // 0: the connection was closed without an answer
  std::string head, body;
  [[nodiscard]] boost::json::object json() const { return boost::json::parse(body).as_object(); }
  [[nodiscard]] std::string error() const {
    return std::string{json().at("error").at("code").as_string()};
  }
};

class Wire {  // one connection
 public:
  explicit Wire(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  explicit Wire(const std::filesystem::path& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  Wire(Wire&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Wire() {
    if (fd_ >= 0) ::close(fd_);
  }
  Wire& send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) break;  // the server has closed: its answer is what counts
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }
  [[nodiscard]] Reply reply() {
    std::string bytes;
    char part[4096];
    for (ssize_t count; (count = ::recv(fd_, part, sizeof part, 0)) > 0;) {
      bytes.append(part, static_cast<std::size_t>(count));
    }
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) return {};
    return {static_cast<unsigned>(std::stoul(bytes.substr(9, 3))), bytes.substr(0, end + 2),
            bytes.substr(end + 4)};
  }

 private:
  void connect(const sockaddr* address, socklen_t size) {
    const timeval wait{.tv_sec = 20, .tv_usec = 0};  // an answer that never comes is a failure
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (::connect(fd_, address, size) != 0) throw std::runtime_error("cannot connect");
  }
  int fd_;
};

// What a request carries besides its method and target.
struct With {
  std::string token = {}, body = {};
  std::string type = "application/json";
  std::string host = {}, extra = {};  // extra: whole header lines
};

class Web {
 public:
  explicit Web(std::chrono::milliseconds deadline = std::chrono::seconds{5},
               std::size_t connections_max = 128)
      : server(config(), desk, identity(),
               {[] { return FakeDesk::now_ns; }, deadline, connections_max}) {
    if (const auto started = server.start(); !started) throw std::runtime_error(started.error());
  }

  [[nodiscard]] std::string request(std::string_view method, std::string_view target,
                                    const With& with) const {
    const auto host =
        with.host.empty() ? fmt::format("127.0.0.1:{}", server.console_port()) : with.host;
    std::string bytes = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, target, host);
    if (!with.token.empty()) bytes += fmt::format("Authorization: Bearer {}\r\n", with.token);
    if (!with.body.empty()) {
      bytes +=
          fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", with.type, with.body.size());
    }
    return bytes + with.extra + "\r\n" + with.body;
  }
  Reply console(std::string_view method, std::string_view target, const With& with = {}) {
    return Wire{server.console_port()}.send(request(method, target, with)).reply();
  }
  Reply metrics(std::string_view method, std::string_view target, const With& with = {}) {
    return Wire{server.metrics_port()}.send(request(method, target, with)).reply();
  }
  Reply local(std::string_view method, std::string_view target, const With& with = {}) {
    return Wire{server.socket()}.send(request(method, target, with)).reply();
  }

  static console::Identity identity() {
    return {"0.1.0", "abc123", "b01d", "c0f1", "gw-03.ny4", "test"};
  }

  FakeDesk desk;
  console::Server server;

 private:
  [[nodiscard]] config::Config config() const {
    config::Config config;
    config.state_dir = desk.scratch.path();
    config.routers.resize(2);
    config.routers[0].id = "R1";
    config.routers[1].id = "R2";
    config.venues.resize(1);
    config.venues[0].id = "SIM";
    config.accounts = {"7731"};
    config.symbols = {"ACME", "NVDA"};
    config.algos = {"algo-1"};
    config.traders = {"trader-1"};
    config.desks = {"desk-1"};
    config.http.console = {"127.0.0.1", 0};
    config.http.metrics = {"127.0.0.1", 0};
    config.people = {person("viewer", true, false, false), person("ortiz", true, true, true),
                     person("lee", true, true, true)};
    return config;
  }
  // The token of a person is the name twice, to be told from the name.
  static config::PersonEntry person(const std::string& name, bool view, bool kill, bool rearm) {
    return {
        name, killswitch::hash_secret(name + name), view, kill, rearm, rearm, rearm, rearm, rearm,
        rearm};
  }
};

}  // namespace interlock::tests

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <mutex>
#include <vector>

#include "tests/console/web.hpp"

using interlock::tests::FakeDesk;
using interlock::tests::Web;
using interlock::tests::Wire;
using interlock::tests::With;
using namespace std::chrono_literals;

TEST_CASE("http: a kill is answered while 50 clients hold half a request each") {
  Web web;
  std::vector<Wire> slow;
  for (int i = 0; i < 50; ++i) {
    slow.emplace_back(web.server.console_port());
    slow.back().send("GET /api/v1/state HTTP/1.1\r\nHost: ");
  }
  const auto start = std::chrono::steady_clock::now();
  const auto reply = web.console("POST", "/api/v1/kill", {.token = "ortizortiz"});
  CHECK(reply.status == 200);
  CHECK(std::chrono::steady_clock::now() - start < 2s);
}

TEST_CASE("http: a kill is answered while 50 readers wait for theirs") {
  Web web;
  std::unique_lock hold{web.desk.readers};
  std::vector<Wire> readers;
  for (int i = 0; i < 50; ++i) {
    readers.emplace_back(web.server.socket());
    readers.back().send(web.request("GET", "/api/v1/state", {}));
  }
  CHECK(web.local("POST", "/api/v1/kill").status == 200);
  const With not_seen_before{.token = "ortizortiz"};
  CHECK(web.console("POST", "/api/v1/kill", not_seen_before).status == 200);
  CHECK(web.console("POST", "/api/v1/kill", not_seen_before).status == 200);
  hold.unlock();
  for (auto& reader : readers) CHECK(reader.reply().status == 200);
}

TEST_CASE("http: a kill finds a place while readers that take nothing hold them all") {
  Web web{5s, 8};
  interlock::gateway::Snapshot large;
  large.parents.resize(1000);
  for (auto& parent : large.parents) parent.account = std::string(4000, 'a');
  web.desk.show(large);
  std::vector<Wire> greedy;
  for (int i = 0; i < 8; ++i) {
    greedy.emplace_back(web.server.socket());
    greedy.back().send(web.request("GET", "/api/v1/parents", {}));
  }
  CHECK(web.local("POST", "/api/v1/kill").status == 200);
}

TEST_CASE("http: with every place taken by a silent client, the oldest gives way") {
  Web web{5s, 8};
  std::vector<Wire> silent;
  for (int i = 0; i < 8; ++i) silent.emplace_back(web.server.console_port());
  CHECK(web.console("POST", "/api/v1/kill", {.token = "ortizortiz"}).status == 200);
  CHECK(silent.front().reply().status == 0);
}

TEST_CASE("http: a request that does not come within its deadline is cut") {
  Web web{100ms};
  Wire wire{web.server.console_port()};
  wire.send("POST /api/v1/kill HTTP/1.1\r\n");
  CHECK(wire.reply().status == 0);
}

TEST_CASE("http: one request a connection") {
  Web web;
  const auto twice = web.request("GET", "/healthz", {}) + web.request("GET", "/healthz", {});
  const auto reply = Wire{web.server.console_port()}.send(twice).reply();
  CHECK(reply.status == 200);
  CHECK(reply.head.find("Connection: close") != std::string::npos);
  CHECK(reply.json() == boost::json::object{{"status", "alive"}});
}

TEST_CASE("http: what can be read in two ways, or is too large, is refused and kills nothing") {
  Web web;
  const auto head = web.request("POST", "/api/v1/kill", {.token = "ortizortiz"});
  const auto with = [&](std::string_view lines, std::string_view body = "") {
    return head.substr(0, head.size() - 2) + std::string{lines} + "\r\n" + std::string{body};
  };
  const std::string long_line = "X: " + std::string(9000, 'x') + "\r\n";
  const std::vector<std::pair<std::string, unsigned>> cases{
      {with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
      {with("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {with("Content-Length: 0\r\nContent-Length: 0\r\n"), 400},
      {with("Content-Length: 0\r\nContent-Length: 7\r\n"), 400},
      {with("Content-Length: -1\r\n"), 400},
      {with("Host: 127.0.0.1\r\n"), 400},
      {with("Authorization: Bearer x\r\n"), 400},
      {with(long_line), 431},
      {with("Content-Length: 20000\r\n", std::string(20000, ' ')), 413},
      {"POST /api/v1/kill HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", 505},
      {"POST /api/v1/kill HTTP/1.1\r\n\r\n", 400},
      {"\x16\x03\x01\x02" + std::string(60, '\0'), 400},
      {"8=FIX.4.4\x01"
       "9=5\x01\r\n\r\n",
       400},
  };
  for (const auto& [bytes, status] : cases) {
    CAPTURE(bytes);
    const auto reply = Wire{web.server.console_port()}.send(bytes).reply();
    CHECK(reply.status == status);
    if (reply.status != 0) CHECK(reply.json().contains("error"));
  }
  CHECK(web.desk.latch.active().size() == 1);  // of the start, no other
  CHECK(web.desk.latch.active().front().source == interlock::killswitch::Source::start);
}

TEST_CASE("http: the metrics port shows two pages and changes nothing") {
  Web web;
  CHECK(web.metrics("GET", "/metrics").status == 200);
  CHECK(web.metrics("GET", "/healthz").status == 200);
  const With ortiz{.token = "ortizortiz", .body = R"({"scope":"router","id":"R1"})"};
  for (const auto* target : {"/api/v1/kill", "/api/v1/rearm", "/api/v1/parents"}) {
    CHECK(web.metrics("POST", target, ortiz).status == 404);
  }
  for (const auto* target : {"/readyz", "/version", "/api/v1/state", "/api/v1/kill", "/"}) {
    CHECK(web.metrics("GET", target, ortiz).status == 404);
  }
  for (const auto* method : {"POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}) {
    CHECK(web.metrics(method, "/metrics", ortiz).status == 405);
  }
  CHECK(web.desk.latch.active().size() == 1);
  CHECK(web.console("GET", "/metrics", {.token = "ortizortiz"}).status == 404);
}

TEST_CASE("http: the Unix socket is for its owner and group, and takes the place of a dead one") {
  const interlock::tests::Scratch scratch;
  std::filesystem::path path;
  {
    Web web;
    path = web.server.socket();
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777) == 0660);
    interlock::config::Config config;
    config.state_dir = path.parent_path();
    config.http.console = config.http.metrics = {"127.0.0.1", 0};
    interlock::console::Server second{
        config, web.desk, Web::identity(), {[] { return FakeDesk::now_ns; }, 5s, 8}};
    const auto refused = second.start();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("another instance") != std::string::npos);
    CHECK(web.local("GET", "/healthz").status == 200);
    web.server.stop();
    CHECK_FALSE(std::filesystem::exists(path));

    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::close(dead);
    interlock::console::Server third{
        config, web.desk, Web::identity(), {[] { return FakeDesk::now_ns; }, 5s, 8}};
    CHECK(third.start().has_value());
  }
}

TEST_CASE("http: a port that is taken is an error that names it") {
  Web web;
  interlock::config::Config config;
  config.state_dir = web.desk.scratch / "other";
  config.http.console = {"127.0.0.1", 0};
  config.http.metrics = {"127.0.0.1", web.server.metrics_port()};
  interlock::console::Server second{
      config, web.desk, Web::identity(), {[] { return FakeDesk::now_ns; }, 5s, 8}};
  const auto refused = second.start();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find(std::to_string(web.server.metrics_port())) != std::string::npos);
  CHECK(refused.error().find("metrics port") != std::string::npos);
}

TEST_CASE("http: a HEAD is answered without a body") {
  Web web;
  const auto reply = web.console("HEAD", "/healthz");
  CHECK(reply.status == 405);
  CHECK(reply.body.empty());
}

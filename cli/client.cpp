#include "cli/client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "cli/command.hpp"
#include "cli/text.hpp"
#include "config/config.hpp"

namespace interlock::cli {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;
constexpr const char* usual_socket = "/var/lib/interlock/interlock.sock";
constexpr int answer_wait_s = 10;
constexpr std::size_t answer_bytes_max = 64u << 20;

class Socket {
 public:
  explicit Socket(const std::filesystem::path& path)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) {
      throw Failure{exit_usage, fmt::format("{}: too long for a socket", path.native())};
    }
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    const timeval wait{.tv_sec = answer_wait_s, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      fail(path, "cannot be reached");
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(fd_); }

  [[nodiscard]] std::string exchange(std::string_view request, const std::filesystem::path& path) {
    while (!request.empty()) {
      const auto sent = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
      if (sent <= 0) fail(path, "does not take the request");
      request.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string answer;
    std::array<char, 16384> part;
    while (true) {
      const auto count = ::recv(fd_, part.data(), part.size(), 0);
      if (count < 0) fail(path, "does not answer; what was asked may have been done");
      if (count == 0) return answer;
      answer.append(part.data(), static_cast<std::size_t>(count));
      if (answer.size() > answer_bytes_max) fail(path, "answers without end");
    }
  }

 private:
  [[noreturn]] static void fail(const std::filesystem::path& path, std::string_view what) {
    const int error = errno;
    if (error == EACCES || error == EPERM) {
      throw Failure{
          exit_not_permitted,
          fmt::format("{}: not permitted; be a member of the file's group", path.native())};
    }
    throw Failure{exit_unreachable,
                  fmt::format("the gateway at {} {} ({}). Is it running? Another one is named by "
                              "--socket PATH, --config FILE or INTERLOCK_SOCKET",
                              path.native(), what, std::strerror(error))};
  }
  int fd_;
};

struct Response {
  unsigned status = 0;
  json::object body;
};

Response parse(const std::string& bytes) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(answer_bytes_max);
  parser.eager(true);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(bytes), error);
  if (!error && parser.is_done()) {
    const auto value = json::parse(parser.get().body(), error);
    if (!error && value.is_object()) return {parser.get().result_int(), value.get_object()};
  }
  throw Failure{exit_unreachable, "what answers at the socket is not the gateway"};
}

Exit exit_of(unsigned status) {
  if (status == 401 || status == 403) return exit_not_permitted;
  if (status == 409 || status == 422 || status == 503) return exit_no;
  return status < 500 ? exit_usage : exit_internal;
}

json::object ask(const Where& where, const std::string& request) {
  const auto path = socket_of(where);
  auto response = parse(Socket{path}.exchange(request, path));
  if (response.status / 100 == 2) return std::move(response.body);
  const auto* error = response.body.if_contains("error");
  const auto words = [&](const char* key) {
    const auto* object = error ? error->if_object() : nullptr;
    const auto* text = object ? object->if_contains(key) : nullptr;
    return text && text->is_string() ? std::string{text->get_string()} : std::string{"?"};
  };
  throw Failure{exit_of(response.status),
                fmt::format("{}\n           {}", words("message"), words("hint"))};
}

}  // namespace

void add_where(CLI::App& command, Where& where) {
  auto* socket = command.add_option("--socket", where.socket, "The gateway's Unix socket");
  socket->envname("INTERLOCK_SOCKET");
  command.add_option("--config", where.config, "Its configuration, to find the socket");
}

std::filesystem::path socket_of(const Where& where) {
  if (!where.socket.empty()) return where.socket;
  if (where.config.empty()) return usual_socket;
  const auto loaded = config::load(where.config);
  if (!loaded.config) throw Failure{exit_usage, config::render(loaded.problems)};
  return loaded.config->state_dir / "interlock.sock";
}

void add_token(CLI::App& command, std::string& token_file) {
  command.add_option("--token-file", token_file,
                     "File with your token; without it, INTERLOCK_TOKEN");
}

std::string token_of(const std::string& token_file) {
  std::string token;
  if (token_file.empty()) {
    if (const char* environment = std::getenv("INTERLOCK_TOKEN")) token = environment;
  } else {
    std::ifstream file{token_file};
    std::getline(file, token);
  }
  const auto bad = token.find_first_of("\r\n ");
  if (token.empty() || bad != std::string::npos) {
    throw Failure{exit_not_permitted,
                  token_file.empty() ? "this takes a person: --token-file FILE or INTERLOCK_TOKEN"
                                     : fmt::format("{}: there is no token in it", token_file)};
  }
  return token;
}

json::object get(const Where& where, std::string_view target) {
  return ask(where, fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", target));
}

json::object post(const Where& where, std::string_view target, const json::object& body,
                  const std::string& token) {
  return send(where, "POST", target, body, token);
}

json::object send(const Where& where, std::string_view method, std::string_view target,
                  const json::object& body, const std::string& token) {
  const auto text = json::serialize(body);
  const auto who = token.empty() ? "" : fmt::format("Authorization: Bearer {}\r\n", token);
  return ask(where, fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n{}"
                                "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                                method, target, who, text.size(), text));
}

void tell(const json::object& answer, bool as_json, std::string_view approve) {
  if (as_json) {
    fmt::print("{}\n", json::serialize(answer));
  } else if (answer.at("answer") == "proposed") {
    fmt::print("{}proposal {}, until {}: {} {}\n", lines(answer.at("text")), plain(answer.at("id")),
               plain(answer.at("valid_until")), approve, plain(answer.at("id")));
  } else {
    fmt::print("{}done\n", lines(answer.at("text")));
  }
}

}  // namespace interlock::cli

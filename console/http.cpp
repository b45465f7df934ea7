#include "console/http.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <deque>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include "console/api.hpp"
#include "console/message.hpp"
#include "console/peer.hpp"

namespace interlock::console {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using local = asio::local::stream_protocol;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;
using Parser = http::request_parser<http::string_body>;

constexpr std::chrono::seconds sample_every{1};
constexpr std::chrono::milliseconds accept_pause{100};  // when descriptors run out

// The threads that answer. The one that moves bytes never waits for any of them.
class Lanes {
 public:
  explicit Lanes(Api& api) : api_(api) {}

  Api& api() { return api_; }
  asio::thread_pool& threads(Lane lane) {
    if (lane == Lane::kill) return kills_;
    return lane == Lane::verify ? verifications_ : reads_;
  }
  void finish() {
    kills_.join();
    verifications_.join();
    reads_.join();
  }

 private:
  Api& api_;
  asio::thread_pool kills_{2};
  asio::thread_pool verifications_{2};
  asio::thread_pool reads_{2};
};

// One request, one answer. All members belong to the thread that moves bytes.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Stream stream, Door door, Lanes& lanes, std::chrono::milliseconds deadline)
      : stream_(std::move(stream)), door_(door), lanes_(lanes), deadline_(deadline) {
    parser_.header_limit(header_bytes_max);
    parser_.body_limit(body_bytes_max);
  }

  void start() {
    stream_.expires_after(deadline_);
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       self->on_read(error);
                     });
  }
  // Everything but a kill under way.
  [[nodiscard]] bool may_give_way() const { return may_give_way_; }
  void give_way() { stream_.close(); }

 private:
  void on_read(const error_code& error) {
    if (error) {
      if (auto answer = unreadable(error)) send(*std::move(answer));
      return;
    }
    auto message = parser_.release();
    if (auto answer = ambiguous(message)) return send(*std::move(answer));
    is_head_ = message.method() == http::verb::head;
    auto request = to_request(std::move(message), door_);
    const Lane lane = lanes_.api().lane(request);
    may_give_way_ = lane == Lane::read;
    if (door_ == Door::local) user_ = peer_user(stream_.socket().native_handle());
    asio::post(lanes_.threads(lane),
               [self = shared_from_this(), request = std::move(request)]() mutable {
                 self->answer(std::move(request));
               });
  }

  // On a thread of a lane.
  void answer(Request request) {
    Answer answer;
    try {
      if (door_ == Door::local) request.peer = user_name(user_);
      answer = lanes_.api().answer(request);
    } catch (const std::exception& failure) {
      answer = error_answer(500, "internal", failure.what(), "this is a defect; see the log");
    }
    asio::post(stream_.get_executor(),
               [self = shared_from_this(), answer = std::move(answer)]() mutable {
                 self->send(std::move(answer));
               });
  }

  void send(Answer answer) {
    response_ = to_response(std::move(answer));
    if (is_head_) response_.body().clear();  // its length stays, as for a GET
    stream_.expires_after(deadline_);
    http::async_write(stream_, response_,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (error) return;
                        error_code ignored;
                        self->stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
                        self->drain();
                      });
  }

  // Closing with bytes unread would reset the connection before the peer has read its answer.
  void drain() {
    stream_.async_read_some(asio::buffer(discarded_),
                            [self = shared_from_this()](const error_code& error, std::size_t) {
                              if (!error) self->drain();
                            });
  }

  Stream stream_;
  const Door door_;
  Lanes& lanes_;
  const std::chrono::milliseconds deadline_;
  bool may_give_way_ = true;
  bool is_head_ = false;
  uid_t user_ = 0;  // at the other end of the Unix socket
  beast::flat_buffer buffer_{header_bytes_max + body_bytes_max};
  Parser parser_;
  http::response<http::string_body> response_;
  std::array<char, 1024> discarded_;
};

// Accepts on one address, and keeps count.
template <class Protocol>
class Listener {
 public:
  Listener(asio::io_context& io, Door door, Lanes& lanes, const Options& options)
      : acceptor_(io), pause_(io), door_(door), lanes_(lanes), options_(options) {}

  error_code open(const typename Protocol::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if constexpr (std::is_same_v<Protocol, tcp>) {
      if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    } else if (!error && fchmod(acceptor_.native_handle(), 0660) != 0) {
      error = {errno, boost::system::system_category()};  // before bind: never open to others
    }
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }
  [[nodiscard]] auto endpoint() const { return acceptor_.local_endpoint(); }

  void accept() {
    acceptor_.async_accept([this](const error_code& error, typename Protocol::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return accept_later();
      admit(std::move(socket));
      accept();
    });
  }
  void close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
  }

 private:
  void accept_later() {
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](const error_code& error) {
      if (!error) accept();
    });
  }

  void admit(typename Protocol::socket socket) {
    std::erase_if(connections_, [](const auto& connection) { return connection.expired(); });
    if (connections_.size() >= options_.connections_max && !make_room()) return;
    auto connection = std::make_shared<Connection>(
        Stream{asio::generic::stream_protocol::socket{std::move(socket)}}, door_, lanes_,
        options_.deadline);
    connections_.push_back(connection);
    connection->start();
  }

  // The oldest gives way: a crowd that sends nothing, or takes nothing, keeps no kill out.
  bool make_room() {
    for (auto entry = connections_.begin(); entry != connections_.end(); ++entry) {
      const auto connection = entry->lock();
      if (!connection || !connection->may_give_way()) continue;
      connection->give_way();
      connections_.erase(entry);
      return true;
    }
    return false;
  }

  typename Protocol::acceptor acceptor_;
  asio::steady_timer pause_;
  const Door door_;
  Lanes& lanes_;
  const Options& options_;
  std::deque<std::weak_ptr<Connection>> connections_;
};

using Opened = std::expected<void, std::string>;

Opened open_tcp(Listener<tcp>& listener, const config::Address& address, std::string_view what) {
  error_code error;
  const auto host = asio::ip::make_address(address.host, error);
  if (!error) error = listener.open({host, address.port});
  if (!error) return {};
  return std::unexpected(fmt::format("cannot open the {} at {} port {}: {}", what, address.host,
                                     address.port, error.message()));
}

// A socket file that nobody answers at is of a run that ended hard.
Opened open_local(Listener<local>& listener, asio::io_context& io,
                  const std::filesystem::path& path) {
  if (path.native().size() >= sizeof(sockaddr_un{}.sun_path)) {
    return std::unexpected(
        fmt::format("{}: too long for a Unix socket; use a shorter state_dir", path.native()));
  }
  error_code error;
  local::socket probe{io};
  probe.connect(local::endpoint{path.native()}, error);
  if (!error) return std::unexpected(fmt::format("{}: another instance answers", path.native()));
  ::unlink(path.c_str());
  error = listener.open(local::endpoint{path.native()});
  if (!error && ::chmod(path.c_str(), 0660) != 0) error = {errno, boost::system::system_category()};
  if (!error) return {};
  return std::unexpected(fmt::format("cannot open {}: {}", path.native(), error.message()));
}

}  // namespace

struct Server::State {
  State(const config::Config& config, gateway::Desk& desk, Identity identity, Options given)
      : options(std::move(given)),
        addresses(config.http),
        socket(config.state_dir / "interlock.sock"),
        api(config, desk, std::move(identity), options.now_ns) {}

  const Options options;
  const config::Http addresses;
  const std::filesystem::path socket;
  Api api;
  Lanes lanes{api};
  asio::io_context io{1};
  Listener<tcp> console{io, Door::console, lanes, options};
  Listener<tcp> metrics{io, Door::metrics, lanes, options};
  Listener<asio::local::stream_protocol> unix_socket{io, Door::local, lanes, options};
  // On a thread that answers: the one that moves bytes waits for nobody.
  void sample_later() {
    sampling.expires_after(sample_every);
    sampling.async_wait([this](const error_code& error) {
      if (error) return;
      asio::post(lanes.threads(Lane::read), [this] { api.sample(); });
      sample_later();
    });
  }

  asio::steady_timer sampling{io};
  std::uint16_t console_port = 0;
  std::uint16_t metrics_port = 0;
  std::thread mover;
};

Server::Server(const config::Config& config, gateway::Desk& desk, Identity identity,
               Options options)
    : state_(std::make_unique<State>(config, desk, std::move(identity), std::move(options))) {}

Server::~Server() { stop(); }

std::expected<void, std::string> Server::start() {
  State& state = *state_;
  if (auto opened = open_tcp(state.console, state.addresses.console, "console"); !opened) {
    return opened;
  }
  if (auto opened = open_tcp(state.metrics, state.addresses.metrics, "metrics port"); !opened) {
    return opened;
  }
  if (auto opened = open_local(state.unix_socket, state.io, state.socket); !opened) return opened;
  const tcp::endpoint bound = state.console.endpoint();
  state.console_port = bound.port();
  state.metrics_port = state.metrics.endpoint().port();
  const auto host = bound.address().to_string();
  state.api.add_host(bound.address().is_v6() ? fmt::format("[{}]:{}", host, bound.port())
                                             : fmt::format("{}:{}", host, bound.port()));
  if (bound.address().is_loopback()) state.api.add_host(fmt::format("localhost:{}", bound.port()));
  state.console.accept();
  state.metrics.accept();
  state.unix_socket.accept();
  state.sample_later();
  state.mover = std::thread{[&state] { state.io.run(); }};
  return {};
}

void Server::stop() {
  State& state = *state_;
  if (!state.mover.joinable()) return;
  asio::post(state.io, [&state] {
    state.console.close();
    state.metrics.close();
    state.unix_socket.close();
    state.sampling.cancel();
  });
  ::unlink(state.socket.c_str());
  state.lanes.finish();
  state.io.stop();
  state.mover.join();
}

std::uint16_t Server::console_port() const { return state_->console_port; }
std::uint16_t Server::metrics_port() const { return state_->metrics_port; }
const std::filesystem::path& Server::socket() const { return state_->socket; }

}  // namespace interlock::console

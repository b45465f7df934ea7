// The console's API without its sockets: a request in, an answer out (docs/api.md).
#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "console/flow.hpp"
#include "console/identity.hpp"
#include "console/people.hpp"
#include "gateway/desk.hpp"

namespace interlock::console {

// Which listener a request came through: that decides what exists and who must say who they are.
enum class Door : std::uint8_t {
  console,  // TCP: everything, with a token
  metrics,  // TCP, read-only: /metrics and /healthz
  local,    // Unix socket: kill and view by file permission
};

struct Request {
  Door door = Door::console;
  std::string method, target;
  std::string host, origin, authorization, content_type;  // header fields, empty when absent
  std::string body;
  std::string peer;  // on the Unix socket: the user's name
};

struct Answer {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::string allow;  // methods, with 405
};

// Where a request may wait: a kill never behind anything else.
enum class Lane : std::uint8_t {
  kill,    // needs no slow hash
  verify,  // a kill whose token was not seen before
  read,    // all else
};

// Every refusal has this form: {"error": {code, message, hint}}.
[[nodiscard]] Answer error_answer(unsigned status, std::string_view code, std::string_view message,
                                  std::string_view hint);

[[nodiscard]] Answer json_answer(unsigned status, const boost::json::object& object);
[[nodiscard]] Answer no_snapshot();

// Thread-safe.
class Api {
 public:
  using Clock = std::function<std::int64_t()>;  // UTC, ns
  Api(const config::Config& config, gateway::Desk& desk, Identity identity, Clock now_ns);

  // The Host values that the console answers to, besides those of the configuration.
  void add_host(std::string host) { hosts_.push_back(std::move(host)); }
  [[nodiscard]] Lane lane(const Request& request) const;
  [[nodiscard]] Answer answer(const Request& request);
  // Once a second, for the flow of orders that the console shows.
  void sample();
  // What changes something: method and target of each, for who checks that it is on record.
  [[nodiscard]] static std::vector<std::pair<std::string_view, std::string_view>> changes();

 private:
  enum class Right : std::uint8_t {
    none,
    view,
    kill,
    rearm,
    declare,
    limits,
    acknowledge,
    release,
    prices,  // or limits
  };
  struct Endpoint;
  static const std::vector<Endpoint>& endpoints();

  [[nodiscard]] static bool may(const config::PersonEntry& person, Right right);
  [[nodiscard]] Answer serve(const Endpoint& endpoint, const Request& request);
  [[nodiscard]] bool foreign(const Request& request) const;
  // Whose token it carries; nullptr: nobody's.
  [[nodiscard]] const config::PersonEntry* person_of(const Request& request);

  Answer healthz(const Request&, const config::PersonEntry*);
  Answer readyz(const Request&, const config::PersonEntry*);
  Answer version(const Request&, const config::PersonEntry*);
  Answer metrics(const Request&, const config::PersonEntry*);
  Answer file(const Request& request, const config::PersonEntry*);
  Answer console(const Request&, const config::PersonEntry* person);
  Answer scopes(const Request&, const config::PersonEntry*);
  Answer kill_page(const Request&, const config::PersonEntry*);
  Answer kill_by_form(const Request& request, const config::PersonEntry*);
  Answer state(const Request&, const config::PersonEntry*);
  Answer parents(const Request&, const config::PersonEntry*);
  Answer limits(const Request&, const config::PersonEntry*);
  Answer sessions(const Request&, const config::PersonEntry*);
  Answer alerts(const Request&, const config::PersonEntry*);
  Answer policy(const Request&, const config::PersonEntry*);
  Answer change_policy(const Request& request, const config::PersonEntry* person);
  Answer change_parent(const Request& request, const config::PersonEntry* person);
  Answer release(const Request& request, const config::PersonEntry* person);
  Answer sequence(const Request& request, const config::PersonEntry* person);
  Answer prices(const Request& request, const config::PersonEntry* person);
  Answer acknowledge(const Request& request, const config::PersonEntry* person);
  // Asks the loop, and answers with what it said.
  Answer act(const std::string& person, gateway::Action action);
  Answer kill(const Request& request, const config::PersonEntry* person);
  Answer cut(const Request&, const config::PersonEntry*);
  Answer cancel_again(const Request& request, const config::PersonEntry* person);
  Answer rearm(const Request& request, const config::PersonEntry* person);
  Answer record(const Request& request, const config::PersonEntry* person);
  Answer test_button(const Request& request, const config::PersonEntry* person);
  Answer declare(const Request& request, const config::PersonEntry* person);
  // The names that a kill of that kind may have now; nullopt where any will do.
  [[nodiscard]] std::optional<std::vector<std::string>> known_names(
      killswitch::ScopeKind kind) const;

  static constexpr std::chrono::milliseconds loop_wait{2000};

  gateway::Desk& desk_;
  const Identity identity_;
  const Clock now_ns_;
  People people_;
  std::vector<std::string> hosts_;
  std::vector<std::string> routers_, venues_;
  gateway::PolicyView names_;  // as long as nothing is published
  const bool hardware_rearm_anywhere_;
  Flow flow_;
};

}  // namespace interlock::console

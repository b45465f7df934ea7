#include "console/api.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json.hpp>
#include <chrono>

#include "console/body.hpp"
#include "console/kill_form.hpp"
#include "console/metrics.hpp"
#include "console/view.hpp"

namespace interlock::console {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
constexpr milliseconds gate_wait{50};  // for the loop to acknowledge; later is "unconfirmed"
constexpr std::int64_t fresh_ns = 2'000'000'000;
constexpr std::string_view kill_target = "/api/v1/kill";

std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "Bearer ";
  if (!boost::istarts_with(authorization, scheme)) return {};
  return authorization.substr(scheme.size());
}

// Where a script cannot run, the token is in the form.
std::string token_of(const Request& request) {
  if (request.method != "POST" || request.target != kill_form_target)
    return std::string(bearer(request.authorization));
  const auto form = read_kill_form(request.body);
  const auto token = form ? form->find("token") : Form::const_iterator{};
  return form && token != form->end() ? token->second : std::string{};
}

bool is_json(std::string_view content_type) {
  const auto media = content_type.substr(0, content_type.find(';'));
  return boost::iequals(media.substr(0, media.find_last_not_of(' ') + 1), "application/json");
}

killswitch::Person person_for_rearm(const config::PersonEntry& entry) {
  return {entry.name, entry.token_hash, entry.may_kill, entry.may_rearm, entry.may_declare};
}

template <class Items>
std::vector<std::string> ids_of(const Items& items) {
  std::vector<std::string> ids;
  for (const auto& item : items) ids.push_back(item.id);
  return ids;
}

}  // namespace

Answer json_answer(unsigned status, const json::object& object) {
  return {status, json::serialize(object), "application/json", {}};
}

Answer error_answer(unsigned status, std::string_view code, std::string_view message,
                    std::string_view hint) {
  return json_answer(
      status, {{"error", json::object{{"code", code}, {"message", message}, {"hint", hint}}}});
}

Answer no_snapshot() {
  return error_answer(503, "not_ready", "the event loop has not published anything yet",
                      "it does so within a second of the start; see the log");
}

struct Api::Endpoint {
  std::string_view method, target;
  Right right;
  bool on_metrics;  // exists on the metrics port, and only there when it is /metrics
  Answer (Api::*handler)(const Request&, const config::PersonEntry*);
};

// Every way in. What is not listed does not exist.
const std::vector<Api::Endpoint>& Api::endpoints() {
  static const std::vector<Endpoint> table{
      {"GET", "/healthz", Right::none, true, &Api::healthz},
      {"GET", "/metrics", Right::none, true, &Api::metrics},
      {"GET", "/readyz", Right::none, false, &Api::readyz},
      {"GET", "/version", Right::none, false, &Api::version},
      {"GET", "/", Right::none, false, &Api::file},
      {"GET", "/console.css", Right::none, false, &Api::file},
      {"GET", "/console.mjs", Right::none, false, &Api::file},
      {"GET", "/kill.css", Right::none, false, &Api::file},
      {"GET", "/kill.mjs", Right::none, false, &Api::file},
      {"GET", "/rearm.mjs", Right::none, false, &Api::file},
      {"GET", "/tables.mjs", Right::none, false, &Api::file},
      {"GET", kill_form_target, Right::none, false, &Api::kill_page},
      {"POST", kill_form_target, Right::kill, false, &Api::kill_by_form},
      {"GET", "/api/v1/console", Right::view, false, &Api::console},
      {"GET", "/api/v1/scopes", Right::view, false, &Api::scopes},
      {"GET", "/api/v1/state", Right::view, false, &Api::state},
      {"GET", "/api/v1/parents", Right::view, false, &Api::parents},
      {"GET", "/api/v1/limits", Right::view, false, &Api::limits},
      {"GET", "/api/v1/sessions", Right::view, false, &Api::sessions},
      {"GET", "/api/v1/policy", Right::view, false, &Api::policy},
      {"POST", "/api/v1/policy", Right::limits, false, &Api::change_policy},
      {"POST", "/api/v1/release", Right::release, false, &Api::release},
      {"PUT", "/api/v1/prices", Right::prices, false, &Api::prices},
      {"GET", "/api/v1/alerts", Right::view, false, &Api::alerts},
      {"POST", "/api/v1/alerts", Right::acknowledge, false, &Api::acknowledge},
      {"POST", kill_target, Right::kill, false, &Api::kill},
      {"POST", "/api/v1/cut", Right::kill, false, &Api::cut},
      {"POST", "/api/v1/cancel", Right::kill, false, &Api::cancel_again},
      {"POST", "/api/v1/rearm", Right::rearm, false, &Api::rearm},
      {"POST", "/api/v1/sessions/sequence", Right::rearm, false, &Api::sequence},
      {"POST", "/api/v1/button", Right::kill, false, &Api::test_button},
      {"POST", "/api/v1/record", Right::limits, false, &Api::record},
      {"POST", "/api/v1/parents", Right::declare, false, &Api::declare},
      {"POST", "/api/v1/parents/change", Right::declare, false, &Api::change_parent},
  };
  return table;
}

std::vector<std::pair<std::string_view, std::string_view>> Api::changes() {
  std::vector<std::pair<std::string_view, std::string_view>> all;
  for (const Endpoint& endpoint : endpoints())
    if (endpoint.method != "GET") all.emplace_back(endpoint.method, endpoint.target);
  return all;
}

Api::Api(const config::Config& config, gateway::Desk& desk, Identity identity, Clock now_ns)
    : desk_(desk),
      identity_(std::move(identity)),
      now_ns_(std::move(now_ns)),
      people_(config.people),
      hosts_(config.http.hosts),
      routers_(ids_of(config.routers)),
      venues_(ids_of(config.venues)),
      hardware_rearm_anywhere_(config.hardware_rearm_anywhere) {
  names_.accounts = config.accounts;
  names_.symbols = config.symbols;
  names_.algos = config.algos;
  names_.traders = config.traders;
  names_.desks = config.desks;
}

Lane Api::lane(const Request& request) const {
  const bool is_kill = request.target == kill_target || request.target == kill_form_target;
  if (request.method != "POST" || !is_kill) return Lane::read;
  const auto token = token_of(request);
  const bool quick = request.door == Door::local || token.empty() || people_.knows(token);
  return quick ? Lane::kill : Lane::verify;
}

// A page of another site that reached us through the browser of one of our people.
bool Api::foreign(const Request& request) const {
  if (!request.origin.empty() && request.origin != "http://" + request.host &&
      request.origin != "https://" + request.host) {
    return true;
  }
  if (request.door != Door::console) return false;
  return std::ranges::none_of(
      hosts_, [&](const std::string& host) { return boost::iequals(host, request.host); });
}

Answer Api::answer(const Request& request) {
  if (foreign(request)) {
    return error_answer(403, "foreign_host",
                        "the Host or Origin of the request is not this console",
                        "name it in [http] hosts, or use the console's own address");
  }
  std::vector<std::string_view> methods;
  for (const Endpoint& endpoint : endpoints()) {
    const bool exists =
        request.door == Door::metrics ? endpoint.on_metrics : endpoint.handler != &Api::metrics;
    if (!exists || endpoint.target != request.target) continue;
    if (endpoint.method == request.method) return serve(endpoint, request);
    methods.push_back(endpoint.method);
  }
  if (methods.empty()) {
    return error_answer(404, "not_found", "there is nothing at this address on this port",
                        "the addresses are listed in docs/api.md");
  }
  auto refused = error_answer(405, "method_not_allowed", "this address has no such method",
                              fmt::format("use {}", fmt::join(methods, " or ")));
  refused.allow = fmt::format("{}", fmt::join(methods, ", "));
  return refused;
}

const config::PersonEntry* Api::person_of(const Request& request) {
  return people_.owner(token_of(request));
}

Answer Api::serve(const Endpoint& endpoint, const Request& request) {
  if (endpoint.handler == &Api::kill_by_form) {
    if (is_form(request.content_type)) return kill_by_form(request, nullptr);
    return error_answer(415, "not_a_form", "this address takes only its own form",
                        "GET it; programs use POST /api/v1/kill");
  }
  const bool empty_kill = endpoint.target == kill_target && request.body.empty();
  if (request.method != "GET" && !empty_kill && !is_json(request.content_type)) {
    return error_answer(415, "not_json", "a POST or PUT needs Content-Type: application/json",
                        "a kill of everything may have an empty body and no type");
  }
  const bool by_file_permission = request.door == Door::local &&
                                  (endpoint.right == Right::view || endpoint.right == Right::kill);
  if (endpoint.right == Right::none || by_file_permission) {
    return (this->*endpoint.handler)(request, nullptr);
  }
  const auto* person = person_of(request);
  if (!person) {
    return error_answer(
        401, "unknown_person", "no person has this token",
        "send Authorization: Bearer TOKEN; on the host, `interlock kill` needs none");
  }
  if (!may(*person, endpoint.right)) {
    return error_answer(403, "not_permitted", fmt::format("{} may not do this", person->name),
                        "rights are in [[person]] of the configuration");
  }
  return (this->*endpoint.handler)(request, person);
}

bool Api::may(const config::PersonEntry& person, Right right) {
  switch (right) {
    case Right::none:
      return true;
    case Right::view:
      return person.may_view;
    case Right::kill:
      return person.may_kill;
    case Right::rearm:
      return person.may_rearm;
    case Right::declare:
      return person.may_declare;
    case Right::limits:
      return person.may_limits;
    case Right::acknowledge:
      return person.may_acknowledge;
    case Right::release:
      return person.may_release;
    case Right::prices:
      return person.may_prices || person.may_limits;
  }
  return false;
}

Answer Api::healthz(const Request&, const config::PersonEntry*) {
  return json_answer(200, {{"status", "alive"}});
}

Answer Api::readyz(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  if (!snapshot) return no_snapshot();
  const std::int64_t age_ns = now_ns_() - snapshot->time_ns;
  if (age_ns >= fresh_ns) {
    return error_answer(503, "stale",
                        fmt::format("the event loop was last heard {} ms ago", age_ns / 1'000'000),
                        "whether trading is on is not known; see the log of the process");
  }
  if (snapshot->state != "armed") {
    return error_answer(503, "not_armed", fmt::format("the gate is {}", snapshot->state),
                        "see /api/v1/state for the kills in force");
  }
  return json_answer(200, {{"status", "armed"}});
}

Answer Api::version(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  return json_answer(200, version_page(snapshot ? identity_now(identity_, *snapshot) : identity_));
}

Answer Api::metrics(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  if (!snapshot) return no_snapshot();
  return {200, metrics_text(*snapshot, identity_, now_ns_()), "text/plain; version=0.0.4", {}};
}

Answer Api::state(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  return snapshot ? json_answer(200, state_page(*snapshot, identity_, now_ns_())) : no_snapshot();
}

Answer Api::parents(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  return snapshot ? json_answer(200, parents_page(*snapshot, now_ns_())) : no_snapshot();
}

Answer Api::limits(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  return snapshot ? json_answer(200, limits_page(*snapshot, now_ns_())) : no_snapshot();
}

Answer Api::sessions(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  return snapshot ? json_answer(200, sessions_page(*snapshot, now_ns_())) : no_snapshot();
}

Answer Api::alerts(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  return snapshot ? json_answer(200, alerts_page(*snapshot, now_ns_())) : no_snapshot();
}

Answer Api::policy(const Request&, const config::PersonEntry*) {
  const auto snapshot = desk_.snapshot();
  return snapshot ? json_answer(200, policy_page(*snapshot, now_ns_())) : no_snapshot();
}

Answer Api::act(const std::string& person, gateway::Action action) {
  using enum gateway::ActionOutcome::Answer;
  const auto outcome = desk_.act(person, std::move(action), loop_wait);
  switch (outcome.answer) {
    case done:
      return json_answer(200, action_answer(outcome));
    case proposed:
      return json_answer(202, action_answer(outcome));
    case unknown:
      return error_answer(404, "not_found", outcome.text, "nothing was done");
    case conflict:
      return error_answer(409, "conflict", outcome.text, "nothing was done");
    case refused:
      return error_answer(422, "refused", outcome.text, "nothing was done");
    case no_answer:
      break;
  }
  return error_answer(503, "no_answer", outcome.text, "ask again; see /api/v1/state");
}

std::optional<std::vector<std::string>> Api::known_names(killswitch::ScopeKind kind) const {
  using enum killswitch::ScopeKind;
  // The firm has no name, and a parent may come later; a kill of them waits for no snapshot.
  if (kind == firm || kind == parent) return std::nullopt;
  if (kind == router) return routers_;
  if (kind == venue) return venues_;
  const auto snapshot = desk_.snapshot();
  const gateway::PolicyView& policy = snapshot && snapshot->policy ? *snapshot->policy : names_;
  if (kind == account) return policy.accounts;
  if (kind == symbol) return policy.symbols;
  if (kind == algo) return policy.algos;
  if (kind == trader) return policy.traders;
  if (kind == desk) return policy.desks;
  return std::nullopt;
}

Answer Api::kill(const Request& request, const config::PersonEntry* person) {
  auto body = read_kill(request.body);
  if (!body) {
    return error_answer(400, "bad_body", body.error(),
                        "nothing was killed; an empty body kills everything");
  }
  const auto known = known_names(body->scope.kind);
  if (known && std::ranges::find(*known, body->scope.id) == known->end()) {
    return error_answer(404, "unknown_scope",
                        fmt::format("no {} '{}'; nothing was killed",
                                    killswitch::name(body->scope.kind), body->scope.id),
                        fmt::format("known: {}", fmt::join(*known, ", ")));
  }
  const auto source =
      request.door == Door::local ? killswitch::Source::socket : killswitch::Source::http;
  return json_answer(
      200, kill_answer(desk_.kill(
               std::move(body->scope), body->level, source, person ? person->name : request.peer,
               body->reason.empty() ? "no reason given" : body->reason, gate_wait)));
}

Answer Api::rearm(const Request& request, const config::PersonEntry* person) {
  const auto body = read_rearm(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "see docs/api.md, rearm");
  constexpr std::string_view hint = "`interlock rearm status` lists the kills and what is missing";
  const bool on_host = request.door == Door::local;
  if (body->approve) {
    const auto cleared =
        desk_.rearm_approve(body->kill_id, person_for_rearm(*person), body->words, on_host);
    if (!cleared) return error_answer(409, "not_rearmed", cleared.error(), hint);
    return json_answer(200, rearm_answer(*cleared));
  }
  const auto begun =
      desk_.rearm_begin(body->kill_id, person_for_rearm(*person), body->words, on_host);
  if (!begun) return error_answer(409, "not_begun", begun.error(), hint);
  return json_answer(200, rearm_answer(*begun));
}

}  // namespace interlock::console

#include "config/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "config/build.hpp"
#include "config/digest.hpp"
#include "config/forms.hpp"
#include "config/pin.hpp"
#include "config/values.hpp"

namespace interlock::config {
namespace {

constexpr std::int64_t schema = 1;

// The policy's version: the beginning of the configuration's hash, as a number.
std::uint64_t version_of(std::string_view hash) {
  std::uint64_t version = 0;
  std::from_chars(hash.data(), hash.data() + 8, version, 16);
  return version;
}

void read_path(const Build& build, Section& section, std::string_view key, std::string_view why,
               std::filesystem::path& path) {
  std::string text;
  if (section.require(key, text, printable_form(4096), why)) path = build.base / text;
}

void read_schema(Section& root) {
  std::int64_t found = schema;
  root.require("schema", found, count_form(schema, schema),
               "another schema may mean other things by the same keys");
}

void read_node(Build& build, Section& root) {
  const auto* table = root.require_table("node", "this gateway has no name");
  if (table == nullptr) return;
  Section node(build.source, *table, "[node]");
  node.require("name", build.config.node, name_form(), "refusals and records carry it");
  node.require("environment", build.config.environment, name_form(), "each page shows it");
  node.require("currency", build.config.currency, currency_form(),
               "each amount of the policy is in it");
  read_path(build, node, "state_dir", "the kill latch lives there", build.config.state_dir);
  read_path(build, node, "secrets", "no secret stands in this file", build.config.secrets_file);
}

void read_stops(Build& build, Section& root) {
  auto& config = build.config;
  config.drain = risk::seconds(5);
  if (const auto* table = root.require_table("stop", "what a stop does with open orders")) {
    Section stop(build.source, *table, "[stop]");
    stop.require("cancel_open", config.cancel_on_stop, boolean_form(),
                 "what a stop does with open orders is never a default");
    stop.read("drain", config.drain, duration_form());
  }
}

void read_audit(Build& build, Section& root) {
  const auto* table = root.require_table("audit", "nothing may be sent that is not recorded");
  if (table == nullptr) return;
  Section audit(build.source, *table, "[audit]");
  read_path(build, audit, "dir", "the journal lives there", build.config.audit_dir);
  if (audit.read("segment", build.config.audit_segment_bytes, bytes_form()) &&
      build.config.audit_segment_bytes < (1 << 20))
    audit.error("segment", "a segment is smaller than 1 MiB", "write \"64 MiB\"");
  audit.read(
      "durability", build.config.durability,
      choice_form<Durability>({{"process", Durability::process}, {"power", Durability::power}}));
  std::string path;
  if (audit.read("copy_dir", path, printable_form(4096)))
    build.config.audit_copy_dir = build.base / path;
  if (audit.read("signer", path, printable_form(100))) build.config.signer = build.base / path;
  if (audit.read("key_life", build.config.key_life, duration_form()) &&
      build.config.key_life < risk::seconds(60))
    audit.error("key_life", "a key lives for less than a minute", "write \"24 h\"");
}

void read_clock(Build& build, Section& root) {
  const auto* table = root.table("clock");
  if (table == nullptr) return;
  ClockWatch& watch = build.config.clock_watch;
  Section clock(build.source, *table, "[clock]");
  clock.read("max_error", watch.max_error, duration_form());
  clock.read("on_doubt", watch.blocks, choice_form<bool>({{"alarm", false}, {"block", true}}));
}

void read_loop(Build& build, Section& root) {
  const auto* table = root.table("loop");
  if (table == nullptr) return;
  LoopThread& thread = build.config.loop;
  Section loop(build.source, *table, "[loop]");
  std::int64_t pin = 0;
  if (loop.read("pin", pin, count_form(0, processors_max - 1))) {
    thread.pin = static_cast<std::uint32_t>(pin);
    thread.pin_line = loop.line("pin");
  }
  loop.read("busy_poll", thread.busy_poll, duration_form());
}

void read_http(Build& build, Section& root) {
  auto& http = build.config.http;
  const auto* table = root.require_table("http", "the console and the metrics need an address");
  if (table == nullptr) return;
  Section section(build.source, *table, "[http]");
  section.require("console", http.console, address_form(), "people and commands reach us there");
  section.require("metrics", http.metrics, address_form(), "a port that can only be read");
  section.read_list("hosts", http.hosts, printable_form(255));
  if (!http.console.host.empty() && !is_loopback(http.console.host))
    section.warning("console", "the console is on a network, and speaks no TLS",
                    "tokens cross that network in clear; put a TLS proxy in front");
  if (http.hosts.empty() && !http.console.host.empty())
    http.hosts = {http.console.host.find(':') == std::string::npos
                      ? fmt::format("{}:{}", http.console.host, http.console.port)
                      : fmt::format("[{}]:{}", http.console.host, http.console.port)};
  const bool same = http.console.host == http.metrics.host &&
                    http.console.port == http.metrics.port && http.console.port != 0;
  if (same && !http.console.host.empty())
    section.error("metrics", "metrics and console have the same address",
                  "the metrics port can only be read");
}

void check_listen(Build& build, Section& root) {
  for (const auto* end : {&build.config.http.console, &build.config.http.metrics})
    for (const auto* session : build.config.acceptors())
      if (end->port != 0 && end->port == session->listen.port && end->host == session->listen.host)
        root.error("http", fmt::format("{} listens on an address of [http]", session->id));
}

void read_all(Build& build, Section& root) {
  read_schema(root);
  read_node(build, root);
  read_policy(build, root);
  read_dialects(build, root);
  read_venues(build, root);
  read_routers(build, root);
  read_routes(build, root);
  read_copies(build, root);
  check_limits(build, root);
  read_reference(build, root);
  read_kill(build, root);
  read_stops(build, root);
  read_audit(build, root);
  read_clock(build, root);
  read_loop(build, root);
  read_http(build, root);
  check_listen(build, root);
  read_people(build, root);
  if (build.config.routers.empty()) root.error({}, "there is no [[router]]: nobody could trade");
  if (build.config.venues.empty()) root.error({}, "there is no [[venue]]: nobody could trade");
}

}  // namespace

const Rationale* Config::rationale_of(std::uint32_t line) const {
  const auto found = rationales.find(line);
  return found == rationales.end() ? nullptr : &found->second;
}

std::vector<const Acceptor*> Config::acceptors() const {
  std::vector<const Acceptor*> all;
  for (const auto& router : routers) all.push_back(&router);
  for (const auto& tee : tees) all.push_back(&tee);
  for (const auto& copy : drop_copies) all.push_back(&copy);
  return all;
}

std::vector<const Connector*> Config::connectors() const {
  std::vector<const Connector*> all;
  for (const auto& venue : venues) all.push_back(&venue);
  for (const auto& copy : venue_drop_copies) all.push_back(&copy);
  return all;
}

risk::Directory Config::directory() const {
  risk::Directory directory;
  for (const auto& router : routers) static_cast<void>(directory.routers.intern(router.id));
  for (const auto& venue : venues) static_cast<void>(directory.venues.intern(venue.id));
  for (const auto& account : accounts) static_cast<void>(directory.accounts.intern(account));
  for (const auto& symbol : symbols) static_cast<void>(directory.symbols.intern(symbol));
  for (const auto& algo : algos) static_cast<void>(directory.algos.intern(algo));
  for (const auto& trader : traders) static_cast<void>(directory.traders.intern(trader));
  for (const auto& desk : desks) static_cast<void>(directory.desks.intern(desk));
  for (const auto& one : currencies) static_cast<void>(directory.currencies.intern(one));
  return directory;
}

Loaded parse(std::string_view text, const std::filesystem::path& name,
             const std::filesystem::path& base) {
  Loaded loaded;
  Source source(name.string(), std::string(text), loaded.problems);
  if (source.root() == nullptr) return loaded;
  Build build{.source = source, .problems = loaded.problems, .base = base};
  build.config.file = name;
  build.config.base = base;
  build.config.hash = sha256(
      {text, built_in_text("FIX.4.2"), built_in_text("FIX.4.4"), built_in_text("FIX.5.0SP2")});
  build.config.limits.version = version_of(build.config.hash);
  {
    Section root(source, *source.root(), "the file");
    read_all(build, root);
  }
  read_secrets(build);
  read_parents(build);
  read_lists(build);
  // The other files' problems stand behind, in the order of reading.
  const auto others = std::ranges::stable_partition(
      loaded.problems, [&](const Problem& problem) { return problem.file == source.file(); });
  std::ranges::stable_sort(loaded.problems.begin(), others.begin(), {}, [](const Problem& problem) {
    return std::pair(problem.line, problem.column);
  });
  if (!any_error(loaded.problems)) loaded.config = std::move(build.config);
  return loaded;
}

Loaded load(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (text) return parse(*text, file, file.parent_path());
  Loaded loaded;
  loaded.problems.push_back(problem_of(file, "cannot read the configuration"));
  return loaded;
}

}  // namespace interlock::config

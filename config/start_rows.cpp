#include "config/start_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "config/digest.hpp"
#include "config/values.hpp"

namespace interlock::config {
namespace {

// One table of the file, whose keys are read at a start only.
class Table {
 public:
  Table(std::vector<PolicyRow>& rows, std::string name, std::uint32_t line)
      : rows_(rows), name_(std::move(name)), line_(line) {}

  void add(std::string_view key, std::string value) {
    rows_.push_back({"start", name_, std::string(key), std::move(value), line_, {}, {}, {}});
  }

 private:
  std::vector<PolicyRow>& rows_;
  std::string name_;
  std::uint32_t line_;
};

std::string text_of(const Address& address) {
  return fmt::format("{} port {}", address.host, address.port);
}

std::string text_of(bool value) { return value ? "true" : "false"; }

// As it was written, wherever the file stands.
std::string text_of(const Config& config, const std::filesystem::path& path) {
  return path.lexically_relative(config.base).string();
}

std::string text_of(const std::vector<ParentKey>& keys) {
  std::string text;
  for (const auto& key : keys)
    text += fmt::format("[{} {} {} {}]", key.tag, key.pattern ? key.pattern->text() : "", key.where,
                        key.is);
  return text;
}

std::string text_of(const AttributionKey& key) {
  return key.role.empty() ? std::to_string(key.tag) : "party " + key.role;
}

// Secrets never stand in a row; that they changed has to.
std::string digest_of(const std::vector<std::pair<Tag, std::string>>& fields) {
  if (fields.empty()) return "none";
  std::string all;
  for (const auto& [tag, value] : fields) all += fmt::format("{}={}\n", tag, value);
  return sha256({all}).substr(0, 16);
}

std::string_view word(OnDisconnect value) {
  return value == OnDisconnect::cancel ? "cancel" : "keep";
}

std::string_view word(ChildWithoutParent value) {
  switch (value) {
    case ChildWithoutParent::reject:
      return "reject";
    case ChildWithoutParent::from_tag:
      return "from_tag";
    case ChildWithoutParent::cap:
      return "cap";
  }
  return "?";
}

std::string_view word(SequenceReset value) {
  switch (value) {
    case SequenceReset::never:
      return "never";
    case SequenceReset::daily:
      return "daily";
    case SequenceReset::on_logon:
      return "on_logon";
  }
  return "?";
}

void add_session(Table& table, const Session& session) {
  table.add("dialect", fmt::format("{} of {}", session.dialect->name, session.dialect->version));
  table.add("comp_id", fmt::format("{} {}", session.comp_id.ours, session.comp_id.theirs));
  table.add("sequence_reset", std::string(word(session.sequence_reset)));
  table.add("schedule", text_of(session.schedule));
  table.add("heartbeat", fmt::format("{} s", session.heartbeat_s));
  table.add("out_buffer", fmt::format("{} B", session.out_buffer_max));
}

void add_acceptor(Table& table, const Acceptor& acceptor) {
  add_session(table, acceptor);
  table.add("listen", text_of(acceptor.listen));
  table.add("allow", fmt::format("{}", fmt::join(acceptor.allow, " ")));
  std::vector<std::pair<Tag, std::string>> credentials;
  for (const auto& credential : acceptor.credentials)
    credentials.emplace_back(credential.tag, credential.hash);
  table.add("credentials", digest_of(credentials));
  table.add("logon_deadline", config::text_of(acceptor.logon_deadline));
  table.add("connections_max", std::to_string(acceptor.connections_max));
}

void add_connector(Table& table, const Connector& connector) {
  add_session(table, connector);
  std::vector<std::string> addresses;
  for (const auto& address : connector.connect) addresses.push_back(text_of(address));
  table.add("connect", fmt::format("{}", fmt::join(addresses, ", ")));
  table.add("logon", digest_of(connector.logon_fields));
  table.add("reconnect", fmt::format("{} s", connector.reconnect_s));
}

void add_router(std::vector<PolicyRow>& rows, const Router& router) {
  Table table(rows, "router " + router.id, router.line);
  add_acceptor(table, router);
  table.add("on_disconnect", std::string(word(router.on_disconnect)));
  table.add("late_raise_wait", config::text_of(router.late_raise_wait));
  table.add("parent_id", text_of(router.parent_keys));
  table.add("orders_without_parent", std::string(word(router.orders_without_parent)));
  table.add("parent_size_tag", std::to_string(router.parent_size_tag));
  table.add("pass_header", fmt::format("{}", fmt::join(router.pass_header, " ")));
  table.add("reject_codes", router.reject_codes == RejectCodes::standard ? "standard" : "extended");
  table.add("account", router.account);
  table.add(
      "tags of algo, trader and desk",
      fmt::format("{} {} {}", text_of(router.algo), text_of(router.trader), text_of(router.desk)));
}

void add_venue(std::vector<PolicyRow>& rows, const Venue& venue) {
  Table table(rows, "venue " + venue.id, venue.line);
  add_connector(table, venue);
  table.add("on_disconnect", std::string(word(venue.on_disconnect)));
  table.add("cl_ord_id_max", std::to_string(venue.cl_ord_id_max));
  table.add("ex_destination", venue.ex_destination);
  table.add("cut_after", venue.cut_after ? config::text_of(*venue.cut_after) : "never");
  table.add("stalled_after", config::text_of(venue.stalled_after));
  table.add("mass_cancel", text_of(venue.mass_cancel));
  table.add("order_status", text_of(venue.order_status));
  table.add("mass_status", text_of(venue.mass_status));
  std::string periods;
  for (const DailyPeriod& period : venue.no_cancel)
    periods += fmt::format("{}-{} s of the day ", period.from_s, period.to_s);
  table.add("no_cancel", periods);
}

void add_tee(std::vector<PolicyRow>& rows, const Tee& tee) {
  Table table(rows, "tee " + tee.id, tee.line);
  add_acceptor(table, tee);
  table.add("for_router", tee.for_router);
  table.add("parent_id", text_of(tee.parent_keys));
  table.add("account", tee.account);
  table.add("cancel_grace", config::text_of(tee.cancel_grace));
}

void add_drop_copy(std::vector<PolicyRow>& rows, const DropCopy& copy) {
  Table table(rows, "drop_copy " + copy.id, copy.line);
  add_acceptor(table, copy);
  table.add("routers", fmt::format("{}", fmt::join(copy.routers, " ")));
  table.add("accounts", fmt::format("{}", fmt::join(copy.accounts, " ")));
  table.add("rejects", text_of(copy.rejects));
}

void add_venue_drop_copy(std::vector<PolicyRow>& rows, const VenueDropCopy& copy) {
  Table table(rows, "venue_drop_copy " + copy.id, copy.line);
  add_connector(table, copy);
  table.add("venue", copy.venue);
  table.add("wait", config::text_of(copy.wait));
  table.add("max_differences", std::to_string(copy.max_differences));
}

void add_node(std::vector<PolicyRow>& rows, const Config& config) {
  Table node(rows, "node", 0);
  node.add("name", config.node);
  node.add("environment", config.environment);
  node.add("currency", config.currency);
  node.add("state_dir", text_of(config, config.state_dir));
  node.add("dialects", config.dialects_hash.substr(0, 16));
  Table kill(rows, "kill", 0);
  kill.add("on_start", config.resume_if_unchanged ? "resume_if_unchanged" : "killed");
  kill.add("touch_file", text_of(config, config.touch_file));
  kill.add("page", config.guard_page.string());
  kill.add("hardware_rearm", config.hardware_rearm_anywhere ? "anywhere" : "on_host");
  Table(rows, "session", 0)
      .add("open", fmt::format("{}; pre-open {}", text_of(config.trading.open),
                               config.trading.has_pre_open ? text_of(config.trading.pre_open)
                                                           : std::string("none")));
  Table(rows, "day", 0).add("roll", text_of(config.day));
  Table stop(rows, "stop", 0);
  stop.add("cancel_open", text_of(config.cancel_on_stop));
  stop.add("drain", config::text_of(config.drain));
  Table audit(rows, "audit", 0);
  audit.add("dir", text_of(config, config.audit_dir));
  audit.add("segment", fmt::format("{} B", config.audit_segment_bytes));
  audit.add("durability", config.durability == Durability::power ? "power" : "process");
  audit.add("copy_dir", text_of(config, config.audit_copy_dir));
  audit.add("signer", text_of(config, config.signer));
  audit.add("key_life", config::text_of(config.key_life));
  Table clock(rows, "clock", 0);
  clock.add("max_error", config::text_of(config.clock_watch.max_error));
  clock.add("on_doubt", config.clock_watch.blocks ? "block" : "alarm");
  Table loop(rows, "loop", 0);
  loop.add("pin", config.loop.pin ? std::to_string(*config.loop.pin) : "none");
  loop.add("busy_poll",
           config.loop.busy_poll.ns == 0 ? "none" : config::text_of(config.loop.busy_poll));
  Table http(rows, "http", 0);
  http.add("console", text_of(config.http.console));
  http.add("metrics", text_of(config.http.metrics));
  http.add("hosts", fmt::format("{}", fmt::join(config.http.hosts, " ")));
}

std::string text_of(const killswitch::Device& device) {
  using namespace killswitch;
  if (const auto* gpio = std::get_if<GpioDevice>(&device))
    return fmt::format("gpio {} lines {} pressed {} active_low {} bias {}", gpio->chip.string(),
                       fmt::join(gpio->lines, " "), gpio->pressed_is_open ? "open" : "closed",
                       gpio->active_low, static_cast<int>(gpio->bias));
  if (const auto* evdev = std::get_if<EvdevDevice>(&device))
    return fmt::format("evdev {} key {} pressed {}", evdev->device.string(), evdev->key,
                       evdev->pressed_is_up ? "up" : "down");
  if (const auto* hidraw = std::get_if<HidrawDevice>(&device))
    return fmt::format("hidraw {} profile {} byte {} mask {} pressed {}", hidraw->device.string(),
                       static_cast<int>(hidraw->profile), hidraw->byte, hidraw->mask,
                       hidraw->pressed_is_set ? "set" : "clear");
  if (const auto* serial = std::get_if<SerialDevice>(&device)) {
    std::string loops;
    for (const auto loop : serial->loops) loops += fmt::format(" {}", static_cast<int>(loop));
    return fmt::format("serial {} loops{} test_every {} ns", serial->device.string(), loops,
                       serial->test_every_ns);
  }
  return "sim " + std::get<SimulatedDevice>(device).socket.string();
}

void add_button(std::vector<PolicyRow>& rows, const killswitch::ButtonSettings& button) {
  Table table(rows, "button " + button.id, 0);
  table.add("scope", fmt::format("{} {}", name(button.scope.kind), button.scope.id));
  table.add("device", text_of(button.device));
  table.add("on_loss", fmt::format("{} {} ns", static_cast<int>(button.on_loss.action),
                                   button.on_loss.after_ns));
  table.add("times",
            fmt::format("confirm {} release {} discrepancy {} ns; chatter {}", button.confirm_ns,
                        button.release_ns, button.discrepancy_ns, button.chatter_max));
}

// Orders of the journal are read again by these names, so they hold until a restart.
void add_identities(std::vector<PolicyRow>& rows, const Identities& identities) {
  std::map<std::string, std::string> names;
  for (const auto& [name, account] : identities.accounts) names[account] += name + " ";
  for (const auto& [account, text] : names) Table(rows, "account " + account, 0).add("names", text);
  for (const auto& [symbol, instrument] : identities.instruments) {
    std::string text = fmt::format("{} {}", instrument.symbol, instrument.suffix);
    for (const auto& [source, id] : instrument.ids) text += fmt::format(" [{} {}]", source, id);
    Table(rows, "symbol " + symbol, 0).add("instrument", text);
  }
}

void add_person(std::vector<PolicyRow>& rows, const PersonEntry& person) {
  Table table(rows, "person " + person.name, 0);
  std::vector<std::string_view> may;
  if (person.may_view) may.emplace_back("view");
  if (person.may_kill) may.emplace_back("kill");
  if (person.may_rearm) may.emplace_back("rearm");
  if (person.may_declare) may.emplace_back("declare");
  if (person.may_limits) may.emplace_back("limits");
  if (person.may_acknowledge) may.emplace_back("acknowledge");
  if (person.may_release) may.emplace_back("release");
  if (person.may_prices) may.emplace_back("prices");
  table.add("may", fmt::format("{}", fmt::join(may, " ")));
  table.add("token", digest_of({{0, person.token_hash}}));
}

}  // namespace

std::vector<PolicyRow> start_rows(const Config& config) {
  std::vector<PolicyRow> rows;
  add_node(rows, config);
  for (const auto& button : config.buttons) add_button(rows, button);
  for (const auto& router : config.routers) add_router(rows, router);
  for (const auto& venue : config.venues) add_venue(rows, venue);
  for (const auto& tee : config.tees) add_tee(rows, tee);
  for (const auto& copy : config.drop_copies) add_drop_copy(rows, copy);
  for (const auto& copy : config.venue_drop_copies) add_venue_drop_copy(rows, copy);
  for (const auto& route : config.routes)
    Table(rows, fmt::format("route {} {}", route.router, route.venue), route.line)
        .add("by", route.by_ex_destination ? "ExDestination" : "fixed");
  add_identities(rows, config.identities);
  for (const auto& person : config.people) add_person(rows, person);
  return rows;
}

}  // namespace interlock::config

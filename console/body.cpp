#include "console/body.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <initializer_list>

#include "config/line.hpp"

namespace interlock::console {
namespace {

namespace json = boost::json;
constexpr std::size_t name_bytes_max = 128;
constexpr std::size_t text_bytes_max = 500;
constexpr std::uint64_t raise_s_max = 86'400;

// Counts the keys of a text that is JSON: the document keeps only the last of two equal ones.
struct KeyCounter {
  static constexpr std::size_t max_object_size = -1;
  static constexpr std::size_t max_array_size = -1;
  static constexpr std::size_t max_key_size = -1;
  static constexpr std::size_t max_string_size = -1;
  std::size_t keys = 0;

  bool on_key(json::string_view, std::size_t, json::error_code&) { return ++keys != 0; }
  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t, json::error_code&) { return true; }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t, json::error_code&) { return true; }
  bool on_key_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string_part(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_string(json::string_view, std::size_t, json::error_code&) { return true; }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
  bool on_double(double, json::string_view, json::error_code&) { return true; }
  bool on_bool(bool, json::error_code&) { return true; }
  bool on_null(json::error_code&) { return true; }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

std::size_t count_keys(std::string_view body) {
  json::basic_parser<KeyCounter> parser{json::parse_options{}};
  json::error_code error;
  parser.write_some(false, body.data(), body.size(), error);
  return parser.handler().keys;
}

std::size_t keys_of(const json::value& value) {
  std::size_t keys = 0;
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) keys += keys_of(item);
  }
  if (const auto* object = value.if_object()) {
    for (const auto& item : *object) keys += 1 + keys_of(item.value());
  }
  return keys;
}

using Keys = std::initializer_list<std::string_view>;

std::expected<json::object, std::string> read_object(std::string_view body, Keys keys) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 4;
  const auto value = json::parse(body, error, {}, options);
  if (error) return std::unexpected(fmt::format("the body is not JSON: {}", error.message()));
  if (!value.is_object()) return std::unexpected("the body is not a JSON object");
  if (count_keys(body) != keys_of(value)) {
    return std::unexpected("a key stands twice in the body");
  }
  for (const auto& item : value.get_object()) {
    if (std::find(keys.begin(), keys.end(), std::string_view{item.key()}) != keys.end()) continue;
    return std::unexpected(fmt::format("unknown key '{}'; known are {}",
                                       std::string_view{item.key()}, fmt::join(keys, ", ")));
  }
  return value.get_object();
}

// The text of a key, empty when it is absent.
std::expected<std::string, std::string> text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value) return std::string{};
  if (!value->is_string()) return std::unexpected(fmt::format("'{}' is not a text", key));
  return std::string{value->get_string()};
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

std::expected<std::string, std::string> name_of(const json::object& object, std::string_view key) {
  auto text = text_of(object, key);
  if (!text) return text;
  if (text->size() > name_bytes_max) {
    return std::unexpected(fmt::format("'{}' is longer than {} bytes", key, name_bytes_max));
  }
  if (!printable(*text)) return std::unexpected(fmt::format("'{}' has control characters", key));
  return text;
}

std::expected<std::string, std::string> required(const json::object& object, std::string_view key) {
  auto text = name_of(object, key);
  if (text && text->empty()) return std::unexpected(fmt::format("'{}' is missing", key));
  return text;
}

// Words of people: cut, not refused, and never able to break a line of a report.
std::string words(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  if (text.size() <= text_bytes_max) return text;
  std::size_t end = text_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // UTF-8 tails
  return text.substr(0, end);
}

bool only_spaces(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::expected<std::uint64_t, std::string> number_of(const json::object& object,
                                                    std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value && (value->is_int64() || value->is_uint64())) {
    boost::system::error_code error;
    const auto number = value->to_number<std::uint64_t>(error);
    if (!error) return number;
  }
  return std::unexpected(fmt::format("'{}' is missing or not a whole number", key));
}

// Why a person does it: never left out.
std::expected<std::string, std::string> reason_of(const json::object& object) {
  const auto reason = text_of(object, "reason");
  if (!reason) return reason;
  if (only_spaces(*reason)) return std::unexpected("'reason' is missing: say why, in words");
  return words(*reason);
}

std::expected<std::string, std::string> fix_side(const std::string& side) {
  if (side == "buy") return "1";
  if (side == "sell") return "2";
  if (side == "sell_short") return "5";
  const bool fix_character = side.size() == 1 && ((side[0] >= '1' && side[0] <= '9') ||
                                                  (side[0] >= 'A' && side[0] <= 'G'));
  if (fix_character) return side;
  return std::unexpected(
      fmt::format("side '{}' is not buy, sell, sell_short or a character of FIX tag 54", side));
}

}  // namespace

std::expected<KillBody, std::string> read_kill(std::string_view body) {
  KillBody kill;
  if (only_spaces(body)) return kill;
  const auto object = read_object(body, {"scope", "id", "level", "reason"});
  if (!object) return std::unexpected(object.error());
  const auto scope = name_of(*object, "scope");
  if (!scope) return std::unexpected(scope.error());
  const auto id = name_of(*object, "id");
  if (!id) return std::unexpected(id.error());
  const auto reason = text_of(*object, "reason");
  if (!reason) return std::unexpected(reason.error());
  const auto word = name_of(*object, "level");
  if (!word) return std::unexpected(word.error());
  const auto level =
      object->contains("level") ? killswitch::level_of(*word) : killswitch::Level::kill;
  if (!level) {
    return std::unexpected(fmt::format("level '{}' is not reduce-only, block or kill", *word));
  }
  const auto kind =
      object->contains("scope") ? killswitch::scope_kind_of(*scope) : killswitch::ScopeKind::firm;
  if (!kind) {
    return std::unexpected(fmt::format(
        "scope '{}' is not everything, firm, router, venue, account, symbol, parent, algo, trader "
        "or desk",
        *scope));
  }
  if (*kind == killswitch::ScopeKind::firm && !id->empty()) {
    return std::unexpected("scope 'firm' is everything and takes no 'id'");
  }
  if (*kind != killswitch::ScopeKind::firm && id->empty()) {
    return std::unexpected(fmt::format("scope '{}' needs an 'id'", *scope));
  }
  kill.scope = {*kind, *id};
  kill.level = *level;
  kill.reason = words(*reason);
  return kill;
}

std::expected<gateway::Acknowledge, std::string> read_acknowledge(std::string_view body) {
  const auto object = read_object(body, {"action", "id", "reason"});
  if (!object) return std::unexpected(object.error());
  const auto action = required(*object, "action");
  if (!action) return std::unexpected(action.error());
  if (*action != "acknowledge") return std::unexpected("'action' is not acknowledge");
  const auto id = number_of(*object, "id");
  if (!id) return std::unexpected(id.error());
  auto reason = reason_of(*object);
  if (!reason) return std::unexpected(reason.error());
  return gateway::Acknowledge{*id, *std::move(reason)};
}

namespace {

std::expected<gateway::Action, std::string> read_reload(std::string_view body) {
  const auto object = read_object(body, {"action", "file", "reason"});
  if (!object) return std::unexpected(object.error());
  auto file = text_of(*object, "file");
  if (!file) return std::unexpected(file.error());
  if (!printable(*file)) return std::unexpected("'file' has control characters");
  auto reason = reason_of(*object);
  if (!reason) return std::unexpected(reason.error());
  return gateway::Reload{*std::move(file), *std::move(reason)};
}

std::expected<gateway::Action, std::string> read_raise(std::string_view body) {
  const auto object =
      read_object(body, {"action", "scope", "id", "key", "value", "for_s", "reason"});
  if (!object) return std::unexpected(object.error());
  gateway::RaiseLimit raise;
  const auto scope = required(*object, "scope");
  if (!scope) return std::unexpected(scope.error());
  const auto kind = killswitch::scope_kind_of(*scope);
  if (!kind) return std::unexpected(fmt::format("there is no scope '{}'", *scope));
  raise.scope.kind = *kind;
  const std::pair<std::string_view, std::string*> fields[] = {{"key", &raise.key},
                                                              {"value", &raise.value}};
  for (const auto& [key, target] : fields) {
    auto text = required(*object, key);
    if (!text) return std::unexpected(text.error());
    *target = *std::move(text);
  }
  auto id = name_of(*object, "id");
  if (!id) return std::unexpected(id.error());
  raise.scope.id = *std::move(id);
  if (raise.value == "none") return std::unexpected("'value' none would be no limit, not a raise");
  const auto seconds = number_of(*object, "for_s");
  if (!seconds) return std::unexpected(seconds.error());
  if (*seconds < 1 || *seconds > raise_s_max)
    return std::unexpected("'for_s' is not 1 second to 24 hours");
  raise.duration = risk::seconds(static_cast<std::int64_t>(*seconds));
  auto reason = reason_of(*object);
  if (!reason) return std::unexpected(reason.error());
  raise.reason = *std::move(reason);
  return raise;
}

}  // namespace

std::expected<gateway::Action, std::string> read_policy_action(std::string_view body) {
  const auto any = read_object(
      body, {"action", "file", "reason", "proposal", "scope", "id", "key", "value", "for_s"});
  if (!any) return std::unexpected(any.error());
  const auto action = required(*any, "action");
  if (!action) return std::unexpected(action.error());
  if (*action == "reload") return read_reload(body);
  if (*action == "raise") return read_raise(body);
  if (*action != "approve") {
    return std::unexpected(fmt::format("action '{}' is not reload, raise or approve", *action));
  }
  const auto object = read_object(body, {"action", "proposal"});
  if (!object) return std::unexpected(object.error());
  const auto proposal = number_of(*object, "proposal");
  if (!proposal) return std::unexpected(proposal.error());
  return gateway::Approve{*proposal};
}

std::expected<gateway::ReleaseOrder, std::string> read_release(std::string_view body) {
  const auto object = read_object(body, {"record", "router", "cl_ord_id", "reason"});
  if (!object) return std::unexpected(object.error());
  gateway::ReleaseOrder release;
  if (object->contains("record")) {
    const auto record = number_of(*object, "record");
    if (!record || *record == 0) return std::unexpected("'record' is no number of a record");
    if (object->contains("router") || object->contains("cl_ord_id"))
      return std::unexpected("either 'record', or 'router' and 'cl_ord_id'");
    release.record = *record;
  } else {
    auto router = required(*object, "router");
    if (!router) return std::unexpected(router.error());
    auto cl_ord_id = required(*object, "cl_ord_id");
    if (!cl_ord_id) return std::unexpected(cl_ord_id.error());
    release.router = *std::move(router);
    release.cl_ord_id = *std::move(cl_ord_id);
  }
  auto reason = reason_of(*object);
  if (!reason) return std::unexpected(reason.error());
  release.reason = *std::move(reason);
  return release;
}

namespace {

std::expected<gateway::SetPrices::Entry, std::string> read_price(const json::value& value,
                                                                 std::string_view name) {
  if (!value.is_object()) return std::unexpected("a price is no object");
  const auto& object = value.get_object();
  for (const auto& item : object) {
    const std::string_view key{item.key()};
    if (key != name && key != "price" && key != "as_of")
      return std::unexpected(
          fmt::format("unknown key '{}'; known are {}, price, as_of", key, name));
  }
  auto of = required(object, name);
  if (!of) return std::unexpected(of.error());
  const auto price = required(object, "price");
  if (!price) return std::unexpected(price.error());
  const auto read = risk::Price::parse(*price);
  if (!read) return std::unexpected(fmt::format("'{}' is not a price", *price));
  const auto as_of = required(object, "as_of");
  if (!as_of) return std::unexpected(as_of.error());
  const auto time = config::parse_timestamp(*as_of);
  if (!time) {
    return std::unexpected(
        fmt::format("'{}' is not a time in UTC: write 2026-11-21T09:30:00Z", *as_of));
  }
  return gateway::SetPrices::Entry{*std::move(of), *read, *time};
}

std::expected<std::vector<gateway::SetPrices::Entry>, std::string> read_price_list(
    const json::object& object, std::string_view key, std::string_view name) {
  std::vector<gateway::SetPrices::Entry> entries;
  const auto* list = object.if_contains(key);
  if (!list) return entries;
  if (!list->is_array()) return std::unexpected(fmt::format("'{}' is no list", key));
  for (const auto& value : list->get_array()) {
    auto entry = read_price(value, name);
    if (!entry) return std::unexpected(entry.error());
    entries.push_back(*std::move(entry));
  }
  return entries;
}

}  // namespace

std::expected<gateway::SetPrices, std::string> read_prices(std::string_view body) {
  const auto object = read_object(body, {"prices", "rates"});
  if (!object) return std::unexpected(object.error());
  auto prices = read_price_list(*object, "prices", "symbol");
  if (!prices) return std::unexpected(prices.error());
  auto rates = read_price_list(*object, "rates", "currency");
  if (!rates) return std::unexpected(rates.error());
  if (prices->empty() && rates->empty()) return std::unexpected("there is no price in it");
  return gateway::SetPrices{*std::move(prices), *std::move(rates)};
}

std::expected<RearmBody, std::string> read_rearm(std::string_view body) {
  const auto object = read_object(body, {"action", "kill_id", "reason", "residual_signed_off"});
  if (!object) return std::unexpected(object.error());
  const auto action = required(*object, "action");
  if (!action) return std::unexpected(action.error());
  if (*action != "begin" && *action != "approve") {
    return std::unexpected(fmt::format("action '{}' is not begin or approve", *action));
  }
  const auto kill_id = number_of(*object, "kill_id");
  if (!kill_id) return std::unexpected(kill_id.error());
  const auto reason = text_of(*object, "reason");
  if (!reason) return std::unexpected(reason.error());
  const auto signed_off = text_of(*object, "residual_signed_off");
  if (!signed_off) return std::unexpected(signed_off.error());
  if (*action == "approve" && (!reason->empty() || !signed_off->empty())) {
    return std::unexpected("the second person approves what the first one wrote: no reason here");
  }
  return RearmBody{*action == "approve", *kill_id, words(*reason), words(*signed_off)};
}

std::expected<gateway::ParentRequest, std::string> read_parent(std::string_view body) {
  const auto object = read_object(body, {"parent", "account", "symbol", "side", "size"});
  if (!object) return std::unexpected(object.error());
  gateway::ParentRequest request;
  const std::pair<std::string_view, std::string*> fields[] = {{"parent", &request.parent},
                                                              {"account", &request.account},
                                                              {"symbol", &request.symbol},
                                                              {"side", &request.side},
                                                              {"size", &request.size}};
  for (const auto& [key, target] : fields) {
    auto text = required(*object, key);
    if (!text) return std::unexpected(text.error());
    *target = *std::move(text);
  }
  auto side = fix_side(request.side);
  if (!side) return std::unexpected(side.error());
  request.side = *std::move(side);
  return request;
}

}  // namespace interlock::console

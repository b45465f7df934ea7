// The bodies of what named persons ask of the running gateway.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "config/line.hpp"
#include "console/body.hpp"
#include "console/members.hpp"

namespace interlock::console {
namespace {

namespace json = boost::json;
constexpr std::uint64_t raise_s_max = 86'400;

}  // namespace

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

template <class Approve>
std::expected<gateway::Action, std::string> read_approve(std::string_view body) {
  const auto object = read_object(body, {"action", "proposal"});
  if (!object) return std::unexpected(object.error());
  const auto proposal = number_of(*object, "proposal");
  if (!proposal) return std::unexpected(proposal.error());
  return Approve{*proposal};
}

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
  return read_approve<gateway::Approve>(body);
}

std::expected<gateway::Action, std::string> read_parent_change(std::string_view body) {
  const auto object = read_object(body, {"action", "parent", "quantity", "reason", "proposal"});
  if (!object) return std::unexpected(object.error());
  const auto action = required(*object, "action");
  if (!action) return std::unexpected(action.error());
  if (*action == "approve") return read_approve<gateway::ApproveParent>(body);
  const auto what = gateway::change_of(*action);
  if (!what) {
    return std::unexpected(
        fmt::format("action '{}' is not resize, cancel, executed or approve", *action));
  }
  if (object->contains("proposal")) return std::unexpected("'proposal' is for approve only");
  gateway::ChangeParent change;
  change.what = *what;
  auto parent = required(*object, "parent");
  if (!parent) return std::unexpected(parent.error());
  change.parent = *std::move(parent);
  const bool has_quantity = *what != gateway::ChangeParent::What::cancel;
  const auto quantity = name_of(*object, "quantity");
  if (!quantity) return std::unexpected(quantity.error());
  const auto read = risk::Quantity::parse(*quantity);
  if (has_quantity != object->contains("quantity") || (has_quantity && !read))
    return std::unexpected("'quantity' stands with resize and executed, as a text");
  if (has_quantity && *read < risk::Quantity{}) return std::unexpected("'quantity' is below zero");
  if (has_quantity) change.quantity = *read;
  auto reason = reason_of(*object);
  if (!reason) return std::unexpected(reason.error());
  change.reason = *std::move(reason);
  return change;
}

namespace {

std::expected<std::optional<std::uint32_t>, std::string> sequence_of(const json::object& object,
                                                                     std::string_view key) {
  if (!object.contains(key)) return std::nullopt;
  const auto number = number_of(object, key);
  if (!number) return std::unexpected(number.error());
  if (*number < 1 || *number > gateway::sequence_max)
    return std::unexpected(fmt::format("'{}' is 1 to {}", key, gateway::sequence_max));
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

std::expected<gateway::Action, std::string> read_sequence(std::string_view body) {
  const auto object =
      read_object(body, {"action", "session", "next_in", "next_out", "reason", "proposal"});
  if (!object) return std::unexpected(object.error());
  const auto action = required(*object, "action");
  if (!action) return std::unexpected(action.error());
  if (*action == "approve") return read_approve<gateway::ApproveSequence>(body);
  if (*action != "set")
    return std::unexpected(fmt::format("action '{}' is not set or approve", *action));
  if (object->contains("proposal")) return std::unexpected("'proposal' is for approve only");
  gateway::SetSequence set;
  auto session = required(*object, "session");
  if (!session) return std::unexpected(session.error());
  set.session = *std::move(session);
  const auto next_in = sequence_of(*object, "next_in");
  if (!next_in) return std::unexpected(next_in.error());
  const auto next_out = sequence_of(*object, "next_out");
  if (!next_out) return std::unexpected(next_out.error());
  if (!*next_in && !*next_out) return std::unexpected("'next_in', 'next_out' or both are missing");
  set.next_in = *next_in;
  set.next_out = *next_out;
  auto reason = reason_of(*object);
  if (!reason) return std::unexpected(reason.error());
  set.reason = *std::move(reason);
  return set;
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

}  // namespace interlock::console

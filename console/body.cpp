#include "console/body.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "console/members.hpp"

namespace interlock::console {
namespace {

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

std::expected<gateway::CutVenue, std::string> read_cut(std::string_view body) {
  const auto object = read_object(body, {"venue"});
  if (!object) return std::unexpected(object.error());
  auto venue = required(*object, "venue");
  if (!venue) return std::unexpected(venue.error());
  return gateway::CutVenue{*std::move(venue)};
}

std::expected<gateway::CancelAgain, std::string> read_cancel(std::string_view body) {
  const auto object = read_object(body, {"kill_id"});
  if (!object) return std::unexpected(object.error());
  const auto kill_id = number_of(*object, "kill_id");
  if (!kill_id) return std::unexpected(kill_id.error());
  return gateway::CancelAgain{*kill_id};
}

std::expected<RearmBody, std::string> read_rearm(std::string_view body) {
  const auto object = read_object(body, {"action", "kill_id", "reason", "residual_signed_off",
                                         "orders_signed_off", "identity"});
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
  auto orders = names_of(*object, "orders_signed_off");
  if (!orders) return std::unexpected(orders.error());
  auto identity = name_of(*object, "identity");
  if (!identity) return std::unexpected(identity.error());
  if (*action == "approve" && (!reason->empty() || !signed_off->empty() || !orders->empty())) {
    return std::unexpected("the second person approves what the first one wrote: no reason here");
  }
  return RearmBody{*action == "approve",
                   *kill_id,
                   {words(*reason), words(*signed_off), *std::move(orders), *std::move(identity)}};
}

std::expected<gateway::TestButton, std::string> read_button(std::string_view body) {
  const auto object = read_object(body, {"button"});
  if (!object) return std::unexpected(object.error());
  auto button = required(*object, "button");
  if (!button) return std::unexpected(button.error());
  return gateway::TestButton{*std::move(button)};
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

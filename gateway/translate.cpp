#include "gateway/translate.hpp"

#include <fmt/format.h>

#include "gateway/names.hpp"

namespace interlock::gateway {
namespace {

using risk::Fact;
using risk::OrderType;
using risk::Reason;
using risk::Side;

std::unexpected<Untranslatable> no(Reason reason, std::string fact) {
  return std::unexpected(Untranslatable{reason, std::move(fact)});
}

std::optional<Side> side_of(std::string_view text) {
  if (text == "1") return Side::buy;
  if (text == "2") return Side::sell;
  if (text == "5") return Side::sell_short;
  if (text == "6") return Side::sell_short_exempt;
  return std::nullopt;
}

OrderType type_of(std::string_view text) {
  if (text == "1") return OrderType::market;
  if (text == "2") return OrderType::limit;
  if (text == "3") return OrderType::stop;
  if (text == "4") return OrderType::stop_limit;
  return OrderType::other;
}

// Fields that make 38 or 44 mean something else than shares and a price a share (rule 21): no
// check, so no order.
std::optional<Untranslatable> changes_the_meaning(const Parsed& message) {
  for (const Tag tag : {Tag{152}, Tag{516}, Tag{231}}) {
    if (message.get(tag))
      return Untranslatable{Reason::unsupported, fmt::format("tag {} has no check", tag)};
  }
  if (const auto unit = message.get(854); unit && *unit != "0") {
    return Untranslatable{Reason::unsupported, "QtyType 854 other than 0 has no check"};
  }
  if (const auto unit = message.get(423); unit && *unit != "2") {
    return Untranslatable{Reason::unsupported, "PriceType 423 other than 2 has no check"};
  }
  return std::nullopt;
}

struct Terms {
  Side side = Side::buy;
  OrderType type = OrderType::other;
  risk::Quantity quantity;
  std::optional<risk::Price> limit;
  std::optional<risk::Price> stop;
};

std::expected<std::optional<risk::Price>, Untranslatable> price_in(const Parsed& message, Tag tag) {
  const auto text = message.get(tag);
  if (!text) return std::optional<risk::Price>{};
  const auto price = risk::Price::parse(*text);
  if (!price) return no(Reason::malformed, fmt::format("tag {} is not a price that fits", tag));
  return std::optional<risk::Price>{*price};
}

std::expected<Terms, Untranslatable> terms_of(const Parsed& message) {
  if (auto problem = changes_the_meaning(message)) return std::unexpected(std::move(*problem));
  Terms terms;
  const auto side = side_of(message.get(54).value_or(""));
  if (!side)
    return no(Reason::unsupported,
              fmt::format("side {} has no check", message.get(54).value_or("absent")));
  terms.side = *side;
  terms.type = type_of(message.get(40).value_or(""));
  const auto quantity = risk::Quantity::parse(message.get(38).value_or(""));
  if (!quantity) return no(Reason::malformed, "OrderQty 38 is absent or does not fit");
  terms.quantity = *quantity;
  const auto limit = price_in(message, 44);
  if (!limit) return std::unexpected(limit.error());
  terms.limit = *limit;
  const auto stop = price_in(message, 99);
  if (!stop) return std::unexpected(stop.error());
  terms.stop = *stop;
  const bool needs_limit = terms.type == OrderType::limit || terms.type == OrderType::stop_limit;
  if (needs_limit && !terms.limit) return no(Reason::malformed, "a limit order needs Price 44");
  return terms;
}

std::expected<std::optional<risk::ParentDeclaration>, Untranslatable> claim_of(
    const Parsed& message, const config::Router& router, const risk::NewOrder& order,
    risk::Directory& directory) {
  using Claim = std::optional<risk::ParentDeclaration>;
  if (router.orders_without_parent == config::ChildWithoutParent::reject) return Claim{};
  if (order.parent_name.empty()) return Claim{};
  risk::Quantity size = router.default_parent_cap;
  if (router.orders_without_parent == config::ChildWithoutParent::from_tag) {
    const auto text = message.get(router.parent_size_tag);
    if (!text) return Claim{};
    const auto claimed = risk::Quantity::parse(*text);
    if (!claimed || !claimed->is_positive()) {
      return no(Reason::malformed,
                fmt::format("parent size in tag {} is not a quantity", router.parent_size_tag));
    }
    size = *claimed;
  }
  risk::ParentDeclaration claim;
  claim.parent = directory.parents.intern(order.parent_name);
  claim.account = order.account;
  claim.symbol = order.symbol;
  claim.side = order.side;
  claim.size = size;
  claim.source = risk::ParentSource::child_tag;
  return Claim{claim};
}

std::expected<Translated, Untranslatable> new_order(const Parsed& message,
                                                    const config::Config& config,
                                                    risk::RouterId router_id, risk::VenueId venue,
                                                    risk::Directory& directory) {
  const config::Router& router = config.routers[router_id.value];
  const auto terms = terms_of(message);
  if (!terms) return std::unexpected(terms.error());
  risk::NewOrder order;
  order.router = router_id;
  order.venue = venue;
  order.account =
      account_named(message.get(1).value_or(std::string_view{router.account}), config, directory);
  order.symbol = symbol_named(message, config, directory);
  order.parent_name = parent_of(message, router.parent_keys);
  const auto by = attributions_of(message, router, directory, true);
  if (!by) return std::unexpected(by.error());
  order.by = *by;
  order.cl_ord_id = message.get(11).value_or("");
  order.side = terms->side;
  order.type = terms->type;
  order.quantity = terms->quantity;
  order.limit = terms->limit;
  order.stop = terms->stop;
  auto claim = claim_of(message, router, order, directory);
  if (!claim) return std::unexpected(claim.error());
  if (!order.parent_name.empty()) order.parent = directory.parents.find(order.parent_name);
  return Translated{std::move(order), *claim};
}

std::expected<Translated, Untranslatable> replace(const Parsed& message,
                                                  const config::Config& config,
                                                  risk::RouterId router_id,
                                                  const risk::Directory& directory) {
  const config::Router& router = config.routers[router_id.value];
  const auto terms = terms_of(message);
  if (!terms) return std::unexpected(terms.error());
  risk::Replace request;
  request.router = router_id;
  request.cl_ord_id = message.get(11).value_or("");
  request.orig_cl_ord_id = message.get(41).value_or("");
  request.names_account = message.get(1).has_value();
  request.account = account_named(message.get(1).value_or(""), config, directory);
  request.symbol = symbol_named(message, config, directory);
  const auto parent = parent_of(message, router.parent_keys);
  request.names_parent = !parent.empty();
  if (request.names_parent) request.parent = directory.parents.find(parent);
  const auto by = attributions_of(message, router, directory, false);
  if (!by) return std::unexpected(by.error());
  request.by = *by;
  request.side = terms->side;
  request.type = terms->type;
  request.quantity = terms->quantity;
  request.limit = terms->limit;
  request.stop = terms->stop;
  return Translated{std::move(request), std::nullopt};
}

// 150 (and in 4.2 also 20, which overrules it) as a fact of the ledger.
Fact fact_of(const Parsed& message) {
  const std::string_view transaction = message.get(20).value_or("0");
  if (transaction == "1") return Fact::busted;
  if (transaction == "2") return Fact::corrected;
  if (transaction == "3") return Fact::status;
  const std::string_view exec_type = message.get(150).value_or("");
  const char kind = exec_type.size() == 1 ? exec_type[0] : '?';
  switch (kind) {
    case '0':
      return Fact::acknowledged;
    case '1':
    case '2':
    case 'F':
      return Fact::filled;
    case '3':  // done for day
    case '4':
    case '8':
    case 'C':
      return Fact::ended;
    case '5':
      return Fact::replaced;
    case '6':
    case 'A':
    case 'E':
      return Fact::pending;
    case '7':
    case '9':
      return Fact::suspended;
    case 'B':
      return Fact::pending;  // calculated: nothing moves until the venue says more
    case 'D':
      return Fact::restated;
    case 'G':
      return Fact::corrected;
    case 'H':
      return Fact::busted;
    default:
      return Fact::status;
  }
}

template <class Value>
std::optional<Value> value_in(const Parsed& message, Tag tag) {
  const auto text = message.get(tag);
  if (!text) return std::nullopt;
  const auto value = Value::parse(*text);
  return value ? std::optional<Value>{*value} : std::nullopt;
}

// When the venue first sent it: in that order it spoke.
std::optional<risk::Time> time_of(const Parsed& message) {
  for (const Tag tag : {Tag{122}, Tag{52}}) {
    if (const auto text = message.get(tag)) {
      const auto time = read_timestamp(*text);
      return time ? std::optional<risk::Time>{{*time}} : std::nullopt;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string instrument_of(const Parsed& message) {
  std::string into;
  write_instrument(message, into);
  return into;
}

void write_instrument(const Parsed& message, std::string& into) {
  into.clear();
  for (const Tag tag : {Tag{1}, Tag{55}, Tag{65}, Tag{48}, Tag{22}, Tag{167}, Tag{200}, Tag{205},
                        Tag{201}, Tag{202}, Tag{206}, Tag{207}, Tag{54}}) {
    if (const auto value = message.get(tag)) append_field(into, tag, *value);
  }
}

std::string parent_of(const Parsed& message, const std::vector<config::ParentKey>& keys) {
  return std::string(config::parent_named(keys, [&](Tag tag) { return message.get(tag); }));
}

std::expected<Translated, Untranslatable> translate_request(const Parsed& message,
                                                            const config::Config& config,
                                                            risk::RouterId router_id,
                                                            risk::VenueId venue,
                                                            risk::Directory& directory) {
  if (message.get(11).value_or("").starts_with(own_prefix)) {
    return no(Reason::malformed, "ClOrdIDs beginning with ILK are the gateway's own");
  }
  if (message.type == "D") return new_order(message, config, router_id, venue, directory);
  if (message.type == "G") return replace(message, config, router_id, directory);
  risk::Cancel cancel;
  cancel.router = router_id;
  cancel.cl_ord_id = message.get(11).value_or("");
  cancel.orig_cl_ord_id = message.get(41).value_or("");
  return Translated{std::move(cancel), std::nullopt};
}

risk::Report translate_report(const Parsed& message, risk::VenueId venue,
                              const config::Config& config, const risk::Directory& directory) {
  risk::Report report;
  report.venue = venue;
  report.venue_time = time_of(message);
  if (message.type == "9") {
    report.fact = message.get(434) == "2" ? Fact::replace_rejected : Fact::cancel_rejected;
    report.reject_code = message.get(102).value_or("?");
    return report;
  }
  report.fact = fact_of(message);
  if (message.get(150) == "8") report.reject_code = message.get(103).value_or("?");
  report.exec_id = message.get(17).value_or("");
  report.exec_ref_id = message.get(19).value_or("");
  report.symbol = symbol_named(message, config, directory);
  report.side = side_of(message.get(54).value_or(""));
  report.last_quantity = value_in<risk::Quantity>(message, 32).value_or(risk::Quantity{});
  report.last_price = value_in<risk::Price>(message, 31).value_or(risk::Price{});
  report.quantity = value_in<risk::Quantity>(message, 38);
  report.limit = value_in<risk::Price>(message, 44);
  report.cum = value_in<risk::Quantity>(message, 14);
  report.leaves = value_in<risk::Quantity>(message, 151);
  report.corporate_action = report.fact == Fact::restated && message.get(378) == "0";
  return report;
}

void restore(risk::Report& report, const Parsed& message, const Restored& names) {
  report.router = names.router;
  report.cl_ord_id = names.cl_ord_id;
  report.orig_cl_ord_id = names.orig_cl_ord_id;
  if (names.good_till_cancel && report.fact == Fact::ended && message.get(150) == "3")
    report.fact = Fact::suspended;
}

}  // namespace interlock::gateway

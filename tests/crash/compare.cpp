#include "crash/compare.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <map>

#include "crash/gateway.hpp"
#include "risk/units.hpp"

namespace interlock::crash {

namespace json = boost::json;

namespace {

// In the configuration: a price of 10, and what an open order counts for beyond it.
constexpr std::int64_t price = 10, collared = 11;

std::int64_t whole(std::string_view decimal) {
  const auto read = risk::Quantity::parse(decimal);
  if (!read) throw Failed(fmt::format("'{}' is no quantity", decimal));
  return read->raw() / risk::Quantity::parse("1")->raw();
}

}  // namespace

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

std::string books_differ(const Venue& venue, const json::value& parents, const json::value& limits,
                         bool equal) {
  const Ledger truth = venue.ledger();
  std::string wrong;
  std::uint32_t compared = 0;
  const auto compare = [&](std::string_view what, std::string_view whose, std::int64_t known,
                           std::int64_t is) {
    ++compared;
    if (equal ? known != is : known < is)
      wrong += fmt::format("\n    {} of {}: {} in the books, {} is true", what, whose, known, is);
  };
  for (const json::value& row : parents.at("parents").as_array()) {
    const std::string name = text_of(row.at("parent"));
    const auto found = truth.parents.find(name);
    const Use use = found == truth.parents.end() ? Use{} : found->second;
    const std::int64_t cum = whole(text_of(row.at("cum"))), open = whole(text_of(row.at("open")));
    compare("executed and open", name, cum + open, use.cum + use.open);
    if (equal) compare("executed", name, cum, use.cum);
  }
  for (const json::value& row : limits.at("limits").as_array()) {
    if (row.at("scope").as_string() != "account") continue;
    const std::string name = text_of(row.at("id"));
    const auto found = truth.accounts.find(name);
    const Use use = found == truth.accounts.end() ? Use{} : found->second;
    const auto used = [&] { return whole(text_of(row.at("used"))); };
    if (row.at("control").as_string() == "gross-notional")
      compare("gross", name, used(), std::abs(use.net) * price + use.open * collared);
    if (row.at("control").as_string() == "open-orders")
      compare("open orders", name, used(), use.orders);
  }
  // Four parents, two accounts.
  const std::uint32_t all = (equal ? 8 : 4) + 4;
  if (compared != all) wrong += fmt::format("\n    {} figures instead of {}", compared, all);
  return wrong;
}

std::string orders_differ(const Venue& venue, const Router& router) {
  std::map<std::string_view, const Venue::Order*> at_venue;
  for (const Venue::Order& order : venue.orders()) at_venue[order.name] = &order;
  for (const auto& [name, order] : router.orders()) {
    const auto found = at_venue.find(name);
    if (!order.answered) return fmt::format("{} has no answer", name);
    if (found == at_venue.end()) {
      if (order.open) return fmt::format("{} is open, and the venue does not know it", name);
    } else if (found->second->cum != order.cum || found->second->open != order.open) {
      return fmt::format("{}: executed {} and {}, its router knows {} and {}", name,
                         found->second->cum, found->second->open ? "open" : "over", order.cum,
                         order.open ? "open" : "over");
    }
  }
  return {};
}

}  // namespace interlock::crash

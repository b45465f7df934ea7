// What accounts, instruments and deciders are called on the wire, beside the policy's own names.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/dialect.hpp"

namespace interlock::config {

// What orders call an instrument. Without one a symbol is its name in 55, has no 65, and no 48.
struct Instrument {
  std::string symbol;                                   // 55
  std::string suffix;                                   // 65; empty: none
  std::map<std::string, std::string, std::less<>> ids;  // 48 by its source, 22
};

struct Identities {
  std::map<std::string, std::string, std::less<>> accounts;    // further names in tag 1: whose
  std::map<std::string, Instrument, std::less<>> instruments;  // by symbol of the policy

  // The policy's name of an account that a message names.
  [[nodiscard]] std::string_view account(std::string_view wire) const;
  // The policy's symbol that 55 and 65 name together; empty: none.
  [[nodiscard]] std::string_view symbol(std::string_view symbol, std::string_view suffix) const;
  // The id that a symbol has of such a source (22); nullopt: the policy knows of none.
  [[nodiscard]] std::optional<std::string_view> id(std::string_view symbol,
                                                   std::string_view source) const;

  std::map<std::pair<std::string, std::string>, std::string> by_wire;  // symbols by 55 and 65
};

// Where a router's orders say who decided: in a tag of its own, or as the party (448) that has this
// role (452). Where there is one, an order without it, or with a name that is not in the policy, is
// refused.
struct AttributionKey {
  Tag tag = 0;
  std::string role;
  [[nodiscard]] bool is_used() const { return tag != 0 || !role.empty(); }
};

}  // namespace interlock::config

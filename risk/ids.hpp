// Interned identities: a small number for each router, venue, account, symbol and parent.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "risk/text_hash.hpp"

namespace interlock::risk {

// An index into a table of one kind; ids of different kinds do not compare.
template <class Kind>
struct Id {
  std::uint32_t value = UINT32_MAX;
  [[nodiscard]] constexpr bool known() const { return value != UINT32_MAX; }
  friend constexpr auto operator<=>(Id, Id) = default;
};
using RouterId = Id<struct RouterKind>;
using VenueId = Id<struct VenueKind>;
using AccountId = Id<struct AccountKind>;  // FIX tag 1
using SymbolId = Id<struct SymbolKind>;    // FIX tag 55
using ParentId = Id<struct ParentKind>;
using OrderId = Id<struct OrderKind>;  // one child order, through all its replaces
using AlgoId = Id<struct AlgoKind>;    // who or what decided: the tags are the router's
using TraderId = Id<struct TraderKind>;
using DeskId = Id<struct DeskKind>;
using CurrencyId = Id<struct CurrencyKind>;
inline constexpr CurrencyId policy_currency{0};  // in which every amount of the policy is

// Names of one kind, numbered from 0 in the order in which they were first seen.
template <class IdType>
class Names {
 public:
  [[nodiscard]] IdType intern(std::string_view name) {
    if (const auto found = ids_.find(name); found != ids_.end()) return found->second;
    const IdType id{static_cast<std::uint32_t>(names_.size())};
    names_.emplace_back(name);
    ids_.emplace(names_.back(), id);
    return id;
  }
  // An unknown id when the name was never interned.
  [[nodiscard]] IdType find(std::string_view name) const {
    const auto found = ids_.find(name);
    return found == ids_.end() ? IdType{} : found->second;
  }
  [[nodiscard]] std::string_view name(IdType id) const {
    return id.value < names_.size() ? std::string_view{names_[id.value]} : std::string_view{"?"};
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(names_.size()); }

 private:
  std::deque<std::string> names_;  // a deque: the map's views stay valid
  boost::unordered_flat_map<std::string_view, IdType, TextHash, TextEqual> ids_;
};

// All names that requests and limits speak of, from the configuration; parents are added as they
// are declared.
struct Directory {
  Names<RouterId> routers;
  Names<VenueId> venues;
  Names<AccountId> accounts;
  Names<SymbolId> symbols;
  Names<ParentId> parents;
  Names<AlgoId> algos;
  Names<TraderId> traders;
  Names<DeskId> desks;
  Names<CurrencyId> currencies;
};

}  // namespace interlock::risk

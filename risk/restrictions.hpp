// What may not be traded, found by what an order names: the list may be long.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "risk/ids.hpp"

namespace interlock::risk {

// What may not be traded. The lines of one file add up: the first that fits refuses.
struct Restriction {
  enum class What : std::uint8_t {
    all,         // no order
    opening,     // only orders that reduce a position
    short_sale,  // no sell that is, or has to be, marked short
  };
  AccountId account;  // unknown: of all accounts
  SymbolId symbol;    // unknown: in all symbols
  What what = What::all;
  std::uint32_t line = 0;  // of the configuration file, 1-based
};

// In the order of their lines. What an order is not about costs it nothing.
class Restrictions {
 public:
  Restrictions() = default;
  Restrictions(const std::vector<Restriction>& lines) {  // NOLINT: a list of a file is one
    for (const Restriction& line : lines) push_back(line);
  }
  Restrictions(std::initializer_list<Restriction> lines)
      : Restrictions(std::vector<Restriction>(lines)) {}

  void push_back(const Restriction& restriction) {
    const auto place = static_cast<std::uint32_t>(all_.size());
    all_.push_back(restriction);
    if (restriction.symbol.known()) {
      list(by_symbol_, restriction.symbol.value, place);
    } else if (restriction.account.known()) {
      list(by_account_, restriction.account.value, place);
    } else {
      of_everything_.push_back(place);
    }
  }

  // Of those about that account and symbol for which forbids(restriction) holds, the first;
  // nullptr: none.
  template <class Forbids>
  [[nodiscard]] const Restriction* first(AccountId account, SymbolId symbol,
                                         Forbids forbids) const {
    std::size_t first = all_.size();
    const auto look = [&](const std::vector<std::uint32_t>& places) {
      for (const std::uint32_t place : places) {
        if (place >= first) return;
        const Restriction& each = all_[place];
        if (each.account.known() && each.account != account) continue;
        if (forbids(each)) first = place;
      }
    };
    if (symbol.value < by_symbol_.size()) look(by_symbol_[symbol.value]);
    if (account.value < by_account_.size()) look(by_account_[account.value]);
    look(of_everything_);
    return first < all_.size() ? &all_[first] : nullptr;
  }

  [[nodiscard]] auto begin() const { return all_.begin(); }
  [[nodiscard]] auto end() const { return all_.end(); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] const Restriction& operator[](std::size_t i) const { return all_[i]; }

 private:
  using ById = std::vector<std::vector<std::uint32_t>>;  // places in `all_`, rising
  static void list(ById& by_id, std::uint32_t id, std::uint32_t place) {
    if (id >= by_id.size()) by_id.resize(std::size_t{id} + 1);
    by_id[id].push_back(place);
  }

  std::vector<Restriction> all_;
  ById by_symbol_;   // of those that name a symbol
  ById by_account_;  // ... an account and no symbol
  std::vector<std::uint32_t> of_everything_;
};

}  // namespace interlock::risk

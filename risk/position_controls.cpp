#include "risk/position_controls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "risk/asking.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

// max(|p + open buys|, |p - open sells|), of a holding or of all accounts in a symbol.
template <class Shares>
Wide farthest(const Shares& shares, Wide more_buys, Wide more_sells) {
  return std::max(absolute(shares.position + shares.open_buys + more_buys),
                  absolute(shares.position - shares.open_sells - more_sells));
}

std::optional<Breach> ask_position(const Question& question, const Subject& subject) {
  const Books::State& state = question.books.state();
  const bool free = !subject.increment.is_positive() || is_reducing(state, subject);
  const Wide buys = is_buy(subject.side) ? subject.increment.raw() : 0;
  const Wide sells = is_buy(subject.side) ? 0 : subject.increment.raw();
  const auto with_order = [&](Scope scope, const Quantity&) -> Wide {
    if (free) return 0;
    if (scope.kind == Kind::symbol) {
      const SymbolTotal* total = entry(state.totals, subject.symbol);
      return farthest(total ? *total : SymbolTotal{}, buys, sells);
    }
    const Holding* holding = holding_of(state, subject);
    return holding ? farthest(*holding, buys, sells) : farthest(SymbolTotal{}, buys, sells);
  };
  const auto asked = ask_scopes<Kind::account, Kind::symbol>(question, subject,
                                                             &ScopeLimits::position, with_order);
  if (asked.unset) return no_limit(question.directory, "position", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string makes = narrow<Quantity>(asked.observed).text();
  const std::string who = words(question.directory, *asked.broken);
  return limit_breach(
      Reason::position, *asked.broken, makes, asked.limit->text(),
      is_own(*asked.broken)
          ? fmt::format("position {} is over {} of {}", makes, asked.limit->text(), who)
          : fmt::format("the position of all accounts in {} is reached", who));
}

void use_position(Inventory& inventory) {
  const Books::State& state = inventory.books.state();
  std::vector<Wide> fullest;  // by AccountId: in the symbol in which it is fullest
  for (const auto& [key, holding] : state.holdings) {
    if (Wide* most = grown(fullest, key.account)) *most = std::max(*most, farthest(holding, 0, 0));
  }
  list_use(inventory, "position", {Kind::account, Kind::symbol}, &ScopeLimits::position,
           [&](Scope scope, const Quantity&) {
             if (scope.kind == Kind::account) {
               const Wide* most = entry(fullest, AccountId{scope.id});
               return std::optional<Wide>{most ? *most : 0};
             }
             const SymbolTotal* total = entry(state.totals, SymbolId{scope.id});
             return std::optional<Wide>{total ? farthest(*total, 0, 0) : 0};
           });
}

std::optional<Breach> ask_self_match(const Question& question, const Subject& subject) {
  const Crossing crossing = crossing_of(subject.type, subject.limit);
  std::optional<Crossing> met;
  const auto meets_own = [&](Scope scope, Forbidden) -> Wide {
    const AccountId owner = scope.kind == Kind::account ? subject.account : AccountId{};
    const auto found = met_by(question.books.state().resting, subject.venue, subject.symbol, owner,
                              subject.side, crossing);
    if (found && !met) met = found;  // the account is asked first
    return found ? 1 : 0;
  };
  const auto asked =
      ask_scopes<Kind::account, Kind::firm>(question, subject, &ScopeLimits::self_match, meets_own);
  if (asked.unset) return no_limit(question.directory, "self-match", *asked.unset);
  if (!asked.broken) return std::nullopt;
  const std::string who = words(question.directory, *asked.broken);
  const std::string_view side = is_buy(subject.side) ? "sell" : "buy";
  if (!is_own(*asked.broken)) {
    return limit_breach(Reason::self_match, *asked.broken, "", "",
                        fmt::format("it would trade with an open {} of {}", side, who));
  }
  const std::string price = met->limit ? met->limit->text() : "any price";
  return limit_breach(Reason::self_match, *asked.broken, price, "",
                      fmt::format("it would trade with the open {} at {} of {}", side, price, who));
}

}  // namespace

constinit const Control position_control{
    .id = "position",
    .rule = "FIA 1.2",
    .reason = Reason::position,
    .action = Action::refuse,
    .scopes = "account, symbol",
    .keys = "max_position",
    .asks =
        "In shares: if all open buys and this order, or all open sells and this order, executed, "
        "does the position stay within the limit? An account's limit holds in each symbol, a "
        "symbol's for all accounts together. An order that only reduces a position is not held "
        "back.",
    .why =
        "Money hides a position in a cheap symbol. It starts from what was loaded for the day, and "
        "moves with the fills.",
    .releasable = true,
    .ask = ask_position,
    .use = use_position,
};

constinit const Control self_match_control{
    .id = "self-match",
    .rule = "FIA 3.5",
    .reason = Reason::self_match,
    .action = Action::refuse,
    .scopes = "account, firm",
    .keys = "self_match",
    .asks =
        "Would it trade with an open order of the same owner at the same venue: the other side of "
        "the same symbol, at prices that meet? A market order, a stop without a limit and a "
        "pegged order meet every price. `refuse` at the account compares the account's own orders, "
        "at the firm those of all accounts.",
    .why = "A trade with oneself moves no ownership: it is a wash trade, whatever was meant.",
    .ask = ask_self_match,
};

}  // namespace interlock::risk

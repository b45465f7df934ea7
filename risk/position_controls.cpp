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

Breach position_breach(const Question& question, const Broken<Quantity>& broken) {
  const std::string makes = narrow<Quantity>(broken.observed).text();
  const std::string who = words(question.directory, broken.scope);
  return limit_breach(
      Reason::position, broken.scope, makes, broken.limit.text(),
      is_own(broken.scope)
          ? fmt::format("position {} is over {} of {}", makes, broken.limit.text(), who)
          : fmt::format("the position of all accounts in {} is reached", who));
}

bool ask_position(const Question& question, const Subject& subject, Verdict& verdict) {
  const Books::State& state = question.books.state();
  const bool free = !subject.increment.is_positive() || subject.worked_out.reduces;
  const Wide buys = is_buy(subject.side) ? subject.increment.raw() : 0;
  const Wide sells = is_buy(subject.side) ? 0 : subject.increment.raw();
  const auto with_order =
      [ =, &state, &subject ](Scope scope, const Quantity&) __attribute__((always_inline))->Wide {
    if (free) return 0;
    if (scope.kind == Kind::account) return farthest(*subject.worked_out.holding, buys, sells);
    const SymbolTotal* total = entry(state.totals, subject.symbol);
    return total ? farthest(*total, buys, sells) : farthest(SymbolTotal{}, buys, sells);
  };
  return ask_scopes<Kind::account, Kind::symbol>(
      question, subject, verdict, "position", &ScopeLimits::position, with_order,
      [&question](const Broken<Quantity>& broken) { return position_breach(question, broken); });
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

Crossing crossing_of(const Subject& subject) { return crossing_of(subject.type, subject.limit); }

Breach self_match_breach(const Question& question, const Subject& subject, Scope scope) {
  const std::string who = words(question.directory, scope);
  const std::string_view side = is_buy(subject.side) ? "sell" : "buy";
  if (!is_own(scope)) {
    return limit_breach(Reason::self_match, scope, "", "",
                        fmt::format("it would trade with an open {} of {}", side, who));
  }
  const auto met = met_by(question.books.state().resting, subject.venue, subject.symbol,
                          subject.account, subject.side, crossing_of(subject));
  const std::string price = met && met->limit ? met->limit->text() : "any price";
  return limit_breach(Reason::self_match, scope, price, "",
                      fmt::format("it would trade with the open {} at {} of {}", side, price, who));
}

bool ask_self_match(const Question& question, const Subject& subject, Verdict& verdict) {
  const auto meets = [&](AccountId owner) {
    return met_by(question.books.state().resting, subject.venue, subject.symbol, owner,
                  subject.side, crossing_of(subject))
        .has_value();
  };
  // The orders of one account are among those of all.
  const bool meets_any = meets(AccountId{});
  return ask_scopes<Kind::account, Kind::firm>(
      question, subject, verdict, "self-match", &ScopeLimits::self_match,
      [&, meets_any](Scope scope, Forbidden) -> Wide {
        return meets_any && (scope.kind == Kind::firm || meets(subject.account)) ? 1 : 0;
      },
      [&](const Broken<Forbidden>& broken) {
        return self_match_breach(question, subject, broken.scope);
      });
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

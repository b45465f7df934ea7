#include "risk/parent_controls.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"
#include "risk/books_state.hpp"
#include "risk/exhaustion.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"
#include "risk/subject.hpp"

namespace interlock::risk {
namespace {

Breach mismatch(const Question& question, ParentId parent, std::string fact) {
  const Scope scope{ScopeKind::parent, parent.value};
  fact += fmt::format(" of {}", words(question.directory, scope));
  return state_breach(Reason::parent_match, scope, std::move(fact));
}

// 2, 5 and 6 all sell; which of them it is goes by the position, order by order (rule 22).
bool is_same_direction(Side a, Side b) { return is_buy(a) == is_buy(b); }

std::string_view direction(Side side) { return is_buy(side) ? "a buy" : "a sell"; }

std::optional<Breach> ask_replace_match(const Question& question, const Replace& replace,
                                        const Order& order) {
  const auto changed = [&](std::string_view what) {
    return mismatch(question, order.parent,
                    fmt::format("the replace changes the {} of an order", what));
  };
  if (replace.symbol != order.symbol) return changed("symbol");
  if (replace.names_account && replace.account != order.account) return changed("account");
  if (replace.names_parent && replace.parent != order.parent) return changed("parent");
  if (!is_same_direction(replace.side, order.side)) return changed("side");
  if (replace.by.algo.known() && replace.by.algo != order.by.algo) return changed("algo");
  if (replace.by.trader.known() && replace.by.trader != order.by.trader) return changed("trader");
  if (replace.by.desk.known() && replace.by.desk != order.by.desk) return changed("desk");
  return std::nullopt;
}

std::optional<Breach> ask_same_as_parent(const Question& question, const Subject& child,
                                         const Parent& parent) {
  const Directory& names = question.directory;
  if (child.symbol != parent.symbol) {
    return mismatch(
        question, child.parent,
        fmt::format("symbol {} is not the {}", printable(names.symbols.name(child.symbol)),
                    printable(names.symbols.name(parent.symbol))));
  }
  if (child.account != parent.account) {
    return mismatch(
        question, child.parent,
        fmt::format("account {} is not the one", printable(names.accounts.name(child.account))));
  }
  if (!is_same_direction(child.side, parent.side)) {
    return mismatch(question, child.parent,
                    fmt::format("{} is not {}", direction(child.side), direction(parent.side)));
  }
  return std::nullopt;
}

bool ask_parent_match(const Question& question, const Subject& child, Verdict& verdict) {
  if (const auto* replace = std::get_if<Replace>(&question.request)) {
    if (child.order) {
      verdict.breach = ask_replace_match(question, *replace, child.order->shown);
      return verdict.may_go();
    }
  }
  const ParentRecord* parent = child.worked_out.parent;
  if (!parent) return true;  // refused before as PARENT_UNKNOWN
  const Parent& shown = *parent->shown;
  if (child.symbol == shown.symbol && child.account == shown.account &&
      is_same_direction(child.side, shown.side)) [[likely]]
    return true;
  return refused(verdict, [&] { return ask_same_as_parent(question, child, shown); });
}

Breach fill_breach(const Question& question, const Subject& child, const Parent& parent,
                   Wide used) {
  const Scope scope{ScopeKind::parent, child.parent.value};
  const std::string parent_name = printable(question.directory.parents.name(child.parent));
  const std::string makes = narrow<Quantity>(used).text();
  Breach breach = state_breach(
      Reason::parent_fill, scope,
      parent.cancelled ? fmt::format("parent {} was cancelled by its owner", parent_name)
                       : fmt::format("child {} makes {} of parent {}'s {}", child.increment.text(),
                                     makes, parent_name, parent.size.text()));
  breach.observed = makes;
  breach.limit = parent.size.text();
  if (is_runaway(question.books.state(), question.limits.parents, child, question.now)) {
    breach.trip = Trip{Level::kill, scope_of(child.router)};
  }
  return breach;
}

bool ask_parent_fill(const Question& question, const Subject& child, Verdict& verdict) {
  const ParentRecord* parent = child.worked_out.parent;
  if (!parent) return true;                         // refused before as PARENT_UNKNOWN
  if (!child.increment.is_positive()) return true;  // a G that adds nothing
  const Wide used = parent->used() + child.increment.raw();
  if (used <= parent->shown->size.raw() && !parent->shown->cancelled) [[likely]]
    return true;
  return refused(verdict, [&] { return fill_breach(question, child, *parent->shown, used); });
}

// A block leaves open orders where they are. A router that goes on at it for exhausted parents is a
// runaway, and what it has open has to go too.
void watch_parent_fill(const Watch& watch, std::vector<Breach>& breaches) {
  const RouterId router = watch.touched.router;
  const ParentPolicy& policy = watch.limits.parents;
  if (!router.known()) return;
  if (!is_runaway_while_blocked(watch.books.state(), policy, router, watch.now)) return;
  const Scope scope = scope_of(router);
  Breach breach =
      state_breach(Reason::parent_fill, scope,
                   fmt::format("{} children of exhausted parents in a second by {}",
                               policy.exhausted_refusals, words(watch.directory, scope)));
  breach.trip = Trip{Level::kill, scope};
  breaches.push_back(std::move(breach));
}

void use_parent_fill(Inventory& inventory) {
  const auto& parents = inventory.books.state().parents;
  for (const ParentId id : inventory.parents) {
    const ParentRecord& parent = parents[id.value];
    inventory.add({.control = "parent-fill",
                   .scope = scope_of(id),
                   .used = parent.shown->used().text(),
                   .limit = parent.shown->size.text()},
                  parent.used(), parent.shown->size.raw());
  }
}

}  // namespace

constinit const Control parent_match_control{
    .id = "parent-match",
    .rule = "Knight; FIX rule 23",
    .reason = Reason::parent_match,
    .action = Action::refuse,
    .scopes = "parent",
    .keys = "",
    .asks =
        "Are symbol, side and account of the child those of its parent? Does a replace keep "
        "them, and the parent?",
    .why = "A child of the right parent in the wrong symbol would escape every other count.",
    .ask = ask_parent_match,
};

constinit const Control parent_fill_control{
    .id = "parent-fill",
    .rule = "Knight",
    .reason = Reason::parent_fill,
    .action = Action::refuse,
    .scopes = "parent",
    .keys = "exhausted_grace, exhausted_refusals",
    .asks =
        "Is what the parent's children have executed, plus what may still execute, plus this "
        "child, at most the parent's size? Kills the router that goes on after the parent is "
        "exhausted, also while it is blocked.",
    .why =
        "The router's own count was the one that broke: the SEC found that nothing compared the "
        "orders leaving it with those that had entered it.",
    .ask = ask_parent_fill,
    .watch = {watch_parent_fill, Occasion::attempt},
    .use = use_parent_fill,
};

}  // namespace interlock::risk

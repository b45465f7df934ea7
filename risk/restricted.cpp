#include "risk/restricted.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"
#include "risk/fact.hpp"
#include "risk/inventory.hpp"
#include "risk/locate.hpp"

namespace interlock::risk {
namespace {

bool is_short_sale(const Subject& subject) { return is_short(subject.side); }

bool forbids(const Restriction& restriction, const Subject& subject) {
  switch (restriction.what) {
    case Restriction::What::all:
      return true;
    case Restriction::What::opening:
      return subject.increment.is_positive() && !subject.worked_out.reduces;
    case Restriction::What::short_sale:
      return is_short_sale(subject);
  }
  return true;
}

std::string_view words(Restriction::What what) {
  switch (what) {
    case Restriction::What::all:
      return "nothing may be traded";
    case Restriction::What::opening:
      return "only what reduces a position may be traded";
    case Restriction::What::short_sale:
      return "nothing may be sold short";
  }
  return "?";
}

Breach restriction_breach(const Question& question, const Restriction& restriction) {
  const bool has_symbol = restriction.symbol.known(), has_account = restriction.account.known();
  const Scope scope = has_symbol    ? scope_of(restriction.symbol)
                      : has_account ? scope_of(restriction.account)
                                    : Scope{};
  std::string fact =
      fmt::format("{}: {}", words(question.directory, scope), words(restriction.what));
  if (has_symbol && has_account) fact += " by its account";
  return state_breach(Reason::restricted, scope, std::move(fact));
}

Breach marking_breach(const Subject& subject, Wide wanted, Wide held, std::string_view wrong) {
  const std::string observed = narrow<Quantity>(wanted).text();
  const std::string limit = narrow<Quantity>(held).text();
  return limit_breach(Reason::restricted, scope_of(subject.account), observed, limit,
                      fmt::format("{} to sell, {} {}", observed, limit, wrong));
}

// A sell marked as long needs the shares, less what is being sold already.
std::optional<Breach> ask_long_sale(const Subject& subject, const Holding& holding) {
  const bool was_short = subject.order && !subject.order->short_open.is_zero();
  if (!subject.increment.is_positive() && !was_short) return std::nullopt;
  const Wide sold = holding.open_sells + subject.increment.raw();
  const Wide held = std::max<Wide>(0, holding.position);
  if (sold <= held) return std::nullopt;
  return marking_breach(subject, sold, held, "held: it has to be marked short");
}

std::optional<Breach> ask_short_sale(const Subject& subject, const Holding& holding) {
  const Wide needed = locate_needed(subject);
  if (needed <= 0 || holding.located + needed <= holding.locate) return std::nullopt;
  return marking_breach(subject, holding.located + needed, holding.locate, "located");
}

bool ask_restricted(const Question& question, const Subject& subject, Verdict& verdict) {
  const Restriction* restriction = question.limits.restrictions.first(
      subject.account, subject.symbol,
      [&](const Restriction& each) { return forbids(each, subject); });
  if (restriction) {
    return refused(verdict, [&] { return restriction_breach(question, *restriction); });
  }
  const bool is_marked = traits_of(question.limits, subject.symbol).marks_short_sales;
  if (is_buy(subject.side) || !is_marked) return true;
  const Holding& holding = *subject.worked_out.holding;
  verdict.breach =
      is_short_sale(subject) ? ask_short_sale(subject, holding) : ask_long_sale(subject, holding);
  return verdict.may_go();
}

}  // namespace

constinit const Control restricted_control{
    .id = "restricted",
    .rule = "15c3-5(c)(2)(i)-(iii), RTS 6 15(5), Regulation SHO",
    .reason = Reason::restricted,
    .action = Action::refuse,
    .scopes = "symbol, account",
    .keys = "restrictions",
    .asks =
        "May this account trade this symbol, and this way? A plain sell (2) needs the shares: the "
        "position less what is being sold already; beyond it the order has to be marked short. A "
        "short sell (5, 6) needs a locate, which is used up as orders are entered and given back "
        "only for what the venue proves unexecuted; a bust gives none back. "
        "Of what is no share, a future or a currency, a sell needs neither.",
    .why =
        "What a firm may not trade it may not trade by mistake either, and a sell that is marked "
        "long without the shares is a naked short sale.",
    .ask = ask_restricted,
};

}  // namespace interlock::risk

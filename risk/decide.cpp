#include "risk/decide.hpp"

#include <fmt/format.h>

#include <string>

#include "risk/asking.hpp"
#include "risk/books_state.hpp"
#include "risk/fact.hpp"
#include "risk/subject.hpp"

namespace interlock::risk {
namespace {

[[gnu::cold, gnu::noinline]] bool refuse(const Question& question, Verdict& verdict, Reason reason,
                                         std::string_view fact) {
  const Scope router{ScopeKind::router, router_of(question.request).value};
  verdict.breach = state_breach(reason, router, std::string{fact});
  return false;
}
// ... with a name that is shown; the text says where.
[[gnu::cold, gnu::noinline]] bool refuse(const Question& question, Verdict& verdict, Reason reason,
                                         fmt::format_string<std::string> fact,
                                         std::string_view name) {
  return refuse(question, verdict, reason, fmt::format(fact, printable(name)));
}

bool is_below_zero(const std::optional<Price>& price) { return price && *price < Price{}; }

bool ask_form(const Question& question, const Subject& subject, std::string_view cl_ord_id,
              Verdict& verdict) {
  const auto malformed = [&](std::string_view fact) {
    return refuse(question, verdict, Reason::malformed, fact);
  };
  if (cl_ord_id.empty()) return malformed("ClOrdID is empty");
  if (!subject.quantity.is_positive()) {
    return refuse(question, verdict, Reason::malformed, "quantity {} is not above zero",
                  subject.quantity.text());
  }
  const bool wants_limit =
      subject.type == OrderType::limit || subject.type == OrderType::stop_limit;
  if (wants_limit && !subject.limit) return malformed("a limit order has no price");
  const bool wants_stop = subject.type == OrderType::stop || subject.type == OrderType::stop_limit;
  if (wants_stop && !subject.stop) return malformed("a stop order has no stop price");
  if ((is_below_zero(subject.limit) || is_below_zero(subject.stop)) &&
      !traits_of(question.limits, subject.symbol).negative_prices) {
    return malformed("a price is below zero");
  }
  return true;
}

// Rule 13: any ClOrdID of this router today, of ended orders too, with the same content or not.
bool ask_duplicate(const Question& question, const Subject& subject, std::string_view cl_ord_id,
                   Verdict& verdict) {
  if (!question.books.is_taken(subject.router, cl_ord_id)) return true;
  return refuse(question, verdict, Reason::duplicate_cl_ord_id, "ClOrdID {} names an order already",
                cl_ord_id);
}

bool ask_known(const Question& question, const Subject& subject, std::string_view orig_cl_ord_id,
               Verdict& verdict) {
  if (subject.order) return true;
  return refuse(question, verdict, Reason::unknown_order, "OrigClOrdID {} names no order",
                orig_cl_ord_id);
}

bool ask_new_states(const Question& question, const Subject& subject, const NewOrder& request,
                    Verdict& verdict) {
  if (!request.venue.known()) {
    return refuse(question, verdict, Reason::no_route, "the order has no venue");
  }
  if (!request.account.known()) {
    return refuse(question, verdict, Reason::unknown_account, "the account is not in the policy");
  }
  if (!request.symbol.known()) {
    return refuse(question, verdict, Reason::unknown_symbol, "the symbol is not in the policy");
  }
  if (subject.worked_out.parent) return true;
  if (request.parent_name.empty()) {
    return refuse(question, verdict, Reason::parent_unknown, "the order names no parent");
  }
  return refuse(question, verdict, Reason::parent_unknown, "parent {} is not declared",
                request.parent_name);
}

bool ask_replace_states(const Question& question, const Replace& request, const Subject& subject,
                        Verdict& verdict) {
  if (!ask_known(question, subject, request.orig_cl_ord_id, verdict)) return false;
  if (subject.order->shown.state != OrderState::ended) return true;
  return refuse(question, verdict, Reason::unknown_order, "order {} has ended",
                request.orig_cl_ord_id);
}

// A cancel reduces risk: nothing but these two stands in its way, and nothing in that of our own.
bool ask_cancel(const Question& question, const Cancel& request, Verdict& verdict) {
  if (request.by_gateway) return true;
  const Subject subject = subject_of(question.books.state(), question.request);
  if (!ask_known(question, subject, request.orig_cl_ord_id, verdict)) return false;
  if (!subject.order->shown.cancel_in_flight) return true;
  return refuse(question, verdict, Reason::cancel_in_flight, "a cancel of order {} is in flight",
                request.orig_cl_ord_id);
}

// A scope that was shut as far as reduce-only takes what makes a position smaller, and nothing
// else.
bool ask_reduce_only(const Question& question, const Subject& subject, Verdict& verdict) {
  if (!question.reduce_only || !subject.increment.is_positive()) return true;
  if (subject.worked_out.reduces) return true;
  return refused(verdict, [&] {
    return state_breach(Reason::reduce_only, *question.reduce_only,
                        fmt::format("{} takes only orders that reduce a position",
                                    words(question.directory, *question.reduce_only)));
  });
}

// What the request is, before any limit. Order of precedence: its form, whether it was seen before,
// whether what it names exists.
bool ask_states(const Question& question, const Subject& subject, Verdict& verdict) {
  const std::string_view cl_ord_id = cl_ord_id_of(question.request);
  if (!ask_form(question, subject, cl_ord_id, verdict)) return false;
  if (!ask_duplicate(question, subject, cl_ord_id, verdict)) return false;
  const auto* replace = std::get_if<Replace>(&question.request);
  if (replace ? !ask_replace_states(question, *replace, subject, verdict)
              : !ask_new_states(question, subject, std::get<NewOrder>(question.request), verdict)) {
    return false;
  }
  return ask_reduce_only(question, subject, verdict);
}

}  // namespace

Verdict decide(const Question& question) {
  Verdict verdict;
  if (const auto* cancel = std::get_if<Cancel>(&question.request)) {
    static_cast<void>(ask_cancel(question, *cancel, verdict));
    return verdict;
  }
  const Subject subject = subject_of(question);
  if (!ask_states(question, subject, verdict)) return verdict;
  for (const Ask ask : asks(question.released)) {
    if (!ask(question, subject, verdict)) break;
  }
  return verdict;
}

std::vector<Breach> watch(const Watch& watch) {
  std::vector<Breach> breaches;
  for (const Watcher::Look look : watchers(watch.occasion)) look(watch, breaches);
  return breaches;
}

}  // namespace interlock::risk

#include "risk/decide.hpp"

#include <fmt/format.h>

#include <string>

#include "risk/asking.hpp"
#include "risk/books_state.hpp"
#include "risk/fact.hpp"
#include "risk/subject.hpp"

namespace interlock::risk {
namespace {

Breach refuse(const Question& question, Reason reason, std::string fact) {
  const Scope router{ScopeKind::router, router_of(question.request).value};
  return state_breach(reason, router, std::move(fact));
}

bool is_below_zero(const std::optional<Price>& price) { return price && *price < Price{}; }

std::optional<Breach> ask_form(const Question& question, const Subject& subject) {
  const auto malformed = [&](std::string fact) {
    return refuse(question, Reason::malformed, std::move(fact));
  };
  if (cl_ord_id_of(question.request).empty()) return malformed("ClOrdID is empty");
  if (!subject.quantity.is_positive()) {
    return malformed(fmt::format("quantity {} is not above zero", subject.quantity.text()));
  }
  const bool wants_limit =
      subject.type == OrderType::limit || subject.type == OrderType::stop_limit;
  if (wants_limit && !subject.limit) return malformed("a limit order has no price");
  const bool wants_stop = subject.type == OrderType::stop || subject.type == OrderType::stop_limit;
  if (wants_stop && !subject.stop) return malformed("a stop order has no stop price");
  const bool may_be_negative = traits_of(question.limits, subject.symbol).negative_prices;
  if (!may_be_negative && (is_below_zero(subject.limit) || is_below_zero(subject.stop))) {
    return malformed("a price is below zero");
  }
  return std::nullopt;
}

// Rule 13: any ClOrdID of this router today, of ended orders too, with the same content or not.
std::optional<Breach> ask_duplicate(const Question& question) {
  const std::string_view cl_ord_id = cl_ord_id_of(question.request);
  if (!question.books.is_taken(router_of(question.request), cl_ord_id)) return std::nullopt;
  return refuse(question, Reason::duplicate_cl_ord_id,
                fmt::format("ClOrdID {} names an order already", printable(cl_ord_id)));
}

std::optional<Breach> ask_known(const Question& question, const Subject& subject,
                                std::string_view orig_cl_ord_id) {
  if (subject.order) return std::nullopt;
  return refuse(question, Reason::unknown_order,
                fmt::format("OrigClOrdID {} names no order", printable(orig_cl_ord_id)));
}

std::optional<Breach> ask_new_states(const Question& question, const NewOrder& request) {
  if (!request.venue.known()) return refuse(question, Reason::no_route, "the order has no venue");
  if (!request.account.known()) {
    return refuse(question, Reason::unknown_account, "the account is not in the policy");
  }
  if (!request.symbol.known()) {
    return refuse(question, Reason::unknown_symbol, "the symbol is not in the policy");
  }
  if (question.books.parent(request.parent)) return std::nullopt;
  return refuse(question, Reason::parent_unknown,
                request.parent_name.empty()
                    ? "the order names no parent"
                    : fmt::format("parent {} is not declared", printable(request.parent_name)));
}

std::optional<Breach> ask_replace_states(const Question& question, const Replace& request,
                                         const Subject& subject) {
  if (auto breach = ask_known(question, subject, request.orig_cl_ord_id)) return breach;
  if (subject.order->shown.state != OrderState::ended) return std::nullopt;
  return refuse(question, Reason::unknown_order,
                fmt::format("order {} has ended", printable(request.orig_cl_ord_id)));
}

// A cancel reduces risk: nothing but these two stands in its way, and nothing in that of our own.
std::optional<Breach> ask_cancel(const Question& question, const Subject& subject,
                                 const Cancel& request) {
  if (request.by_gateway) return std::nullopt;
  if (auto breach = ask_known(question, subject, request.orig_cl_ord_id)) return breach;
  if (!subject.order->shown.cancel_in_flight) return std::nullopt;
  return refuse(
      question, Reason::cancel_in_flight,
      fmt::format("a cancel of order {} is in flight", printable(request.orig_cl_ord_id)));
}

// A scope that was shut as far as reduce-only takes what makes a position smaller, and nothing
// else.
std::optional<Breach> ask_reduce_only(const Question& question, const Subject& subject) {
  if (!question.reduce_only || !subject.increment.is_positive()) return std::nullopt;
  if (is_reducing(question.books.state(), subject)) return std::nullopt;
  return state_breach(Reason::reduce_only, *question.reduce_only,
                      fmt::format("{} takes only orders that reduce a position",
                                  words(question.directory, *question.reduce_only)));
}

// What the request is, before any limit. Order of precedence: its form, whether it was seen before,
// whether what it names exists.
std::optional<Breach> ask_states(const Question& question, const Subject& subject) {
  if (auto breach = ask_form(question, subject)) return breach;
  if (auto breach = ask_duplicate(question)) return breach;
  const auto* replace = std::get_if<Replace>(&question.request);
  auto breach = replace ? ask_replace_states(question, *replace, subject)
                        : ask_new_states(question, std::get<NewOrder>(question.request));
  return breach ? breach : ask_reduce_only(question, subject);
}

}  // namespace

Verdict decide(const Question& question) {
  const Subject subject = subject_of(question.books.state(), question.request);
  if (const auto* cancel = std::get_if<Cancel>(&question.request)) {
    return {ask_cancel(question, subject, *cancel)};
  }
  if (auto breach = ask_states(question, subject)) return {std::move(breach)};
  for (const Control& control : controls()) {
    if (!control.ask || (question.released && control.releasable)) continue;
    if (auto breach = control.ask(question, subject)) return {std::move(breach)};
  }
  return {};
}

std::vector<Breach> watch(const Watch& watch) {
  std::vector<Breach> breaches;
  for (const Control& control : controls()) {
    if (control.watch) control.watch(watch, breaches);
  }
  return breaches;
}

}  // namespace interlock::risk

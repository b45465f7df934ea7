#include "simulation/told.hpp"

#include <fmt/format.h>

namespace interlock::simulation {
namespace {

std::string_view word(risk::Fact fact) {
  constexpr std::string_view words[] = {
      "pending",          "acknowledged",    "replaced",    "filled", "ended",
      "restated",         "suspended",       "status",      "busted", "corrected",
      "replace_rejected", "cancel_rejected", "new_rejected"};
  return words[static_cast<std::size_t>(fact)];
}

std::string price(const std::optional<risk::Price>& limit) {
  return limit ? limit->text() : "market";
}

struct Teller {
  std::string operator()(const risk::Request& request) const { return told(request); }
  std::string operator()(const risk::Report& report) const { return told(report); }
  std::string operator()(const Priced& priced) const {
    std::string text = "prices";
    for (const risk::Price each : priced.by_symbol) text += " " + each.text();
    return text;
  }
  std::string operator()(const Rolled&) const { return "a new day"; }
  std::string operator()(const Loaded& loaded) const {
    return fmt::format("A{} begins the day with {} of S{}", loaded.account.value,
                       loaded.position.text(), loaded.symbol.value);
  }
  std::string operator()(const Located& located) const {
    return fmt::format("A{} may sell {} of S{} short", located.account.value, located.shares.text(),
                       located.symbol.value);
  }
  std::string operator()(const Sized& sized) const {
    return fmt::format("P{} {} {}", sized.parent.value, sized.is_first ? "is" : "is now",
                       sized.size.text());
  }
  std::string operator()(const Cancelled& cancelled) const {
    return fmt::format("P{} is cancelled by its owner", cancelled.parent.value);
  }
  std::string operator()(const Executed& executed) const {
    return fmt::format("the OMS has {} of P{} executed", executed.quantity.text(),
                       executed.parent.value);
  }
};

}  // namespace

std::string told(const risk::Request& request) {
  if (const auto* d = std::get_if<risk::NewOrder>(&request)) {
    return fmt::format("R{} D {} side {} {} S{} at {} to V{} for A{} of P{}", d->router.value,
                       d->cl_ord_id, static_cast<int>(d->side), d->quantity.text(), d->symbol.value,
                       price(d->limit), d->venue.value, d->account.value, d->parent.value);
  }
  if (const auto* g = std::get_if<risk::Replace>(&request)) {
    return fmt::format("R{} G {} of {} to {} at {}", g->router.value, g->cl_ord_id,
                       g->orig_cl_ord_id, g->quantity.text(), price(g->limit));
  }
  const auto& f = std::get<risk::Cancel>(request);
  return fmt::format("R{} F {} of {}", f.router.value, f.cl_ord_id, f.orig_cl_ord_id);
}

std::string told(const risk::Report& report) {
  std::string text = fmt::format("  V{} {} R{} {}", report.venue.value, word(report.fact),
                                 report.router.value, report.cl_ord_id);
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) text += fmt::format(" {}={}", name, value);
  };
  add("orig", report.orig_cl_ord_id);
  add("exec", report.exec_id);
  add("ref", report.exec_ref_id);
  if (!report.last_quantity.is_zero()) add("last", report.last_quantity.text());
  if (report.quantity) add("quantity", report.quantity->text());
  if (report.cum) add("cum", report.cum->text());
  if (report.leaves) add("leaves", report.leaves->text());
  if (report.venue_time) add("at", std::to_string(report.venue_time->ns));
  return text;
}

std::string told(const Event& event) { return std::visit(Teller{}, event.what); }

}  // namespace interlock::simulation

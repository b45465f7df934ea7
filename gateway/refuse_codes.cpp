// One row a reason: the numbers of 103, 102 and 380 by version. docs/rejects.md shows this table.
#include <algorithm>
#include <array>

#include "gateway/refuse.hpp"

namespace interlock::gateway {
namespace {

using risk::Reason;

// OrdRejReason (103): 4.2 ends at 8, and its 0 means "other"; later versions have 99 for it. What
// 5.0SP2 added (16, 18 to 29) is not in the dictionaries of all engines, and so only in `extended`.
constexpr CodeByVersion other{0, 99, 99, 99};
constexpr CodeByVersion unknown_symbol{1, 1, 1, 1};
constexpr CodeByVersion exceeds_limit{3, 3, 3, 3};
constexpr CodeByVersion exceeds_order_quantity{3, 3, 3, 26};
constexpr CodeByVersion exceeds_order_notional{3, 3, 3, 27};
constexpr CodeByVersion exceeds_notional{3, 3, 3, 20};
// From 4.4 on 3 is about the order's size.
constexpr CodeByVersion outside_price_band{3, 99, 99, 16};
constexpr CodeByVersion no_reference{0, 99, 99, 19};
constexpr CodeByVersion breaches_algorithm_limit{0, 99, 99, 21};
constexpr CodeByVersion unknown_order{5, 5, 5, 5};
constexpr CodeByVersion duplicate_order{6, 6, 6, 6};
constexpr CodeByVersion stale_order{8, 8, 8, 8};
constexpr CodeByVersion unsupported_characteristic{0, 11, 11, 11};
constexpr CodeByVersion unknown_account{0, 15, 15, 15};
// CxlRejReason (102): 4.2 ends at 3, and its 2 means "broker option"; later versions have 99 for
// "other".
constexpr CodeByVersion cancel_other{2, 99, 99, 99};
constexpr CodeByVersion cancel_unknown_order{1, 1, 1, 1};
constexpr CodeByVersion cancel_pending{3, 3, 3, 3};
constexpr CodeByVersion cancel_duplicate{2, 6, 6, 6};
constexpr CodeByVersion replace_outside_price_band{2, 99, 99, 8};
// BusinessRejectReason (380), the same in all.
constexpr int business_other = 0;
constexpr int business_unknown_id = 1;
constexpr int business_unknown_security = 2;
constexpr int business_unsupported = 3;
constexpr int business_not_available = 4;

constexpr std::array rows{
    CodeRow{Reason::order_qty, exceeds_order_quantity, cancel_other, business_other},
    CodeRow{Reason::order_notional, exceeds_order_notional, cancel_other, business_other},
    CodeRow{Reason::price_collar, outside_price_band, replace_outside_price_band, business_other},
    CodeRow{Reason::order_rate, breaches_algorithm_limit, cancel_other, business_other},
    CodeRow{Reason::parent_fill, exceeds_limit, cancel_other, business_other},
    CodeRow{Reason::parent_match, other, cancel_other, business_other},
    CodeRow{Reason::gross_notional, exceeds_notional, cancel_other, business_other},
    CodeRow{Reason::duplicate, other, cancel_other, business_other},
    CodeRow{Reason::restricted, other, cancel_other, business_other},
    CodeRow{Reason::message_rate, breaches_algorithm_limit, cancel_other, business_other},
    CodeRow{Reason::notional_rate, exceeds_notional, cancel_other, business_other},
    CodeRow{Reason::execution_rate, breaches_algorithm_limit, cancel_other, business_other},
    CodeRow{Reason::parent_fan_out, breaches_algorithm_limit, cancel_other, business_other},
    CodeRow{Reason::new_parents, other, cancel_other, business_other},
    CodeRow{Reason::peer_divergence, other, cancel_other, business_other},
    CodeRow{Reason::turnover, exceeds_notional, cancel_other, business_other},
    CodeRow{Reason::net_notional, exceeds_notional, cancel_other, business_other},
    CodeRow{Reason::position, exceeds_limit, cancel_other, business_other},
    CodeRow{Reason::open_orders, exceeds_limit, cancel_other, business_other},
    CodeRow{Reason::daily_loss, exceeds_limit, cancel_other, business_other},
    CodeRow{Reason::self_match, other, cancel_other, business_other},
    CodeRow{Reason::orphan_fills, other, cancel_other, business_not_available},
    CodeRow{Reason::over_fill, other, cancel_other, business_not_available},
    CodeRow{Reason::reject_storm, other, cancel_other, business_not_available},
    CodeRow{Reason::tag_dialect, other, cancel_other, business_other},
    CodeRow{Reason::alert_unacknowledged, other, cancel_other, business_not_available},
    CodeRow{Reason::ledger_stale, other, cancel_other, business_not_available},
    CodeRow{Reason::killed, other, cancel_other, business_not_available},
    CodeRow{Reason::not_armed, other, cancel_other, business_not_available},
    CodeRow{Reason::recovering, other, cancel_other, business_not_available},
    CodeRow{Reason::venue_down, other, cancel_other, business_not_available},
    CodeRow{Reason::stale_order, stale_order, cancel_other, business_other},
    CodeRow{Reason::parent_unknown, unknown_order, cancel_other, business_unknown_id},
    CodeRow{Reason::no_reference_price, no_reference, cancel_other, business_other},
    CodeRow{Reason::no_limit, other, cancel_other, business_other},
    CodeRow{Reason::malformed, other, cancel_other, business_other},
    CodeRow{Reason::unsupported, unsupported_characteristic, cancel_other, business_unsupported},
    CodeRow{Reason::duplicate_cl_ord_id, duplicate_order, cancel_duplicate, business_other},
    CodeRow{Reason::unknown_order, unknown_order, cancel_unknown_order, business_unknown_id},
    CodeRow{Reason::cancel_in_flight, other, cancel_pending, business_other},
    CodeRow{Reason::no_route, other, cancel_other, business_other},
    CodeRow{Reason::journal_failure, other, cancel_other, business_not_available},
    CodeRow{Reason::unknown_account, unknown_account, cancel_other, business_unknown_id},
    CodeRow{Reason::unknown_symbol, unknown_symbol, cancel_other, business_unknown_security},
    CodeRow{Reason::not_delivered, other, cancel_other, business_not_available},
    CodeRow{Reason::blocked, other, cancel_other, business_not_available},
    CodeRow{Reason::reduce_only, other, cancel_other, business_other},
    CodeRow{Reason::unknown_attribution, other, cancel_other, business_other},
    CodeRow{Reason::no_currency_rate, other, cancel_other, business_other},
};

CodeRow row_of(Reason reason) {
  const auto found = std::ranges::find(rows, reason, &CodeRow::reason);
  return found != rows.end() ? *found : CodeRow{reason, other, cancel_other, business_other};
}

}  // namespace

int CodeByVersion::in(AnswerForm form) const {
  if (form.version == "FIX.4.2") return fix42;
  if (form.version == "FIX.4.4") return fix44;
  return form.extended ? extended : fix50;
}

std::span<const CodeRow> code_rows() { return rows; }

int ord_rej_reason(Reason reason, AnswerForm form) { return row_of(reason).order.in(form); }

int cxl_rej_reason(Reason reason, AnswerForm form) { return row_of(reason).cancel.in(form); }

int business_reject_reason(Reason reason) { return row_of(reason).business; }

}  // namespace interlock::gateway

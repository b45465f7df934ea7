// One row a reason: the numbers of 103, 102 and 380 by version. docs/rejects.md shows this table.
#include <array>

#include "gateway/refuse.hpp"

namespace interlock::gateway {
namespace {

using risk::Reason;

struct ByVersion {
  int fix42 = 0;
  int fix44 = 0;
  [[nodiscard]] int in(std::string_view begin_string) const {
    return begin_string == "FIX.4.2" ? fix42 : fix44;
  }
};

// OrdRejReason (103): 4.2 ends at 8, and its 0 means "other"; 4.4 has 99 for it.
constexpr ByVersion other{0, 99};
constexpr ByVersion unknown_symbol{1, 1};
constexpr ByVersion exceeds_limit{3, 3};
constexpr ByVersion price_exceeds_limit{3, 99};  // 4.4: 99, since 3 is about the order's size there
constexpr ByVersion unknown_order{5, 5};
constexpr ByVersion duplicate_order{6, 6};
constexpr ByVersion stale_order{8, 8};
constexpr ByVersion unsupported_characteristic{0, 11};
constexpr ByVersion unknown_account{0, 15};
// CxlRejReason (102): 4.2 ends at 3, and its 2 means "broker option"; 4.4 has 99 for it.
constexpr ByVersion cancel_other{2, 99};
constexpr ByVersion cancel_unknown_order{1, 1};
constexpr ByVersion cancel_pending{3, 3};
constexpr ByVersion cancel_duplicate{2, 6};
// BusinessRejectReason (380), the same in both.
constexpr int business_other = 0;
constexpr int business_unknown_id = 1;
constexpr int business_unknown_security = 2;
constexpr int business_unsupported = 3;
constexpr int business_not_available = 4;

struct Row {
  Reason reason;
  ByVersion order, cancel;
  int business;
};

constexpr std::array rows{
    Row{Reason::order_qty, exceeds_limit, cancel_other, business_other},
    Row{Reason::order_notional, exceeds_limit, cancel_other, business_other},
    Row{Reason::price_collar, price_exceeds_limit, cancel_other, business_other},
    Row{Reason::order_rate, other, cancel_other, business_other},
    Row{Reason::parent_fill, exceeds_limit, cancel_other, business_other},
    Row{Reason::parent_match, other, cancel_other, business_other},
    Row{Reason::gross_notional, exceeds_limit, cancel_other, business_other},
    Row{Reason::killed, other, cancel_other, business_not_available},
    Row{Reason::not_armed, other, cancel_other, business_not_available},
    Row{Reason::recovering, other, cancel_other, business_not_available},
    Row{Reason::venue_down, other, cancel_other, business_not_available},
    Row{Reason::stale_order, stale_order, cancel_other, business_other},
    Row{Reason::parent_unknown, unknown_order, cancel_other, business_unknown_id},
    Row{Reason::no_reference_price, other, cancel_other, business_other},
    Row{Reason::no_limit, other, cancel_other, business_other},
    Row{Reason::malformed, other, cancel_other, business_other},
    Row{Reason::unsupported, unsupported_characteristic, cancel_other, business_unsupported},
    Row{Reason::duplicate_cl_ord_id, duplicate_order, cancel_duplicate, business_other},
    Row{Reason::unknown_order, unknown_order, cancel_unknown_order, business_unknown_id},
    Row{Reason::cancel_in_flight, other, cancel_pending, business_other},
    Row{Reason::no_route, other, cancel_other, business_other},
    Row{Reason::journal_failure, other, cancel_other, business_not_available},
    Row{Reason::unknown_account, unknown_account, cancel_other, business_unknown_id},
    Row{Reason::unknown_symbol, unknown_symbol, cancel_other, business_unknown_security},
    Row{Reason::not_delivered, other, cancel_other, business_not_available},
};

constexpr Row row_of(Reason reason) {
  for (const Row& row : rows)
    if (row.reason == reason) return row;
  return {reason, other, cancel_other, business_other};
}

}  // namespace

int ord_rej_reason(Reason reason, std::string_view begin_string) {
  return row_of(reason).order.in(begin_string);
}

int cxl_rej_reason(Reason reason, std::string_view begin_string) {
  return row_of(reason).cancel.in(begin_string);
}

int business_reject_reason(Reason reason) { return row_of(reason).business; }

}  // namespace interlock::gateway

// The table of controls. Order of precedence: who the child belongs to, whether its parent has
// room, and only then the limits, from the cheapest question to the widest. So a child of an
// exhausted parent is always refused by parent-fill, which may kill its router, whatever limit it
// breaks too.
#include <array>

#include "risk/decide.hpp"
#include "risk/limit_controls.hpp"
#include "risk/parent_controls.hpp"

namespace interlock::risk {
namespace {

constexpr std::array<Control, 7> table{{
    {"parent-match", "Knight; FIX rule 23", Reason::parent_match, ask_parent_match},
    {"parent-fill", "Knight", Reason::parent_fill, ask_parent_fill},
    {"order-rate", "15c3-5(c)(1)(ii)", Reason::order_rate, ask_order_rate},
    {"order-qty", "15c3-5(c)(1)(ii), RTS 6 15(1)(c)", Reason::order_qty, ask_order_qty},
    {"price-collar", "15c3-5(c)(1)(ii), RTS 6 15(1)(a)", Reason::price_collar, ask_price_collar},
    {"order-notional", "15c3-5(c)(1)(ii), RTS 6 15(1)(b)", Reason::order_notional,
     ask_order_notional},
    {"gross-notional", "15c3-5(c)(1)(i), RTS 6 15(4)", Reason::gross_notional, ask_gross_notional},
}};

}  // namespace

std::span<const Control> controls() { return table; }

}  // namespace interlock::risk

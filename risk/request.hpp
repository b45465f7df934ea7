// What a router asks and what a venue reports, after translation: no FIX, no text but ClOrdIDs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "risk/ids.hpp"
#include "risk/units.hpp"

namespace interlock::risk {

// FIX 54. Other sides are refused by translation (rule 22).
enum class Side : std::uint8_t { buy = 1, sell = 2, sell_short = 5, sell_short_exempt = 6 };
[[nodiscard]] constexpr bool is_buy(Side side) { return side == Side::buy; }

// FIX 40, as far as the controls ask: a type with no limit price is valued at the reference.
enum class OrderType : std::uint8_t { market, limit, stop, stop_limit, other };

// Where a parent's size came from (FIX.md "How a parent is named on the wire").
enum class ParentSource : std::uint8_t { declared = 1, child_tag = 2, tee = 3 };
// The copy of what the OMS sent is trusted most, what the router itself says least.
[[nodiscard]] constexpr int trust_in(ParentSource source) {
  switch (source) {
    case ParentSource::tee:
      return 3;
    case ParentSource::declared:
      return 2;
    case ParentSource::child_tag:
      return 1;
  }
  return 0;
}

// Who or what decided on an order; unknown ids: the router carries no such tag.
struct Attributions {
  AlgoId algo;
  TraderId trader;
  DeskId desk;
  friend bool operator==(const Attributions&, const Attributions&) = default;
};

struct NewOrder {  // D
  RouterId router;
  VenueId venue;
  AccountId account;  // unknown id: not in the policy; refused
  SymbolId symbol;    // unknown id: not in the policy; refused
  ParentId parent;    // unknown id: the child names no parent, or none is declared; refused
  Attributions by;
  std::string cl_ord_id;    // 11, as the router wrote it
  std::string parent_name;  // as on the wire, for the text of a refusal; may be empty
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  Quantity quantity;           // 38, > 0
  std::optional<Price> limit;  // 44; absent for market
  std::optional<Price> stop;   // 99
};

struct Replace {  // G: names an order by its last accepted ClOrdID, or one still pending
  RouterId router;
  std::string cl_ord_id;       // 11, new
  std::string orig_cl_ord_id;  // 41
  AccountId
      account;  // what the G says; has to be the order's (unknown id when the G leaves it out)
  SymbolId symbol;
  ParentId parent;             // unknown id when the G does not name one: inherited through 41
  bool names_account = false;  // whether tag 1 stood in the G
  bool names_parent = false;
  Attributions by;  // unknown ids where the G names none: they are the order's
  Side side = Side::buy;
  OrderType type = OrderType::limit;
  Quantity quantity;  // 38: new total, includes what is filled
  std::optional<Price> limit;
  std::optional<Price> stop;
};

struct Cancel {  // F
  RouterId router;
  std::string cl_ord_id;
  std::string orig_cl_ord_id;
  bool by_gateway = false;  // the kill's own cancel
};

using Request = std::variant<NewOrder, Replace, Cancel>;

// A parent's size, symbol, side and account: declared by the OMS, or first write on a child (rule
// 23).
struct ParentDeclaration {
  ParentId parent;
  AccountId account;
  SymbolId symbol;
  Side side = Side::buy;
  Quantity size;
  ParentSource source = ParentSource::declared;
};

// What a venue's message says happened. The names are the ledger's, not FIX's.
enum class Fact : std::uint8_t {
  pending,           // 150=A, 6, E: the venue has it, nothing moved
  acknowledged,      // 150=0: the new order is live
  replaced,          // 150=5: cl_ord_id is now the order; quantity and limit hold
  filled,            // 150=1, 2 (4.2: 20=0), F: last_quantity at last_price
  ended,             // 150=4, C, 8, and 3 for a day order: nothing more may execute
  restated,          // 150=D: quantity or price changed without a request
  suspended,         // 150=7, 9, 3 of a GTC: keeps all exposure
  status,            // 150=I, 20=3: moves nothing
  busted,            // 150=H, 20=1: ExecRefID's fill is taken back
  corrected,         // 150=G, 20=2: ExecRefID's fill is replaced by this one
  replace_rejected,  // 9 with 434=2, or 3/j that names the G (rule 19)
  cancel_rejected,   // 9 with 434=1, or 3/j that names the F
  new_rejected,      // 3/j that names the D; or our own proof that it never reached the venue
};

struct Report {
  VenueId venue;
  Fact fact = Fact::status;
  RouterId
      router;  // with cl_ord_id: the order, after restoring the router's names; unknown: unmapped
  std::string cl_ord_id;       // 11
  std::string orig_cl_ord_id;  // 41; may be empty
  std::string exec_id;         // 17, unique per venue session while the order can trade (rule 10)
  std::string exec_ref_id;     // 19
  SymbolId symbol;             // for fills that map to no order
  std::optional<Side> side;
  Quantity last_quantity;            // 32
  Price last_price;                  // 31
  std::optional<Quantity> quantity;  // 38
  std::optional<Price> limit;        // 44
  std::optional<Quantity> cum;       // 14: a cross-check, never the source (rule 11)
  std::optional<Quantity> leaves;    // 151: a cross-check
  std::string reject_code;           // 103 or 102 of a reject, "?" without one; empty: no reject
  std::optional<Time> venue_time;    // 122, else 52: when it was first said
  bool corporate_action = false;     // of a restatement: 378=0, so 14 is restated too (rule 18)
};

}  // namespace interlock::risk

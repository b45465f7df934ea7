// How each message type is refused, per FIX version: message type and body, with every required
// field.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/wire.hpp"
#include "risk/books.hpp"
#include "risk/verdict.hpp"

namespace interlock::gateway {

// How the answers to one session are written.
struct AnswerForm {
  std::string_view version;  // of a built-in dialect
  bool extended = false;     // 5.0SP2: codes of later extension packs, where they say more
};

struct Refusal {
  risk::Reason reason = risk::Reason::malformed;
  std::string fact;  // clause after the code: "child 100 makes 12100 of parent P-00417's 12000"
  std::uint64_t record = 0;  // audit number, written as B<record>
  std::string_view node;     // host in the text
};

// What the ledger knows of the order that a G or F names; absent: unknown order.
struct KnownOrder {
  std::string venue_order_id;  // 37 as last reported; may be empty
  char status = '0';           // 39
  risk::Quantity cum, leaves;
};

struct Answer {
  std::string type;  // 35
  std::string body;
};

// 58: `CODE: fact. node B123`, at most 120 bytes of printable ASCII; cut inside the fact, never in
// code or record.
[[nodiscard]] std::string refusal_text(const Refusal& refusal);
// One reason's number of 103 or 102 in each version.
struct CodeByVersion {
  int fix42 = 0;
  int fix44 = 0;
  int fix50 = 0;
  int extended = 0;  // 5.0SP2, where the session has opted into it
  [[nodiscard]] int in(AnswerForm form) const;
};
struct CodeRow {
  risk::Reason reason;
  CodeByVersion order;   // 103
  CodeByVersion cancel;  // 102
  int business = 0;      // 380
};
// The table that docs/rejects.md shows; a test demands a row of each reason.
[[nodiscard]] std::span<const CodeRow> code_rows();
[[nodiscard]] int ord_rej_reason(risk::Reason reason, AnswerForm form);
[[nodiscard]] int cxl_rej_reason(risk::Reason reason, AnswerForm form);
[[nodiscard]] int business_reject_reason(risk::Reason reason);

// The answers to one refused message, in its own form: D AB 8, F G AC 9, E L N, s 8 a side, t u 9 a
// side, i b, AJ AI, S b in 4.2, AI in 4.4 and CW in 5.0SP2, q r, CA BZ, DJ DK, everything else j
// with 380=3 (or as `reason` says). `exec_id` has to be unique on that session; the second side's
// is exec_id-2.
[[nodiscard]] std::vector<Answer> refuse(const Parsed& message, const Refusal& refusal,
                                         const std::optional<KnownOrder>& known, AnswerForm form,
                                         std::string_view exec_id, std::int64_t now_ns);

// What our own books say of an order, for a report that no venue wrote.
struct OrderFacts {
  std::string cl_ord_id, orig_cl_ord_id, order_id, account, symbol;
  char side = '1';
  risk::Quantity quantity, cum;
  std::string average_price = "0";
};
// 8 with 150=8 39=8 under the router's ClOrdID: purged before it left, or proved not delivered.
[[nodiscard]] Answer order_rejected(const OrderFacts& order, const Refusal& refusal,
                                    AnswerForm form, std::string_view exec_id, std::int64_t now_ns);
// 8 with 150=4 39=4 under the router's ClOrdID, unsolicited: the kill's cancel was confirmed (378).
[[nodiscard]] Answer order_cancelled(const OrderFacts& order, const Refusal& refusal,
                                     AnswerForm form, std::string_view exec_id,
                                     std::int64_t now_ns);
// 9 for a G or F that a venue refused on session level, or that a kill purged.
[[nodiscard]] Answer cancel_rejected(const OrderFacts& order, bool replace, const Refusal& refusal,
                                     char order_status, AnswerForm form, std::int64_t now_ns);

}  // namespace interlock::gateway

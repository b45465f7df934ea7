// What we know of an order, as the ExecutionReport that answers a repeated D or G (session rule 4).
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/refuse.hpp"

namespace interlock::gateway {

// 8 with 150=I (4.2: 20=3 and 150 as 39): moves nothing. `status` is 39 as the venue last said.
[[nodiscard]] Answer order_status(const OrderFacts& order, char status, AnswerForm form,
                                  std::string_view exec_id);

// One order of a list, as the books know it.
struct ListedOrder {
  OrderFacts facts;
  char status = 'A';
};
// N, 429=2: a list that came again is answered with its state.
[[nodiscard]] Answer list_status(std::string_view list_id, const std::vector<ListedOrder>& orders);

// r or BZ: a mass cancel or mass action is taken, and `affected` orders are in its scope.
[[nodiscard]] Answer mass_accepted(const Parsed& message, std::size_t affected, AnswerForm form,
                                   std::string_view report_id);

}  // namespace interlock::gateway

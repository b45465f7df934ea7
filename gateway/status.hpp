// What we know of an order, as the ExecutionReport that answers a repeated D or G (session rule 4).
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/refuse.hpp"

namespace interlock::gateway {

// 8 with 150=I (4.2: 20=3 and 150 as 39): moves nothing. `status` is 39 as the venue last said.
[[nodiscard]] Answer order_status(const OrderFacts& order, char status, AnswerForm form,
                                  std::string_view exec_id);

}  // namespace interlock::gateway

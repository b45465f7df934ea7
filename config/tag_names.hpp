// What FIX calls its tags, as the built-in dialects have it: for people who read messages.
#pragma once

#include <string_view>

#include "config/dialect.hpp"

namespace interlock::config {

// "ClOrdID" of 11; empty: no built-in dialect knows the tag.
[[nodiscard]] std::string_view tag_name(Tag tag);
// "NewOrderSingle" of D; empty: as above.
[[nodiscard]] std::string_view message_name(std::string_view type);

}  // namespace interlock::config

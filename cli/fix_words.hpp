// FIX in words: tags and the values of enumerations by their names.
#pragma once

#include <string>
#include <string_view>

namespace interlock::cli {

// "35 MsgType=D NewOrderSingle" and so on, each field ended as it was in the frame.
[[nodiscard]] std::string in_words(std::string_view frame);

// "filled" of 39=2; empty: only a value.
[[nodiscard]] std::string_view meaning(unsigned tag, std::string_view value);

}  // namespace interlock::cli

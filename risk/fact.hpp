// The words of a refusal: short, printable, and without the figures of other clients.
#pragma once

#include <string>
#include <string_view>

#include "risk/ids.hpp"
#include "risk/subject.hpp"
#include "risk/units.hpp"
#include "risk/verdict.hpp"

namespace interlock::risk {

// Text (58) is at most 120 bytes: "CODE: fact. node Bn". The rest of it takes up to 40.
inline constexpr std::size_t fact_size_max = 80;

// The scope's name in its kind; empty for the firm.
[[nodiscard]] std::string_view name_of(const Directory& directory, Scope scope);
// "venue XNYS", "the firm"; a long or unprintable name is cut and cleaned.
[[nodiscard]] std::string words(const Directory& directory, Scope scope);
[[nodiscard]] std::string printable(std::string_view name);
[[nodiscard]] std::string words(Duration duration);  // "500 ms", "1 s"

// A refusal that is not about a limit.
[[nodiscard]] Breach state_breach(Reason reason, Scope scope, std::string fact);
// A refusal because nobody set the limit of that scope.
[[nodiscard]] Breach no_limit(const Directory& directory, std::string_view control, Scope scope);

}  // namespace interlock::risk

// The page that kills without a script: for a browser in which nothing else works.
#pragma once

#include <string>
#include <string_view>

#include "console/api.hpp"
#include "console/form.hpp"

namespace interlock::console {

inline constexpr std::string_view kill_form_target = "/kill";

// Its fields: token, scope, id, sure.
[[nodiscard]] std::expected<Form, std::string> read_kill_form(std::string_view body);
// The same kill as a body of the API.
[[nodiscard]] std::string kill_body(const Form& form);
// The empty form.
[[nodiscard]] Answer kill_form();
// ... with what the API answered above it.
[[nodiscard]] Answer kill_form(const Answer& answer);

}  // namespace interlock::console

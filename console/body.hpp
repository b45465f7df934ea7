// What a POST may say: each body read strictly into one struct, or an error in words.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "gateway/desk.hpp"
#include "killswitch/latch.hpp"

namespace interlock::console {

struct KillBody {
  killswitch::Scope scope;  // an empty body is the firm: everything
  killswitch::Level level = killswitch::Level::kill;
  std::string reason;
};
struct RearmBody {
  bool approve = false;  // else begin
  std::uint64_t kill_id = 0;
  killswitch::RearmWords words;
};

// The error says which key is wrong and what it may be. Unknown keys are errors: a misspelt scope
// must not become "everything".
[[nodiscard]] std::expected<KillBody, std::string> read_kill(std::string_view body);
[[nodiscard]] std::expected<gateway::CutVenue, std::string> read_cut(std::string_view body);
[[nodiscard]] std::expected<gateway::CancelAgain, std::string> read_cancel(std::string_view body);
[[nodiscard]] std::expected<RearmBody, std::string> read_rearm(std::string_view body);
[[nodiscard]] std::expected<gateway::TestButton, std::string> read_button(std::string_view body);
[[nodiscard]] std::expected<gateway::Acknowledge, std::string> read_acknowledge(
    std::string_view body);
[[nodiscard]] std::expected<gateway::Action, std::string> read_policy_action(std::string_view body);
[[nodiscard]] std::expected<gateway::ReleaseOrder, std::string> read_release(std::string_view body);
[[nodiscard]] std::expected<gateway::SetPrices, std::string> read_prices(std::string_view body);
// Approve too.
[[nodiscard]] std::expected<gateway::Action, std::string> read_sequence(std::string_view body);
[[nodiscard]] std::expected<gateway::Statement, std::string> read_statement(std::string_view body);
// Approve too.
[[nodiscard]] std::expected<gateway::Action, std::string> read_parent_change(std::string_view body);
// Without the actor, who is not in the body.
[[nodiscard]] std::expected<gateway::ParentRequest, std::string> read_parent(std::string_view body);

}  // namespace interlock::console

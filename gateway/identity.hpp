// Who and what a message speaks of: accounts, instruments and deciders by their names on the wire.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "gateway/wire.hpp"
#include "risk/request.hpp"
#include "risk/verdict.hpp"

namespace interlock::gateway {

struct Untranslatable {
  risk::Reason reason = risk::Reason::malformed;
  std::string fact;
};

// An unknown id: nobody of the policy is called so.
[[nodiscard]] risk::AccountId account_named(std::string_view wire, const config::Config& config,
                                            const risk::Directory& directory);
// By 55 and 65 together.
[[nodiscard]] risk::SymbolId symbol_named(const Parsed& message, const config::Config& config,
                                          const risk::Directory& directory);

// What in a D or G speaks of another instrument than 55 and 65: an id (48 with 22, 455 with 456)
// that the policy does not have of it, or another currency (15).
[[nodiscard]] std::optional<Untranslatable> contradiction(const Parsed& message,
                                                          const config::Config& config,
                                                          const risk::Directory& directory);

// Who or what decided. A D has to say so wherever its router has a place for it; a G may leave it
// out.
[[nodiscard]] std::expected<risk::Attributions, Untranslatable> attributions_of(
    const Parsed& message, const config::Router& router, const risk::Directory& directory,
    bool is_required);

}  // namespace interlock::gateway

// From FIX to the ledger's own words: requests of routers, facts of venues. Nothing is decided
// here.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <variant>

#include "config/config.hpp"
#include "gateway/identity.hpp"
#include "gateway/wire.hpp"
#include "risk/request.hpp"
#include "risk/verdict.hpp"

namespace interlock::gateway {

struct Translated {
  risk::Request request;
  // Where the router's policy says so: the size that this child claims for its parent (first write
  // wins).
  std::optional<risk::ParentDeclaration> claim;
};

// What the message names as its order's parent, by these keys; empty: nothing.
[[nodiscard]] std::string parent_of(const Parsed& message,
                                    const std::vector<config::ParentKey>& keys);

// D, G or F, which the gatekeeper has accepted. `venue` is the route's (D) and is not used for G
// and F. Parents that a child claims by tag are added to the directory; everything else has to be
// in it.
[[nodiscard]] std::expected<Translated, Untranslatable> translate_request(
    const Parsed& message, const config::Config& config, risk::RouterId router_id,
    risk::VenueId venue, risk::Directory& directory);

// Of a D, or of a report: what names the instrument, account and side, for a cancel of our own.
[[nodiscard]] std::string instrument_of(const Parsed& message);
void write_instrument(const Parsed& message, std::string& into);

// What an 8 or a 9 says by itself: whose it is the books learn by its names, which are to be
// restored. Of the directory it asks for symbols alone.
[[nodiscard]] risk::Report translate_report(const Parsed& message, risk::VenueId venue,
                                            const config::Config& config,
                                            const risk::Directory& directory);
// The router's own names for what the venue calls otherwise.
struct Restored {
  risk::RouterId router;
  std::string_view cl_ord_id;
  std::string_view orig_cl_ord_id;
  bool good_till_cancel = false;  // the order's 59 is 1 or 6: done for day keeps it alive
};
void restore(risk::Report& report, const Parsed& message, const Restored& names);

}  // namespace interlock::gateway

// What the gateway and the routers know, beside what is true at the venue.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "crash/router.hpp"
#include "crash/venue.hpp"

namespace interlock::crash {

[[nodiscard]] std::string text_of(const boost::json::value& value);

// In words, which executed and open quantities of the API's pages are less than the venue's
// (`equal`: are others than the venue's).
[[nodiscard]] std::string books_differ(const Venue& venue, const boost::json::value& parents,
                                       const boost::json::value& limits, bool equal);
// The first order of which a router knows something else than the venue.
[[nodiscard]] std::string orders_differ(const Venue& venue, const Router& router);

}  // namespace interlock::crash

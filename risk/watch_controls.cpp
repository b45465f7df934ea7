#include "risk/watch_controls.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"
#include "risk/fact.hpp"

namespace interlock::risk {
namespace {

// The message itself was refused when it was read; this is what follows for its router.
void watch_tag_dialect(const Watch& watch, std::vector<Breach>& breaches) {
  const bool is_retired = watch.occasion == Occasion::retired;
  const Scope router = scope_of(watch.touched.router);
  Breach breach = state_breach(
      Reason::tag_dialect, router,
      fmt::format("{} sent what its dialect {}: {}", words(watch.directory, router),
                  is_retired ? "has retired" : "does not declare", watch.touched.what));
  if (is_retired) breach.trip = Trip{Level::block, router};
  breaches.push_back(std::move(breach));
}

}  // namespace

constinit const Control tag_dialect_control{
    .id = "tag-dialect",
    .rule = "Knight",
    .reason = Reason::tag_dialect,
    .action = Action::block,
    .scopes = "router",
    .keys = "retired",
    .asks =
        "Did the router send a tag or value that its dialect does not declare? The message is "
        "rejected (3), and an alert raised. A tag that was retired blocks the router.",
    .why =
        "A flag that new code gave a new meaning ran old code on the eighth server. A retired tag "
        "says that somebody still runs what sent it.",
    .watch = {watch_tag_dialect, Occasion::undeclared, Occasion::retired},
};

}  // namespace interlock::risk

#include "risk/fan_out_controls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "risk/inventory.hpp"
#include "risk/subject.hpp"
#include "risk/watching.hpp"

namespace interlock::risk {
namespace {

using Kind = ScopeKind;

constexpr Wide million = 1'000'000;
constexpr std::size_t peers_min = 2;

// What left, of what came in.
struct Outflow {
  Wide left = 0;
  Wide came = 0;
};
// Rounded up, so that it is beyond a whole limit exactly when the quotient is.
Wide quotient(Outflow flow) {
  return flow.came > 0 ? (flow.left + flow.came - 1) / flow.came : Wide{0};
}
// The same where it is beyond the limit, else 0: a multiplication, where a division of 128 bits is
// a call.
Wide quotient_beyond(std::int64_t limit, Outflow flow) {
  Wide allowed = 0;
  const bool is_far = __builtin_mul_overflow(flow.came, Wide{limit}, &allowed);
  return is_far || flow.left > allowed ? quotient(flow) : Wide{0};
}

const Window* new_parents_of(const Books& books, Scope scope) {
  const auto* router = entry(books.state().activity.routers, RouterId{scope.id});
  return router ? &router->new_parents : nullptr;
}

bool ask_new_parents(const Question& question, const Subject& child, Verdict& verdict) {
  const bool is_new = is_new_to(question.books.state(), child.router, child.parent);
  return ask_scopes<Kind::router>(
      question, child, verdict, "new-parents", &ScopeLimits::new_parents,
      [&question, is_new](Scope scope, const Rate& rate) {
        if (!is_new) return Wide{0};
        return within(new_parents_of(question.books, scope), rate, question.now) + 1;
      },
      [&question](const Broken<Rate>& broken) {
        return shutting(
            Reason::new_parents, Level::block, broken.scope, broken.scope, broken.observed,
            broken.limit,
            fmt::format("new parent {} of at most {} for {}",
                        use_text(broken.observed, broken.limit), limit_text(broken.limit),
                        words(question.directory, broken.scope)));
      });
}

void use_new_parents(Inventory& inventory) {
  list_use(
      inventory, "new-parents", {Kind::router}, &ScopeLimits::new_parents,
      [&](Scope scope, const Rate& rate) {
        return std::optional{within(new_parents_of(inventory.books, scope), rate, inventory.now)};
      });
}

// A router's average is over at least `sample` parents: one that works a single large parent is
// judged by that parent's limit.
Outflow messages_out(const Books& books, Scope scope, Count sample) {
  const Activity& activity = books.state().activity;
  if (scope.kind == Kind::router) {
    const auto* router = entry(activity.routers, RouterId{scope.id});
    if (!router) return {};
    return {Wide{router->child_messages}, Wide{std::max(router->parents, sample.value)}};
  }
  const auto* parent = entry(activity.parents, ParentId{scope.id});
  return parent ? Outflow{Wide{parent->messages}, 1} : Outflow{};
}

// In millionths of the shares that came in.
Outflow shares_out(const Books& books, Scope scope) {
  const Activity& activity = books.state().activity;
  if (scope.kind == Kind::router) {
    const auto* router = entry(activity.routers, RouterId{scope.id});
    return router ? Outflow{router->child_shares * million, router->parent_sizes} : Outflow{};
  }
  const auto* parent = entry(activity.parents, ParentId{scope.id});
  const Parent* declared = books.parent(ParentId{scope.id});
  if (!parent || !declared) return {};
  return {parent->shares * million, Wide{declared->size.raw()}};
}

bool ask_parent_fan_out(const Question& question, const Subject& child, Verdict& verdict) {
  return ask_are_set<Kind::parent, Kind::router>(question, child, verdict, "parent-fan-out",
                                                 &ScopeLimits::child_messages,
                                                 &ScopeLimits::child_shares);
}

// A cancel is no attempt: it comes with its message.
bool is_of_a_child(const Watch& watch) {
  return watch.touched.router.known() && watch.touched.parent.known();
}

void watch_parent_fan_out(const Watch& watch, std::vector<Breach>& breaches) {
  if (!is_of_a_child(watch)) return;
  const Scope router = scope_of(watch.touched.router);
  const auto kill = [&](Scope scope, Wide observed, const auto& limit, std::string_view what) {
    breaches.push_back(shutting(
        Reason::parent_fan_out, Level::kill, router, scope, observed, limit,
        fmt::format("{} {} {}", use_text(observed, limit), what, words(watch.directory, scope))));
  };
  watch_scopes<Kind::parent, Kind::router>(
      watch, &ScopeLimits::child_messages,
      [&](Scope scope, Count limit) {
        return quotient_beyond(limit.value,
                               messages_out(watch.books, scope, watch.limits.peer_sample));
      },
      [&](Scope scope, Wide observed, const Count& limit) {
        kill(scope, observed, limit,
             scope.kind == Kind::router ? "messages a parent of" : "messages for");
      });
  watch_scopes<Kind::parent, Kind::router>(
      watch, &ScopeLimits::child_shares,
      [&](Scope scope, Ratio limit) {
        return quotient_beyond(limit.parts_per_million, shares_out(watch.books, scope));
      },
      [&](Scope scope, Wide observed, const Ratio& limit) {
        kill(scope, observed, limit,
             scope.kind == Kind::router ? "of the parents' shares out of" : "of the size of");
      });
}

void use_parent_fan_out(Inventory& inventory) {
  list_use(inventory, "parent-fan-out", {Kind::router, Kind::parent}, &ScopeLimits::child_messages,
           [&](Scope scope, Count) {
             return std::optional{
                 quotient(messages_out(inventory.books, scope, inventory.limits.peer_sample))};
           });
  list_use(inventory, "parent-fan-out", {Kind::router, Kind::parent}, &ScopeLimits::child_shares,
           [&](Scope scope, Ratio) {
             return std::optional{quotient(shares_out(inventory.books, scope))};
           });
}

// Of a router, against the middle one of its peers (of two middle ones the larger) in millionths;
// 0 where the router or its peers are too few to say. Each router has been seen for at least
// `sample` parents of its own, so one that works a single large parent is neither judged nor a
// peer.
Wide divergence_of(const Books& books, RouterId id, Count sample, Time now) {
  const auto& routers = books.state().activity.routers;
  const auto* router = entry(routers, id);
  if (!router) return 0;
  const FanOut own = fan_out_of(*router, now);
  if (own.parents < sample.value || own.parents == 0) return 0;
  std::vector<std::int64_t> peers;
  for (const RouterActivity& each : routers) {
    const FanOut peer = fan_out_of(each, now);
    if (&each == router || peer.parents < sample.value || peer.parents == 0) continue;
    peers.push_back(peer.parts_per_million);
  }
  if (peers.size() < peers_min) return 0;
  std::ranges::sort(peers);
  return quotient({own.parts_per_million * million, peers[peers.size() / 2]});
}

bool ask_peer_divergence(const Question& question, const Subject& subject, Verdict& verdict) {
  return ask_are_set<Kind::router>(question, subject, verdict, "peer-divergence",
                                   &ScopeLimits::peer_divergence);
}

void watch_peer_divergence(const Watch& watch, std::vector<Breach>& breaches) {
  for (std::uint32_t id = 0; id < watch.directory.routers.size(); ++id) {
    watch_scope(
        watch, scope_of(RouterId{id}), &ScopeLimits::peer_divergence,
        [&](Scope, Ratio) {
          return divergence_of(watch.books, {id}, watch.limits.peer_sample, watch.now);
        },
        [&](Scope scope, Wide observed, const Ratio& limit) {
          breaches.push_back(
              shutting(Reason::peer_divergence, Level::block, scope, scope, observed, limit,
                       fmt::format("{} sends {} of its peers' messages a parent",
                                   words(watch.directory, scope), use_text(observed, limit))));
        });
  }
}

void use_peer_divergence(Inventory& inventory) {
  list_use(inventory, "peer-divergence", {Kind::router}, &ScopeLimits::peer_divergence,
           [&](Scope scope, Ratio) {
             return std::optional<Wide>{divergence_of(inventory.books, RouterId{scope.id},
                                                      inventory.limits.peer_sample, inventory.now)};
           });
}

}  // namespace

constinit const Control new_parents_control{
    .id = "new-parents",
    .rule = "Knight",
    .reason = Reason::new_parents,
    .action = Action::block,
    .scopes = "router",
    .keys = "max_new_parents",
    .asks =
        "For how many parents, that it never sent anything for before, did this router send an "
        "order in the last window? The order for one more is refused, and the router blocked.",
    .why = "A router that makes up a new parent for each child has a full size for each of them.",
    .ask = ask_new_parents,
    .use = use_new_parents,
};

constinit const Control parent_fan_out_control{
    .id = "parent-fan-out",
    .rule = "Knight",
    .reason = Reason::parent_fan_out,
    .action = Action::kill,
    .scopes = "parent, router",
    .keys = "max_child_messages, max_child_shares, min_sample",
    .asks =
        "How many messages, refused ones and cancels too, left the router for this parent, and for "
        "all its parents on average (over at least min_sample)? How many shares were they for, of "
        "what the parents have? "
        "Kills the router that sent them.",
    .why =
        "Leaving was not compared with entering: the SEC found that 212 small orders became "
        "millions. Attempts count, so a router shows itself while every child is refused.",
    .ask = ask_parent_fan_out,
    .watch = {watch_parent_fan_out, Occasion::attempt, Occasion::message},
    .use = use_parent_fan_out,
};

constinit const Control peer_divergence_control{
    .id = "peer-divergence",
    .rule = "Knight",
    .reason = Reason::peer_divergence,
    .action = Action::block,
    .scopes = "router",
    .keys = "max_peer_divergence, min_sample",
    .asks =
        "How many messages a parent did this router send in this minute and the one before, of the "
        "median of its peers? Asked several times a second, of routers that worked at least "
        "min_sample parents in that time, and have two such peers.",
    .why =
        "One of eight servers behaved differently. Where most of them are broken the same way, "
        "this sees nothing.",
    .ask = ask_peer_divergence,
    .watch = {watch_peer_divergence, Occasion::tick},
    .use = use_peer_divergence,
};

}  // namespace interlock::risk

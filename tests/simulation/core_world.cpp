#include "simulation/core_world.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/core.hpp"
#include "simulation/failure.hpp"

namespace interlock::simulation {
namespace {

using scenarios::Fields;
using scenarios::Player;

bool is_buy(std::uint32_t parent) { return parent % 2 == 0; }
std::string venue_of(std::string_view router) { return router == "R1" ? "X" : "Y"; }
std::string account_of(std::uint32_t parent) { return parent < 2 ? "ACC" : "OTH"; }

std::string text(const Fields& fields) {
  std::string all;
  for (const auto& [tag, value] : fields) all += fmt::format(" {}={}", tag, value);
  return all;
}

}  // namespace

std::int64_t CoreWorld::Sent::worst() const {
  return is_alive ? std::max(executed, quantity) : executed;
}

CoreWorld::CoreWorld(std::uint64_t seed, std::ostream* out)
    : seed_(seed),
      out_(out),
      chance_(seed),
      stage_(scenarios::in_process(configs_of_plays(), "pair")),
      venues_{{"X", {}, {}}, {"Y", {}, {}}} {
  for (std::uint32_t i = 0; i < parents_of_a_core; ++i) {
    stage_->parent(fmt::format("P-{}", i), account_of(i), "ACME", is_buy(i) ? "buy" : "sell_short",
                   std::to_string(size_of_a_parent));
  }
}

CoreTally CoreWorld::run() {
  const std::uint32_t steps = 40 + chance_.below(40);
  for (std::uint32_t i = 0; i < steps; ++i) step();
  finish();
  return tally_;
}

void CoreWorld::step() {
  kills_ = scenarios::core_of(*stage_).floor().latch.active();
  Venue& venue = venues_[chance_.below(2)];
  const std::uint32_t what = chance_.below(40);
  if (what < 9) {
    enter();
  } else if (what < 13) {
    replace();
  } else if (what < 15) {
    cancel();
  } else if (what < 22) {
    answer(venue);
  } else if (what < 26) {
    execute(venue);
  } else if (what < 32) {
    speak(venue);
  } else if (what < 34) {
    stage_->advance(chance_.between(1, 700));
    stage_->price("ACME", "10.00");
  } else if (what < 36) {
    kill();
  } else if (what == 36) {
    if (chance_.one_in(2)) hear_out();
    rearm();
  } else if (what == 37) {
    tell("the link of " + venue.name + " drops");
    stage_->link(venue.name, false);
    if (chance_.one_in(2)) stage_->advance(chance_.between(1, 2'000));
    stage_->link(venue.name, true);
  } else if (what == 38) {
    restart();  // which starts killed, whatever was killed before
    if (chance_.one_in(2)) hear_out();
    if (chance_.one_in(2)) rearm();
  } else {
    for (Venue& each : venues_) speak(each);
  }
  listen();
  covers_truth();
}

void CoreWorld::say(Player& player, const std::string& type, Fields fields) {
  if (!player.on) return;
  tell(fmt::format("{} {}{}", player.id(), type, text(fields)));
  player.send(type, std::move(fields));
  stage_->said(player);
}

void CoreWorld::enter() {
  const std::uint32_t parent = chance_.below(parents_of_a_core);
  say(stage_->player(chance_.one_in(2) ? "R1" : "R2"), "D",
      {{11, fresh()},
       {1, account_of(parent)},
       {526, fmt::format("P-{}", parent)},
       {55, "ACME"},
       {54, is_buy(parent) ? "1" : "2"},
       {38, std::to_string(chance_.between(1, 120))},
       {40, "2"},
       {44, fmt::format("10.{:02}", chance_.below(30))}});
}

CoreWorld::Sent* CoreWorld::some_order() {
  const auto count = static_cast<std::uint32_t>(orders_.size());
  return count == 0 ? nullptr : &orders_[count - 1 - chance_.below(std::min(count, 6u))];
}

void CoreWorld::replace() {
  const Sent* order = some_order();
  if (order == nullptr) return;
  say(stage_->player(order->router), "G",
      {{11, fresh()},
       {41, order->cl_ord_id},
       {1, order->account},
       {55, order->symbol},
       {54, order->side},
       {38, std::to_string(chance_.between(1, 150))},
       {40, "2"},
       {44, "10.00"}});
}

void CoreWorld::cancel() {
  const Sent* order = some_order();
  if (order == nullptr) return;
  say(stage_->player(order->router), "F",
      {{11, fresh()},
       {41, order->cl_ord_id},
       {55, order->symbol},
       {54, order->side},
       {38, std::to_string(order->quantity)}});
}

void CoreWorld::report(Venue& venue, const Sent& order, const std::string& exec_type,
                       const std::string& cl_ord_id, Fields more) {
  const std::int64_t leaves = order.is_alive ? order.worst() - order.executed : 0;
  const char* status = exec_type == "8" ? "8" : exec_type == "4" ? "4" : leaves == 0 ? "2" : "0";
  Fields fields{{37, "v" + order.cl_ord_id},
                {17, fmt::format("e{}", ++executions_)},
                {11, cl_ord_id},
                {150, exec_type},
                {39, status},
                {55, order.symbol},
                {54, order.side},
                {151, std::to_string(leaves)},
                {14, std::to_string(order.executed)},
                {6, order.executed == 0 ? "0" : "10.00"}};
  fields.insert(fields.end(), more.begin(), more.end());
  venue.reports.emplace_back("8", std::move(fields));
}

void CoreWorld::answer(Venue& venue) {
  if (venue.mail.empty()) return;
  const Mail mail = venue.mail.front();
  venue.mail.pop_front();
  if (mail.type == "H") return tell_status(venue, mail);
  Sent& order = orders_[mail.order];
  const bool refuses = chance_.one_in(5);
  if (mail.type == "D") {
    order.is_alive = !refuses;
    order.is_answered = true;
    order.ended_as = refuses ? '8' : '2';
    return report(venue, order, refuses ? "8" : "0", mail.cl_ord_id, {});
  }
  if (refuses || !order.is_alive) {
    venue.reports.emplace_back("9", Fields{{37, "v" + order.cl_ord_id},
                                           {11, mail.cl_ord_id},
                                           {41, mail.orig_cl_ord_id},
                                           {39, order.is_alive ? "0" : "4"},
                                           {434, mail.type == "F" ? "1" : "2"},
                                           {102, "0"}});
    return;
  }
  const std::string before = order.cl_ord_id;
  if (mail.type == "F") {
    order.is_alive = false;
    order.ended_as = '4';
    return report(venue, order, "4", mail.cl_ord_id, {{41, before}});
  }
  order.quantity = mail.quantity;
  order.cl_ord_id = mail.cl_ord_id;
  order.is_alive = order.quantity > order.executed;
  report(venue, order, "5", mail.cl_ord_id,
         {{41, before}, {38, std::to_string(order.quantity)}, {44, "10.00"}});
}

// The truth, in the order of what it has said before; nothing of what never came here.
void CoreWorld::tell_status(Venue& venue, const Mail& mail) {
  ++tally_.asked;
  const auto found = by_name_.find(mail.cl_ord_id);
  if (found == by_name_.end()) {
    venue.reports.emplace_back("8", Fields{{37, "NONE"},
                                           {11, mail.cl_ord_id},
                                           {790, mail.request},
                                           {17, "0"},
                                           {150, "I"},
                                           {39, "8"},
                                           {103, "5"},
                                           {55, "ACME"},
                                           {54, "1"},
                                           {151, "0"},
                                           {14, "0"},
                                           {6, "0"}});
    return;
  }
  const Sent& order = orders_[found->second];
  const std::int64_t leaves = order.is_alive ? order.worst() - order.executed : 0;
  const char status = !order.is_alive ? order.ended_as : order.executed > 0 ? '1' : '0';
  venue.reports.emplace_back("8", Fields{{37, "v" + order.cl_ord_id},
                                         {11, mail.cl_ord_id},
                                         {790, mail.request},
                                         {17, "0"},
                                         {150, "I"},
                                         {39, std::string(1, status)},
                                         {55, order.symbol},
                                         {54, order.side},
                                         {151, std::to_string(leaves)},
                                         {14, std::to_string(order.executed)},
                                         {6, order.executed == 0 ? "0" : "10.00"}});
}

void CoreWorld::execute(Venue& venue) {
  for (std::size_t tries = 0; tries < 4; ++tries) {
    Sent* order = some_order();
    if (order == nullptr) return;
    const bool is_here = (order->router == "R1") == (venue.name == "X");
    if (!is_here || !order->is_alive || !order->is_answered) continue;
    const std::int64_t quantity = chance_.between(1, order->quantity - order->executed);
    order->executed += quantity;
    order->is_alive = order->executed < order->quantity;
    return report(venue, *order, "F", order->cl_ord_id,
                  {{32, std::to_string(quantity)}, {31, "10.00"}});
  }
}

// One report leaves the venue: it arrives, or is lost on the way until it is asked for again.
void CoreWorld::speak(Venue& venue) {
  Player& player = stage_->player(venue.name);
  if (venue.reports.empty() || !player.on) return;
  auto [type, fields] = venue.reports.front();
  venue.reports.pop_front();
  ++tally_.reports;
  if (chance_.one_in(8)) {
    ++tally_.lost;
    tell("lost on the way:");
    player.send(type, std::move(fields));
    player.lose();
    return;
  }
  const bool is_twice = chance_.one_in(10);
  say(player, type, fields);
  if (is_twice) say(player, type, std::move(fields));
}

void CoreWorld::kill() {
  static constexpr std::pair<const char*, const char*> scopes[] = {
      {"firm", ""},       {"router", "R1"},  {"router", "R2"},
      {"account", "ACC"}, {"parent", "P-1"}, {"venue", "X"}};
  const auto& [scope, id] = scopes[chance_.below(std::size(scopes))];
  const std::string level = chance_.one_in(3) ? "block" : "kill";
  ++tally_.kills;
  tell(fmt::format("{} {} {}", level, scope, id));
  stage_->kill(scope, id, level);
  kills_ = scenarios::core_of(*stage_).floor().latch.active();
}

void CoreWorld::rearm() {
  const gateway::Core& core = scenarios::core_of(*stage_);
  const auto is_held = [&](const killswitch::Kill& kill) { return !core.recovering(kill).empty(); };
  const auto active = scenarios::core_of(*stage_).floor().latch.active();
  if (std::any_of(active.begin(), active.end(), is_held)) {
    ++tally_.held_back;
    tell("nobody re-arms while a venue is being asked");
    bool refused = false;
    try {
      stage_->rearm();
    } catch (const std::exception&) {
      refused = true;
    }
    demand(refused, "a kill was re-armed while a venue was being asked");
    kills_ = scenarios::core_of(*stage_).floor().latch.active();
    return;
  }
  tally_.rearms += !kills_.empty();
  tell("two people re-arm");
  stage_->rearm();
  kills_.clear();
}

void CoreWorld::restart() {
  ++tally_.restarts;
  tell("a new start from the journal");
  const scenarios::Digests digests = scenarios::rebuild(*stage_);
  demand(digests.live == digests.rebuilt, "the books differ after a restart");
  stage_->quiet();
}

// Whatever the ends have heard: of the venues, an order or a cancel each; of the routers, answers.
void CoreWorld::listen() {
  stage_->quiet();
  for (Venue& venue : venues_) {
    Player& player = stage_->player(venue.name);
    while (!player.inbox.empty()) {
      const std::string frame = player.inbox.front().frame;
      player.inbox.pop_front();
      hear(venue, frame, player);
    }
  }
  for (const char* router : {"R1", "R2"}) {
    Player& player = stage_->player(router);
    while (!player.inbox.empty()) {
      const std::string frame = gateway::readable(player.inbox.front().frame);
      tally_.shut_out += frame.find("58=KILLED") != std::string::npos;
      tally_.held_back += frame.find("58=RECOVERING: " + venue_of(router)) != std::string::npos;
      tell(fmt::format("    {} hears {}", router, frame));
      player.inbox.pop_front();
    }
  }
}

void CoreWorld::hear(Venue& venue, const std::string& frame, const Player& player) {
  tell(fmt::format("    {} hears {}", venue.name, gateway::readable(frame)));
  const gateway::Lenient loose = gateway::parse_lenient(frame, player.dialect());
  const auto value = [&](config::Tag tag) {
    return std::string(loose.parsed.get(tag).value_or(""));
  };
  const std::string type(loose.parsed.type);
  Mail mail{type, value(11), value(41), orders_.size(), 0, {}};
  if (type == "D") {
    mail.quantity = std::stoll(value(38));
    orders_.push_back({.cl_ord_id = mail.cl_ord_id,
                       .router = venue.name == "X" ? "R1" : "R2",
                       .account = value(1),
                       .symbol = value(55),
                       .parent = value(526),
                       .side = value(54),
                       .quantity = mail.quantity,
                       .is_alive = true});
    ++tally_.entered;
  } else if (type == "H") {
    mail.request = value(790);
    venue.mail.push_back(std::move(mail));
    return;
  } else if (type == "F" || type == "G") {
    const auto found = by_name_.find(mail.orig_cl_ord_id);
    demand(found != by_name_.end(), "the venue hears of an order that it does not have");
    mail.order = found->second;
    if (type == "G") mail.quantity = std::stoll(value(38));
  } else {
    return;
  }
  if (type != "F") stays_shut(orders_[mail.order], type);
  by_name_[mail.cl_ord_id] = mail.order;
  venue.mail.push_back(std::move(mail));
}

void CoreWorld::finish() {
  kills_ = scenarios::core_of(*stage_).floor().latch.active();
  const auto is_busy = [](const Venue& venue) {
    return !venue.mail.empty() || !venue.reports.empty();
  };
  for (int rounds = 0; rounds < 3; ++rounds) {
    while (std::any_of(venues_.begin(), venues_.end(), is_busy)) {
      for (Venue& venue : venues_) {
        answer(venue);
        speak(venue);
      }
      listen();
    }
    stage_->advance(25'000);  // heartbeats show what was lost
    listen();
  }
  covers_truth();
  is_exact();
  restart();
  is_exact();
  replays_the_same();
}

}  // namespace interlock::simulation

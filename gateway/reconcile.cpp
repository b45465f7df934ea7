// The course of a venue's check: when it begins, what is asked, how it ends.
#include "gateway/reconcile.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gateway/killer.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using killswitch::ScopeKind;

namespace {

constexpr std::size_t differences_shown = 100;
constexpr std::size_t named_in_a_cause = 3;

}  // namespace

Reconciliation::Reconciliation(Floor& floor, Killer& killer, Gaps& gaps)
    : floor_(floor),
      killer_(killer),
      gaps_(gaps),
      checks_(floor.config.venues.size()),
      strangers_(floor.config.venues.size()) {}

bool Reconciliation::can_ask(risk::VenueId venue) const {
  return floor_.config.venues[venue.value].order_status &&
         leg(venue).identity().dialect->message("H") != nullptr;
}

bool Reconciliation::asks_all(risk::VenueId venue) const {
  return can_ask(venue) && floor_.config.venues[venue.value].mass_status;
}

std::vector<risk::OrderId> Reconciliation::open_at(risk::VenueId venue) const {
  std::vector<risk::OrderId> orders = floor_.books.open_orders();
  std::erase_if(orders, [&](risk::OrderId id) { return floor_.books.order(id).venue != venue; });
  return orders;
}

void Reconciliation::set(Check& check, State state) {
  check.state = state;
  check.since_ns = floor_.clock.utc.ns;
}

void Reconciliation::started() {
  for (std::uint32_t i = 0; i < checks_.size(); ++i) {
    const risk::VenueId venue{i};
    set(checks_[i], State::matched);
    if (floor_.shadow) continue;
    const std::vector<risk::OrderId> open = open_at(venue);
    if (!can_ask(venue) && !open.empty()) {
      checks_[i].to_ask = {open.begin(), open.end()};
      checks_[i].orders = static_cast<std::uint32_t>(open.size());
      give_up(venue, "it cannot be asked about an order (order_status = false)");
    } else if (!open.empty() || asks_all(venue)) {
      wait_for(venue);
      checks_[i].may_rearm = open.empty();
      checks_[i].orders = static_cast<std::uint32_t>(open.size());
    }
  }
}

void Reconciliation::wait_for(risk::VenueId venue) {
  Check& check = checks_[venue.value];
  check = {};
  set(check, State::down);
  check.waiting_ns = floor_.clock.mono_ns;
}

void Reconciliation::logged_out(risk::VenueId venue) {
  if (floor_.shadow || !can_ask(venue)) return;
  if (checks_[venue.value].state == State::down) return;
  if (!open_at(venue).empty() || asks_all(venue)) wait_for(venue);
}

void Reconciliation::logged_on(risk::VenueId venue) {
  if (floor_.shadow || !can_ask(venue)) return;
  begin(venue);
}

void Reconciliation::begin(risk::VenueId venue) {
  Check& check = checks_[venue.value];
  const std::vector<risk::OrderId> open = open_at(venue);
  check = {};
  check.to_ask = {open.begin(), open.end()};
  check.orders = static_cast<std::uint32_t>(open.size());
  check.asks_all = asks_all(venue);
  check.may_rearm = false;
  check.waiting_ns = floor_.clock.mono_ns;
  check.next_in = leg(venue).store().next_in();
  const bool asks = !open.empty() || check.asks_all;
  set(check, asks ? State::asking : State::matched);
}

void Reconciliation::tick() {
  for (std::uint32_t i = 0; i < checks_.size(); ++i) {
    const risk::VenueId venue{i};
    Check& check = checks_[i];
    if (check.state == State::asking && leg(venue).on()) go_on(venue);
    chase_strangers(venue);
    if (check.state != State::down || check.may_rearm) continue;
    if (!leg(venue).schedule_open()) check.waiting_ns = floor_.clock.mono_ns;
    if (floor_.clock.mono_ns - check.waiting_ns < answer_within.ns) continue;
    // Its own gate stays shut; the firm's other venues are not held up by it.
    check.may_rearm = true;
    floor_.alert(leg(venue).id(),
                 {Severity::warning,
                  "venue-not-compared",
                  {ScopeKind::venue, leg(venue).id()},
                  fmt::format("{} is not logged on: its {} open orders cannot be compared, and "
                              "nothing that opens risk goes there until they are",
                              leg(venue).id(), check.orders)});
  }
}

void Reconciliation::go_on(risk::VenueId venue) {
  if (wait_for_missed(venue) || ask_for_all(venue)) return;
  ask(venue);
  Check& check = checks_[venue.value];
  if (check.state == State::asking && check.to_ask.empty() && check.asked.empty())
    end(venue, State::matched, fmt::format("{} orders", check.orders));
}

// What was said while we were away comes first, both ways: answers are compared with that.
bool Reconciliation::wait_for_missed(risk::VenueId venue) {
  Check& check = checks_[venue.value];
  const std::int64_t waited_ns = floor_.clock.mono_ns - check.waiting_ns;
  if (!leg(venue).has_gap()) return waited_ns < settled_after.ns;
  if (check.next_in != leg(venue).store().next_in()) {
    check.next_in = leg(venue).store().next_in();
    check.waiting_ns = floor_.clock.mono_ns;
  }
  if (waited_ns >= answer_within.ns)
    give_up(venue, "the messages that we missed were not sent again");
  return true;
}

// True: an AF is under way, and questions about single orders wait for its end.
bool Reconciliation::ask_for_all(risk::VenueId venue) {
  Check& check = checks_[venue.value];
  if (!check.asks_all) return false;
  if (!check.mass_id.empty()) {
    if (floor_.clock.mono_ns - check.mass_ns >= answer_within.ns)
      give_up(venue, "no answer, or no end of it, to our OrderMassStatusRequest (AF)");
    return true;
  }
  check.mass_id = std::string(own_prefix) + base36(floor_.journal.next_sequence());
  BodyWriter body;
  body.put(584, check.mass_id).put(585, "7");
  Outgoing out = leg(venue).prepare("AF", body.bytes());
  FieldWriter fields;
  fields.put(Field::text, "all orders of this session");
  fields.put(Field::out_session, leg(venue).id());
  fields.put(Field::out_sequence, std::uint64_t{out.sequence}).put(Field::out_frame, out.frame);
  const auto location = floor_.append(Kind::gateway_message, "interlock", fields);
  if (!location) {
    check.mass_id.clear();
    return true;
  }
  check.mass_sequence = out.sequence;
  check.mass_ns = floor_.clock.mono_ns;
  leg(venue).commit(std::move(out), *location);
  return true;
}

void Reconciliation::ask(risk::VenueId venue) {
  Check& check = checks_[venue.value];
  const std::int64_t now_ns = floor_.clock.mono_ns;
  std::size_t in_flight = 0;
  std::vector<risk::OrderId> over;
  for (auto& [id, question] : check.asked) {
    if (!is_open(id)) {
      over.push_back(id);  // a report has ended it in the meantime
      continue;
    }
    if (now_ns - question.first_ns >= answer_within.ns)
      return give_up(venue, "no answer, or none that agrees with the books");
    if (now_ns - question.last_ns >= ask_again.ns &&
        gaps_.ask(id, "how it stands, after a logon, again"))
      question.last_ns = now_ns;
    if (question.difference.empty()) ++in_flight;
  }
  for (const risk::OrderId id : over) settle(check, id);
  while (!check.to_ask.empty() && in_flight < most_in_flight) {
    const risk::OrderId id = *check.to_ask.begin();
    if (!is_open(id)) {
      settle(check, id);
      continue;
    }
    if (!gaps_.ask(id, "how it stands, after a logon")) return;
    check.to_ask.erase(id);
    check.asked[id] = {now_ns, now_ns, {}};
    ++in_flight;
  }
}

void Reconciliation::settle(Check& check, risk::OrderId order) {
  check.settled += check.to_ask.erase(order) + check.asked.erase(order) > 0 ? 1 : 0;
}

void Reconciliation::rejected(risk::VenueId venue, std::uint32_t sequence, std::string_view text) {
  const Check& check = checks_[venue.value];
  if (check.state != State::asking) return;
  const std::string frame(leg(venue).sent_frame_of(sequence));
  if (frame.empty()) return;
  const Lenient sent = parse_lenient(frame, *leg(venue).identity().dialect);
  if (sent.parsed.type == "AF" && sequence == check.mass_sequence)
    return give_up(venue, fmt::format("it rejects our OrderMassStatusRequest (AF): {}", text));
  const bool is_ours = sent.parsed.type == "H" && check.asked.contains([&] {
    const Named* named = floor_.names.by_venue(venue, sent.parsed.get(11).value_or(""));
    return named == nullptr ? risk::OrderId{} : named->order;
  }());
  if (is_ours)
    give_up(venue, fmt::format("it rejects our OrderStatusRequest (H): {}; where it never answers "
                               "one, order_status = false says so",
                               text));
}

// Everything that has not been settled stays as it is in the books, and goes to people.
void Reconciliation::give_up(risk::VenueId venue, std::string_view why) {
  Check& check = checks_[venue.value];
  bool differs = false;
  const auto note = [&](risk::OrderId id, std::string_view difference) {
    differs = differs || !difference.empty();
    FieldWriter fields = record(difference.empty() ? "no answer" : "differs", id, nullptr);
    const std::string words =
        fmt::format("{}: {}", name_of(id), difference.empty() ? "no answer" : difference);
    fields.put(Field::text, words);
    floor_.append(Kind::reconciled, "interlock", fields);
    if (check.differences.size() < differences_shown) check.differences.push_back(words);
  };
  for (const auto& [id, question] : check.asked) note(id, question.difference);
  for (const risk::OrderId id : check.to_ask) note(id, {});
  end(venue, differs ? State::differs : State::no_answer, why);
}

void Reconciliation::end(risk::VenueId venue, State state, std::string_view why) {
  Check& check = checks_[venue.value];
  const std::size_t left = check.asked.size() + check.to_ask.size();
  const std::string& id = leg(venue).id();
  set(check, state);
  check.may_rearm = true;
  check.mass_id.clear();
  FieldWriter fields = record(state == State::matched   ? "venue matched"
                              : state == State::differs ? "venue differs"
                                                        : "venue gave no answer",
                              venue);
  fields.put(Field::text, why);
  floor_.append(Kind::reconciled, "interlock", fields);
  if (state == State::matched && strangers_[venue.value].empty()) return;
  if (state == State::matched) set(check, State::differs);
  for (const Stranger& each : strangers_[venue.value]) {
    if (check.differences.size() < differences_shown)
      check.differences.push_back(
          fmt::format("{}/{}: at the venue, and not in the journal", id, each.cl_ord_id));
  }
  const std::size_t named = std::min(check.differences.size(), named_in_a_cause);
  const auto end_of_named = check.differences.begin() + static_cast<std::ptrdiff_t>(named);
  const std::string cause = fmt::format(
      "{} does not agree with the books: {}; {} of {} orders not compared or different: {}{}", id,
      state == State::matched ? "it has orders that nobody here knows" : why,
      left + strangers_[venue.value].size(), check.orders,
      fmt::join(check.differences.begin(), end_of_named, "; "),
      check.differences.size() > named ? "; ..." : "");
  check.asked.clear();
  check.to_ask.clear();
  floor_.trip({ScopeKind::venue, id}, killswitch::Source::breach, id, cause);
}

void Reconciliation::rearmed(const killswitch::Kill& kill) {
  if (kill.scope.kind != ScopeKind::venue) return;
  const risk::VenueId venue = floor_.directory.venues.find(kill.scope.id);
  if (!venue.known()) return;
  Check& check = checks_[venue.value];
  if (check.state != State::differs && check.state != State::no_answer) return;
  set(check, State::signed_off);
  floor_.append(Kind::reconciled, "interlock", record("venue signed off", venue));
}

// --- what others ask ---

bool Reconciliation::asks(risk::OrderId order) const {
  const Check& check = checks_[floor_.books.order(order).venue.value];
  return check.state == State::asking &&
         (check.asked.contains(order) || check.to_ask.contains(order));
}

std::string Reconciliation::shut(risk::VenueId venue) const {
  const Check& check = checks_[venue.value];
  if (check.state == State::down)
    return fmt::format("{} was down, and its open orders are not compared yet", leg(venue).id());
  if (check.state != State::asking) return {};
  return fmt::format("{} is asked about its open orders, {} of {} compared", leg(venue).id(),
                     check.settled, check.orders);
}

std::string Reconciliation::in_the_way(const killswitch::Kill& kill) const {
  for (std::uint32_t i = 0; i < checks_.size(); ++i) {
    const risk::VenueId venue{i};
    const Check& check = checks_[i];
    const bool waits =
        check.state == State::asking ||
        (check.state == State::down && !check.may_rearm && leg(venue).schedule_open());
    if (!waits) continue;
    const std::vector<risk::OrderId> open = open_at(venue);
    const bool touches = std::ranges::any_of(open, [&](risk::OrderId id) {
      return covers(kill, floor_.directory, floor_.books.order(id));
    });
    if (!touches) continue;
    if (check.state == State::down)
      return fmt::format("{} has {} open orders and is not logged on yet", leg(venue).id(),
                         open.size());
    return shut(venue);
  }
  return {};
}

std::vector<VenueCheckView> Reconciliation::views() const {
  constexpr std::string_view words[] = {"down",    "asking",    "matched",
                                        "differs", "no answer", "signed off"};
  std::vector<VenueCheckView> all;
  for (std::uint32_t i = 0; i < checks_.size(); ++i) {
    const Check& check = checks_[i];
    VenueCheckView view;
    view.venue = floor_.venues[i]->id();
    view.state = words[static_cast<std::size_t>(check.state)];
    view.asked = check.orders;
    view.answered = check.settled;
    view.differences = check.differences;
    for (const auto& [id, question] : check.asked) {
      if (!question.difference.empty() && view.differences.size() < differences_shown)
        view.differences.push_back(fmt::format("{}: {}", name_of(id), question.difference));
    }
    view.since_ns = check.since_ns;
    all.push_back(std::move(view));
  }
  return all;
}

}  // namespace interlock::gateway

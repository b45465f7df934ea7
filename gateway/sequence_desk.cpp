#include "gateway/sequence_desk.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gateway/proposals.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using Said = ActionOutcome::Answer;

// Of the numbers that the action names.
std::string text_of(const SetSequence& action, std::uint32_t next_in, std::uint32_t next_out) {
  std::vector<std::string> words;
  if (action.next_in) words.push_back(fmt::format("next_in {}", next_in));
  if (action.next_out) words.push_back(fmt::format("next_out {}", next_out));
  return fmt::format("{}", fmt::join(words, ", "));
}

std::string before(const SetSequence& action, const SequenceStore& store) {
  return text_of(action, store.next_in(), store.next_out());
}

std::string after(const SetSequence& action) {
  return text_of(action, action.next_in.value_or(0), action.next_out.value_or(0));
}

void put(FieldWriter& record, const SetSequence& action, const SequenceStore& store) {
  record.put(Field::session, action.session);
  if (action.next_in) record.put(Field::next_in, std::uint64_t{*action.next_in});
  if (action.next_out) record.put(Field::next_out, std::uint64_t{*action.next_out});
  record.put(Field::before, before(action, store)).put(Field::after, after(action));
}

// A session that does not get through goes on trying, and each Logon takes a number. Nothing is
// lost with those; a report or an order among them was not what the first person spoke of.
bool only_session_messages_since(const Leg& leg, std::uint32_t from) {
  if (leg.store().next_out() < from) return false;
  for (std::uint32_t i = from; i < leg.store().next_out(); ++i) {
    const std::string frame(leg.sent_frame_of(i));
    if (frame.empty()) return false;
    if (!is_admin(parse_lenient(frame, *leg.identity().dialect).parsed.type)) return false;
  }
  return true;
}

}  // namespace

SequenceDesk::SequenceDesk(Floor& floor, std::function<void(const Leg&)> changed)
    : floor_(floor), changed_(std::move(changed)) {}

std::optional<ActionOutcome> SequenceDesk::in_the_way(const Leg& leg,
                                                      const SetSequence& action) const {
  const SequenceStore& store = leg.store();
  if (leg.link() != nullptr) {
    return ActionOutcome{
        Said::conflict,
        fmt::format("{} is connected from {}: numbers are set only while a session is down; have "
                    "it disconnected, and ask again",
                    leg.id(), leg.link()->peer())};
  }
  if (leg.identity().reset_on_logon) {
    return ActionOutcome{Said::refused,
                         fmt::format("{} begins at 1 with each Logon (sequence_reset = "
                                     "\"on_logon\"): there is nothing to set",
                                     leg.id())};
  }
  const auto check = [&](std::string_view which, std::optional<std::uint32_t> wanted,
                         std::uint32_t now) -> std::string {
    if (!wanted) return {};
    if (*wanted < 1 || *wanted > sequence_max)
      return fmt::format("{} is 1 to {}, and not {}", which, sequence_max, *wanted);
    if (*wanted > now && *wanted - now > most_ahead)
      return fmt::format("{} {} is more than {} beyond {}, where it stands: is it mistyped?", which,
                         *wanted, most_ahead, now);
    return {};
  };
  for (std::string wrong : {check("next_in", action.next_in, store.next_in()),
                            check("next_out", action.next_out, store.next_out())}) {
    if (!wrong.empty()) return ActionOutcome{Said::refused, std::move(wrong)};
  }
  if (!action.next_in && !action.next_out)
    return ActionOutcome{Said::refused, "say which number: next_in, next_out or both"};
  if (before(action, store) == after(action)) {
    return ActionOutcome{Said::conflict,
                         fmt::format("{} stands at {} already", leg.id(), after(action))};
  }
  return std::nullopt;
}

// What two people answer for when they do it.
std::string SequenceDesk::meaning(const Leg& leg, const SetSequence& action) const {
  const std::uint32_t in = leg.store().next_in(), out = leg.store().next_out();
  const std::uint32_t to_in = action.next_in.value_or(in), to_out = action.next_out.value_or(out);
  std::string text =
      fmt::format("{}: {} -> {}\n", leg.id(), before(action, leg.store()), after(action));
  if (to_in < in)
    text += fmt::format(
        "what {} sends as {} to {} is taken once more: an order whose ClOrdID is known is refused, "
        "a report whose ExecID is known moves nothing, and all else counts as new\n",
        leg.id(), to_in, in - 1);
  if (to_in > in)
    text += fmt::format("{} to {} of {} are never asked for: what stands in them is not learned\n",
                        in, to_in - 1, leg.id());
  if (to_out < out)
    text += fmt::format(
        "ours from {} to {} are never sent again, and their numbers are used a second time: what "
        "{} has not had of them is lost to it, and if it has had them it refuses the Logon (too "
        "low{})\n",
        to_out, out - 1, leg.id(), leg.is_venue() ? "; it is then killed" : "");
  if (to_out > out)
    text += fmt::format("where {} asks for ours from {} to {} it gets gap fills\n", leg.id(), out,
                        to_out - 1);
  std::size_t open = 0;
  for (const risk::OrderId id : floor_.books.open_orders()) {
    const risk::Order& order = floor_.books.order(id);
    const bool is_its_own = (leg.is_router() && order.router.value == leg.identity().index) ||
                            (leg.is_venue() && order.venue.value == leg.identity().index);
    open += is_its_own ? 1 : 0;
  }
  if (open != 0) text += fmt::format("{} of its orders are open\n", open);
  return text;
}

ActionOutcome SequenceDesk::propose(const std::string& person, const SetSequence& action) {
  const Leg* of = floor_.leg(action.session);
  if (of == nullptr) {
    std::vector<std::string_view> known;
    for (const Leg* each : floor_.legs) known.push_back(each->id());
    return {Said::unknown, fmt::format("there is no session {}; known are {}", action.session,
                                       fmt::join(known, ", "))};
  }
  if (auto no = in_the_way(*of, action)) return *std::move(no);
  FieldWriter record;
  put(record, action, of->store());
  record.put(Field::text, action.reason);
  const auto at = floor_.append(Kind::proposal, person, record);
  if (!at) return {Said::refused, "the journal does not take records"};
  // The last word of the first person counts.
  std::erase_if(proposals_,
                [&](const Proposal& each) { return each.what.session == action.session; });
  proposals_.push_back({at->sequence, person, action, of->store().next_in(), of->store().next_out(),
                        floor_.clock.utc.ns + proposal_valid_ns});
  return {Said::proposed, meaning(*of, action) + "another person has to approve it", at->sequence,
          proposals_.back().expires_at_ns};
}

ActionOutcome SequenceDesk::approve(const std::string& person, const ApproveSequence& action) {
  const auto found = find_waiting(proposals_, action.proposal, floor_.clock.utc.ns);
  if (found == proposals_.end()) {
    return {Said::unknown, fmt::format("no proposal {} about sequence numbers waits; one is valid "
                                       "for 10 minutes, and a later one of its session replaces it",
                                       action.proposal)};
  }
  if (person.empty() || person == found->person)
    return {Said::conflict, "a second, different person has to approve it"};
  const SetSequence& what = found->what;
  Leg& of = *floor_.leg(what.session);
  const SequenceStore& store = of.store();
  const bool moved = (what.next_in && store.next_in() != found->next_in) ||
                     (what.next_out && !only_session_messages_since(of, found->next_out));
  if (found->came_up || moved) {
    std::string text = fmt::format(
        "{} {} since {} proposed this, and stands at next_in {}, next_out {}: compare with the "
        "other side, and propose it again if it is still needed",
        of.id(), found->came_up ? "has been logged on" : "has gone on", found->person,
        store.next_in(), store.next_out());
    proposals_.erase(found);
    return {Said::conflict, std::move(text)};
  }
  if (auto no = in_the_way(of, what)) return *std::move(no);
  const std::string text = meaning(of, what);
  const std::string people = fmt::format("{} and {}", found->person, person);
  FieldWriter record;
  put(record, what, store);
  // No text of people may read as a reset of the engine's own, whose whole text is "reset".
  record.put(Field::actor, people).put(Field::text, "set by two people: " + what.reason);
  record.put(Field::proposal_id, found->id);
  const auto at = floor_.append(Kind::sequence, people, record);
  if (!at) return {Said::refused, "the journal does not take records"};
  of.renumber(what.next_in, what.next_out);
  proposals_.erase(found);
  changed_(of);
  return {Said::done, text, at->sequence};
}

void SequenceDesk::logged_on(const Leg& leg) {
  for (Proposal& each : proposals_) each.came_up = each.came_up || each.what.session == leg.id();
}

std::vector<ProposalView> SequenceDesk::proposals() const {
  std::vector<ProposalView> views;
  for (const Proposal& each : proposals_) {
    if (each.expires_at_ns <= floor_.clock.utc.ns) continue;
    views.push_back(
        {each.id, each.person, each.what.reason,
         fmt::format("session {}: {} -> {}; interlock session approve {}\n", each.what.session,
                     text_of(each.what, each.next_in, each.next_out), after(each.what), each.id),
         each.expires_at_ns});
  }
  return views;
}

}  // namespace interlock::gateway

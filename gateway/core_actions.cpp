// What named persons ask of the core, each journalled before it takes hold.
#include <fmt/format.h>

#include "gateway/core.hpp"
#include "gateway/translate.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;
using Said = ActionOutcome::Answer;

ActionOutcome Core::act(const std::string& person, const Action& action) {
  return std::visit([&](const auto& each) { return take(person, each); }, action);
}

ActionOutcome Core::take(const std::string& person, const Acknowledge& action) {
  const Alert* alert = floor_.alerts.find(action.alert);
  if (alert == nullptr) return {Said::unknown, fmt::format("there is no alert {}", action.alert)};
  if (!alert->is_open()) {
    return {Said::conflict,
            fmt::format("{} has acknowledged alert {}", alert->acknowledged_by, action.alert)};
  }
  if (!floor_.acknowledge(action.alert, person, action.reason))
    return {Said::refused, "the journal does not take records"};
  return {Said::done, alert->what.text, action.alert};
}

ActionOutcome Core::take(const std::string& person, const TestButton& action) {
  return buttons_.test(person, action.button);
}

ActionOutcome Core::take(const std::string& person, const ReleaseOrder& action) {
  const RefusedOrder* refused = action.record != 0
                                    ? floor_.releases.find(action.record)
                                    : floor_.releases.find(action.router, action.cl_ord_id);
  if (refused == nullptr)
    return {Said::unknown, "the controls have refused no such order, or it is too long ago"};
  if (!is_releasable(refused->reason)) {
    return {Said::refused,
            fmt::format("{} holds for everybody: nobody releases it", risk::code(refused->reason))};
  }
  const audit::Record record = floor_.journal.at(refused->record);
  const std::string_view frame =
      audit::FieldReader(record.payload).text(Field::in_frame).value_or("");
  Release release;
  release.expires_at_ns = floor_.clock.utc.ns + Releases::valid_ns;
  const auto order = order_of(frame, refused->router, refused->venue);
  if (!order) return {Said::refused, "its account, symbol or venue is no longer in the policy"};
  release.order = *order;
  FieldWriter fields;
  fields.put(Field::router, refused->router).put(Field::cl_ord_id, refused->cl_ord_id);
  fields.put(Field::venue, refused->venue).put(Field::refusal, refused->record.sequence);
  fields.put(Field::reason, static_cast<std::uint64_t>(refused->reason));
  fields.put(Field::text, action.reason).put(Field::in_frame, frame);
  fields.put(Field::until, static_cast<std::uint64_t>(release.expires_at_ns));
  fields.put(Field::before, "refused").put(Field::after, "the next like it passes once");
  const auto at = floor_.append(Kind::release, person, fields);
  if (!at) return {Said::refused, "the journal does not take records"};
  release.id = at->sequence;
  const ActionOutcome done{Said::done,
                           fmt::format("the next order of {} that is like {} may pass, once",
                                       refused->router, refused->cl_ord_id),
                           release.id, release.expires_at_ns};
  floor_.releases.add(std::move(release));
  return done;
}

std::optional<risk::NewOrder> Core::order_of(std::string_view frame, std::string_view router,
                                             std::string_view venue) {
  const risk::RouterId id = floor_.directory.routers.find(router);
  const risk::VenueId to = floor_.directory.venues.find(venue);
  if (!id.known() || !to.known()) return std::nullopt;
  const config::Router& settings = floor_.config.routers[id.value];
  const auto message = parse_strict(frame, *settings.dialect);
  if (!message) return std::nullopt;
  const auto translated = translate_request(*message, floor_.config, id, to, floor_.directory);
  if (!translated) return std::nullopt;
  const auto* order = std::get_if<risk::NewOrder>(&translated->request);
  return order == nullptr ? std::nullopt : std::optional(*order);
}

ActionOutcome Core::take(const std::string& person, const SetPrices& action) {
  constexpr std::int64_t ahead_ns = 1'000'000'000;  // of our clock
  risk::References references;
  references.by_symbol.resize(floor_.directory.symbols.size());
  references.by_currency.resize(floor_.directory.currencies.size());
  const auto put = [&](const SetPrices::Entry& entry, auto id, auto& into,
                       bool may_be_negative) -> std::string {
    if (!id.known()) return fmt::format("{} is not in the policy", entry.name);
    if (!entry.price.is_positive() && !may_be_negative)
      return fmt::format("the price of {} is not above zero", entry.name);
    if (entry.as_of.ns > floor_.clock.utc.ns + ahead_ns)
      return fmt::format("the price of {} is of the future", entry.name);
    if (into[id.value]) return fmt::format("{} stands twice", entry.name);
    into[id.value] = risk::ReferencePrice{entry.price, entry.as_of};
    return {};
  };
  for (const SetPrices::Entry& entry : action.prices) {
    const auto id = floor_.directory.symbols.find(entry.name);
    const auto& traits = floor_.config.limits.symbol_traits;
    const bool negative = id.value < traits.size() && traits[id.value].negative_prices;
    if (auto wrong = put(entry, id, references.by_symbol, negative); !wrong.empty())
      return {Said::refused, std::move(wrong)};
  }
  for (const SetPrices::Entry& entry : action.rates) {
    const auto id = floor_.directory.currencies.find(entry.name);
    if (auto wrong = put(entry, id, references.by_currency, false); !wrong.empty())
      return {Said::refused, std::move(wrong)};
  }
  const std::uint64_t record = floor_.journal.next_sequence();
  if (!put_prices(std::move(references), PriceSource::people, person, person))
    return {Said::refused, "the journal does not take records"};
  return {Said::done,
          fmt::format("{} prices and {} rates taken over; where another source is newer, it holds",
                      action.prices.size(), action.rates.size()),
          record};
}

ActionOutcome Core::take(const std::string& person, const CutVenue& action) {
  const risk::VenueId id = floor_.directory.venues.find(action.venue);
  if (!id.known()) return {Said::unknown, fmt::format("there is no venue {}", action.venue)};
  const killswitch::Kill* kill = killer_.whole_session(id);
  if (kill == nullptr) {
    return {Said::refused, fmt::format("neither the firm nor venue {} is killed, and only then may "
                                       "it be cut off: kill it first",
                                       action.venue)};
  }
  if (floor_.venues[id.value]->link() == nullptr)
    return {Said::conflict, fmt::format("{} is not connected", action.venue)};
  const std::uint64_t kill_id = kill->id;
  return {Said::done, killer_.cut(id, *kill, person, "by choice"), kill_id};
}

ActionOutcome Core::take(const std::string& person, const CancelAgain& action) {
  const auto kill = std::ranges::find(floor_.kills, action.kill_id, &killswitch::Kill::id);
  if (kill == floor_.kills.end())
    return {Said::unknown, fmt::format("no kill {} is in force", action.kill_id)};
  const std::size_t alive = killer_.residual(*kill).size();
  const std::uint32_t sent = killer_.cancel_again(*kill, person);
  return {Said::done,
          fmt::format("{} of {} cancels were sent again{}", sent, alive,
                      sent < alive ? "; the others go at their venue's logon" : ""),
          kill->id};
}

ActionOutcome Core::take(const std::string& person, const Reload& action) {
  return policy_.reload(person, action);
}

ActionOutcome Core::take(const std::string& person, const Approve& action) {
  return policy_.approve(person, action);
}

ActionOutcome Core::take(const std::string& person, const RaiseLimit& action) {
  return policy_.raise(person, action);
}

ActionOutcome Core::take(const std::string& person, const SetSequence& action) {
  return sequences_.propose(person, action);
}

ActionOutcome Core::take(const std::string& person, const ApproveSequence& action) {
  return sequences_.approve(person, action);
}

}  // namespace interlock::gateway

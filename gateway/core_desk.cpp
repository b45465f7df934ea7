// What people and the loop ask of the core: parents, prices, re-arming, starting and stopping.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "gateway/core.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

ParentOutcome Core::declare_parent(const ParentRequest& request) {
  const auto refused = [](std::string text) {
    return ParentOutcome{ParentAnswer::refused, std::move(text), 0};
  };
  risk::ParentDeclaration declaration;
  declaration.account = floor_.directory.accounts.find(request.account);
  if (!declaration.account.known())
    return refused("account " + request.account + " is not in the policy");
  declaration.symbol = floor_.directory.symbols.find(request.symbol);
  if (!declaration.symbol.known())
    return refused("symbol " + request.symbol + " is not in the policy");
  const auto size = risk::Quantity::parse(request.size);
  if (!size || !size->is_positive())
    return refused("size " + request.size + " is not a positive quantity");
  if (request.side != "1" && request.side != "2" && request.side != "5" && request.side != "6") {
    return refused("side " + request.side + " is none of 1, 2, 5, 6");
  }
  if (request.parent.empty() || request.parent.size() > 64)
    return refused("a parent id has 1 to 64 bytes");
  declaration.side = static_cast<risk::Side>(request.side[0] - '0');
  declaration.size = *size;
  declaration.parent = floor_.directory.parents.intern(request.parent);
  const std::uint64_t record = floor_.journal.next_sequence();
  switch (gate_.declare(declaration, request.actor)) {
    case risk::Declared::added:
      return {ParentAnswer::added, "declared", record};
    case risk::Declared::resized:
      return {ParentAnswer::added, "declared; a child had named another size", record};
    case risk::Declared::same:
      return {ParentAnswer::same, "known, with the same content", 0};
    case risk::Declared::conflict:
      break;
  }
  return {ParentAnswer::conflict, "known with other content; the first declaration stands", 0};
}

void Core::declare_file() {
  for (const config::ParentEntry& entry : floor_.config.parents) {
    const ParentOutcome outcome =
        declare_parent({entry.parent, entry.account, entry.symbol, std::string(1, entry.side),
                        entry.size.text(), floor_.config.parents_file.string()});
    const bool known =
        outcome.answer == ParentAnswer::added || outcome.answer == ParentAnswer::same;
    if (known) continue;
    floor_.alert("interlock",
                 {Severity::warning,
                  "parents-file",
                  {},
                  fmt::format("{}:{}: parent {}: {}", floor_.config.parents_file.string(),
                              entry.line, entry.parent, outcome.text)});
  }
}

void Core::take_prices(risk::References references, std::string_view source) {
  put_prices(std::move(references), PriceSource::file, source, "interlock");
}

namespace {

using Prices = std::vector<std::optional<risk::ReferencePrice>>;

std::string price_in(const Prices& prices, std::size_t at) {
  return at < prices.size() && prices[at] ? prices[at]->price.text() : "none";
}

}  // namespace

bool Core::put_prices(risk::References references, PriceSource source, std::string_view from,
                      std::string_view actor) {
  FieldWriter record;
  record.put(Field::text, from);
  if (source == PriceSource::people) record.put(Field::event, by_people);
  for (std::uint32_t i = 0; i < references.by_symbol.size(); ++i) {
    const auto& reference = references.by_symbol[i];
    if (!reference) continue;
    record.put(Field::symbol, floor_.directory.symbols.name({i}))
        .put(Field::price, reference->price.text());
    record.put(Field::time, static_cast<std::uint64_t>(reference->as_of.ns));
    record.put(Field::before, price_in(floor_.references.by_symbol, i));
  }
  for (std::uint32_t i = 0; i < references.by_currency.size(); ++i) {
    const auto& rate = references.by_currency[i];
    if (!rate) continue;
    record.put(Field::currency, floor_.directory.currencies.name({i}));
    record.put(Field::price, rate->price.text());
    record.put(Field::time, static_cast<std::uint64_t>(rate->as_of.ns));
    record.put(Field::before, price_in(floor_.references.by_currency, i));
  }
  if (!floor_.append(Kind::prices, actor, record)) return false;
  adopt_prices(std::move(references), source);
  return true;
}

namespace {

void put_newer(Prices& into, const Prices& from) {
  if (into.size() < from.size()) into.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] && (!into[i] || from[i]->as_of >= into[i]->as_of)) into[i] = from[i];
  }
}

void put_newer(risk::References& into, const risk::References& from) {
  put_newer(into.by_symbol, from.by_symbol);
  put_newer(into.by_currency, from.by_currency);
}

}  // namespace

// A file is the whole of what it says; people name some.
void Core::adopt_prices(risk::References references, PriceSource source) {
  if (source == PriceSource::file)
    file_prices_ = std::move(references);
  else
    put_newer(peoples_prices_, references);
  risk::References all = file_prices_;
  all.by_symbol.resize(floor_.directory.symbols.size());
  put_newer(all, peoples_prices_);
  floor_.references = std::move(all);
  floor_.books.mark(floor_.references);
}

std::vector<std::string> Core::still_alive(const killswitch::Kill& kill) const {
  std::vector<std::string> names;
  for (const risk::OrderId id : killer_.residual(kill)) {
    const risk::Order& order = floor_.books.order(id);
    names.push_back(
        fmt::format("{}/{}", floor_.directory.routers.name(order.router), order.cl_ord_id));
  }
  for (const auto& [venue, stranger] : returns_.checks().strangers(kill))
    names.push_back(fmt::format("{}/{}", venue, stranger.cl_ord_id));
  return names;
}

void Core::rearm_begun(const killswitch::RearmRequest& request) {
  FieldWriter record;
  record.put(Field::kill_id, request.kill_id).put(Field::actor, request.begun_by);
  record.put(Field::text, request.reason);
  record.put(Field::before, floor_.latch.armed_identity()).put(Field::after, request.identity);
  if (!request.orders.empty())
    record.put(Field::why,
               fmt::format("{}: {}", fmt::join(request.orders, " "), request.residual_signed_off));
  floor_.append(Kind::proposal, request.begun_by, record);
}

std::string Core::recovering(const killswitch::Kill& kill) const {
  if (floor_.recovering) return "the journal is being read";
  return returns_.checks().in_the_way(kill);
}

void Core::rearmed(const killswitch::Kill& kill, const killswitch::RearmRequest& request,
                   std::string_view approver) {
  FieldWriter record;
  record.put(Field::kill_id, kill.id).put(Field::scope_kind, name(kill.scope.kind));
  record.put(Field::scope_id, kill.scope.id).put(Field::text, request.reason);
  record.put(Field::actor, fmt::format("{} and {}", request.begun_by, approver));
  record.put(Field::level, static_cast<std::uint64_t>(kill.level));
  record.put(Field::time, static_cast<std::uint64_t>(request.begun_at_ns));
  record.put(Field::before, floor_.latch.armed_identity()).put(Field::after, request.identity);
  if (!request.orders.empty())
    record.put(Field::why,
               fmt::format("{}: {}", fmt::join(request.orders, " "), request.residual_signed_off));
  floor_.append(Kind::rearm, approver, record);
  returns_.checks().rearmed(kill);
  // Two people have looked at what tripped it.
  if (const Alert* tripped = floor_.alerts.find_open("trip", kill.scope))
    floor_.acknowledge(tripped->id, approver, "re-armed: " + request.reason);
  latch_changed();
  note_armed();
}

void Core::note_armed() {
  if (killswitch::Latch::firm_killed(floor_.acknowledged_word)) return;
  floor_.latch.note_armed(identity());
  if (floor_.persist_latch) return floor_.persist_latch();
  if (const auto stored = floor_.latch.persist(); !stored) latch_not_stored(stored.error());
}

void Core::latch_not_stored(const std::string& why) {
  floor_.alert("interlock", {Severity::warning,
                             "latch-not-stored",
                             {},
                             "the latch is not stored, so the next start is killed: " + why});
}

std::string Core::identity() const {
  const std::string what = build_id_ + " " + floor_.config.hash;
  return place_.known() ? what + " " + place_.text() : what;
}

// Empty: it was armed here, or never.
std::string Core::armed_elsewhere() const {
  const std::string armed = floor_.latch.armed_identity();
  if (armed.empty() || !place_.known() || armed.ends_with(" " + place_.text())) return {};
  const bool same_host = armed.find(" " + place_.host + "/") != std::string::npos;
  return fmt::format(
      "this state was armed {}: it may be a copy of one that runs. Make sure that none does",
      same_host ? "in another directory of this host" : "on another host");
}

void Core::open_or_stay_shut() {
  std::string why = armed_elsewhere();
  if (why.empty() && !floor_.latch.clean_stop())
    why = "the last run did not end in order";
  else if (why.empty() && !floor_.config.resume_if_unchanged)
    why = "on_start = \"killed\"";
  else if (why.empty() && floor_.latch.armed_identity() != identity())
    why = "build or configuration is not the one that was armed";
  else if (!other_books_.empty())
    why = other_books_;
  if (!why.empty() && !floor_.latch.shuts({})) {
    floor_.trip({}, killswitch::Source::start, "interlock", why + "; two people re-arm");
  }
  if (const auto stored = floor_.latch.record_clean_stop(false); !stored) {
    floor_.trip({}, killswitch::Source::start, "interlock",
                "the latch cannot be written: " + stored.error());
  }
  FieldWriter record;
  record.put(Field::build, build_id_).put(Field::config_hash, floor_.config.hash);
  if (place_.known()) record.put(Field::host, place_.host).put(Field::instance, place_.instance);
  record.put(Field::text, why.empty() ? "resumed: unchanged since it was armed" : why);
  floor_.append(Kind::start, "interlock", record);
  policy_.write_down();
  returns_.checks().started();
  policy_.tick();  // what ended while nothing ran
  day_.tick();     // a roll that was missed
  if (const std::string_view cut = floor_.journal.cut_tail(); !cut.empty()) {
    floor_.alert("interlock", {Severity::warning, "journal-cut", {}, std::string(cut)});
  }
  latch_changed();
}

void Core::start_stop() {
  if (floor_.stopping) return;
  floor_.stopping = true;
  stop_at_ns_ = floor_.clock.mono_ns + floor_.config.drain.ns;
  for (const auto& router : floor_.routers)
    gate_.give_up(*router, "the gateway stops while it waits for its parent");
  if (floor_.config.cancel_on_stop) killer_.cancel(floor_.books.open_orders(), "the gateway stops");
}

bool Core::drained() const {
  if (!floor_.stopping) return false;
  if (floor_.clock.mono_ns >= stop_at_ns_) return true;
  return !floor_.config.cancel_on_stop || floor_.books.open_orders().empty();
}

void Core::log_out() {
  for (Leg* leg : floor_.legs) leg->start_logout("the gateway stops");
}

bool Core::connected() const {
  return std::ranges::any_of(floor_.legs, [](const Leg* leg) { return leg->link() != nullptr; });
}

void Core::finish_stop() {
  for (Leg* leg : floor_.legs) leg->detach("the gateway stops");
  limit_uses_.write();
  FieldWriter record;
  record.put(Field::text, fmt::format("{} orders open", floor_.books.open_orders().size()));
  record.put(Field::digest, fmt::format("{:016x}", floor_.books.digest()));
  const bool recorded = floor_.append(Kind::stop, "interlock", record).has_value();
  const auto synced = floor_.journal.sync();
  // A mark that cannot be stored leaves the stop unclean, and the next start is killed.
  if (recorded && synced) [[maybe_unused]]
    const auto stored = floor_.latch.record_clean_stop(true);
}

}  // namespace interlock::gateway

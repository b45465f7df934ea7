#include "gateway/tee.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/killer.hpp"
#include "gateway/translate.hpp"
#include "risk/fact.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldReader;
using audit::FieldWriter;
using audit::Kind;

// What a record says of its message, in Field::event.
constexpr std::string_view declared = "parent declared";
constexpr std::string_view resized = "parent resized";
constexpr std::string_view cancelled = "parent cancelled";
constexpr std::string_view executed = "parent executed";
constexpr std::string_view nothing = "nothing learned";

void learned_nothing(FieldWriter& record, std::string_view why) {
  record.put(Field::event, nothing).put(Field::text, why);
}

std::optional<risk::Quantity> quantity_in(const Parsed& parsed, Tag tag) {
  const auto text = parsed.get(tag);
  if (!text) return std::nullopt;
  const auto quantity = risk::Quantity::parse(*text);
  return quantity ? std::optional(*quantity) : std::nullopt;
}

bool has_ended(std::string_view status) { return status == "4" || status == "8" || status == "C"; }

}  // namespace

void Tees::message(Leg& tee, const Inbound& message) {
  const Parsed& parsed = *message.parsed;
  const config::Tee& settings = floor_.config.tees[tee.identity().index];
  FieldWriter record;
  record.put(Field::session, tee.id()).put(Field::in_sequence, std::uint64_t{message.sequence});
  put_in_frame(record, message);
  if (const auto name = parsed.get(11)) record.put(Field::cl_ord_id, *name);
  if (message.trouble != nullptr)
    learned_nothing(record, message.trouble->text);
  else if (parsed.type == "D")
    order(settings, parsed, record);
  else if (parsed.type == "G")
    resize(settings, parsed, record);
  else if (parsed.type == "F")
    cancel(settings, parsed, record);
  else if (parsed.type == "8")
    report(settings, parsed, record);
  else
    learned_nothing(record, fmt::format("message type {} tells of no parent", parsed.type));
  const auto location = floor_.append(Kind::tee_message, tee.id(), record);
  tee.recorded(message.sequence);
  if (message.trouble != nullptr) {
    alert(tee, "tee-refused", message.trouble->text);
    return tee.reject(*message.trouble);
  }
  if (!location) return;  // not remembered: not learned
  const FieldReader fields(record.bytes());
  if (fields.text(Field::event) == nothing) {
    const bool expected = parsed.type != "D" && parsed.type != "G" && parsed.type != "F";
    if (!expected)
      alert(tee, "tee-not-understood",
            fmt::format("{}: {}", fields.text(Field::text).value_or(""), readable(message.frame)));
    return;
  }
  if (!apply(fields, floor_.clock.utc))
    alert(tee, "parent-contradicted",
          fmt::format("parent {} is known with another account, symbol or side",
                      fields.text(Field::parent).value_or("")));
  compare(tee, fields);
}

void Tees::alert(const Leg& tee, std::string_view kind, std::string text) {
  const std::string& router = floor_.config.tees[tee.identity().index].for_router;
  floor_.alert(tee.id(), Raised{Severity::warning,
                                std::string(kind),
                                {killswitch::ScopeKind::router, router},
                                std::move(text)});
}

void Tees::order(const config::Tee& settings, const Parsed& parsed, FieldWriter& record) const {
  const std::string name = parent_of(parsed, settings.parent_keys);
  if (name.empty() || name.size() > 64) return learned_nothing(record, "names no parent");
  const std::string_view said = parsed.get(1).value_or(std::string_view{settings.account});
  const auto account_id = account_named(said, floor_.config, floor_.directory);
  if (!account_id.known())
    return learned_nothing(record, fmt::format("account {} is not in the policy", said));
  const std::string_view account = floor_.directory.accounts.name(account_id);
  const auto symbol_id = symbol_named(parsed, floor_.config, floor_.directory);
  if (!symbol_id.known())
    return learned_nothing(
        record, fmt::format("symbol {} is not in the policy", parsed.get(55).value_or("")));
  if (const auto wrong = contradiction(parsed, floor_.config, floor_.directory))
    return learned_nothing(record, wrong->fact);
  const std::string_view symbol = floor_.directory.symbols.name(symbol_id);
  const std::string_view side = parsed.get(54).value_or("");
  if (side != "1" && side != "2" && side != "5" && side != "6")
    return learned_nothing(record, fmt::format("side {} is none of 1, 2, 5, 6", side));
  const auto size = quantity_in(parsed, 38);
  if (!size || !size->is_positive())
    return learned_nothing(record, "OrderQty 38 is not a positive quantity");
  record.put(Field::event, declared).put(Field::parent, name).put(Field::account, account);
  record.put(Field::symbol, symbol).put(Field::side, side).put(Field::quantity, size->text());
  record.put(Field::source, static_cast<std::uint64_t>(risk::ParentSource::tee));
}

std::string Tees::parent_named(const config::Tee& settings, const Parsed& parsed) const {
  // A whole ClOrdID names a parent on its D only: what comes later has one of its own.
  std::vector<config::ParentKey> keys = settings.parent_keys;
  std::erase_if(keys, [](const config::ParentKey& key) { return key.tag == 11 && !key.pattern; });
  if (std::string name = parent_of(parsed, keys); !name.empty()) return name;
  for (const Tag tag : {Tag{41}, Tag{11}}) {
    const auto found = names_.find({settings.id, std::string(parsed.get(tag).value_or(""))});
    if (found != names_.end()) return found->second;
  }
  return {};
}

void Tees::resize(const config::Tee& settings, const Parsed& parsed, FieldWriter& record) const {
  const std::string name = parent_named(settings, parsed);
  if (name.empty()) return learned_nothing(record, "resizes a parent that was never declared");
  const auto size = quantity_in(parsed, 38);
  if (!size || !size->is_positive())
    return learned_nothing(record, "OrderQty 38 is not a positive quantity");
  record.put(Field::event, resized).put(Field::parent, name).put(Field::quantity, size->text());
}

void Tees::cancel(const config::Tee& settings, const Parsed& parsed, FieldWriter& record) const {
  const std::string name = parent_named(settings, parsed);
  if (name.empty()) return learned_nothing(record, "cancels a parent that was never declared");
  record.put(Field::event, cancelled).put(Field::parent, name);
}

void Tees::report(const config::Tee& settings, const Parsed& parsed, FieldWriter& record) const {
  const std::string name = parent_named(settings, parsed);
  if (name.empty()) return learned_nothing(record, "reports on a parent that was never declared");
  const auto cum = quantity_in(parsed, 14);
  if (!cum) return learned_nothing(record, "CumQty 14 does not read");
  // Of a replaced parent the router's word that it ended counts as its owner's.
  const bool over = has_ended(parsed.get(39).value_or(""));
  record.put(Field::event, over ? cancelled : executed).put(Field::parent, name);
  record.put(Field::quantity, cum->text());
}

bool Tees::declare(const FieldReader& fields, risk::Time at) {
  return floor_.books.declare(read_declaration(fields, floor_.directory), at) !=
         risk::Declared::conflict;
}

bool Tees::apply(const FieldReader& fields, risk::Time at) {
  const std::string_view event = fields.text(Field::event).value_or("");
  if (event == nothing) return true;
  const std::string name(fields.text(Field::parent).value_or(""));
  const std::string tee(fields.text(Field::session).value_or(""));
  names_[{tee, std::string(fields.text(Field::cl_ord_id).value_or(""))}] = name;
  if (event == declared) return declare(fields, at);
  const risk::ParentId parent = floor_.directory.parents.intern(name);
  if (floor_.books.parent(parent) == nullptr) return true;
  const auto quantity = risk::Quantity::parse(fields.text(Field::quantity).value_or(""));
  if (quantity && event == resized)
    floor_.books.resize(parent, *quantity, risk::ParentSource::tee, at);
  else if (quantity)
    floor_.books.report_executed(parent, *quantity, at);
  if (event == cancelled) cancel_children(parent, tee, at);
  return true;
}

void Tees::cancel_children(risk::ParentId parent, std::string_view tee, risk::Time at) {
  floor_.books.cancel_parent(parent, at);
  const auto of = std::ranges::find(floor_.config.tees, tee, &config::Tee::id);
  const risk::Duration grace = of == floor_.config.tees.end() ? risk::Duration{} : of->cancel_grace;
  cancelled_.emplace(parent, at + grace);
}

// Fills that happened elsewhere count against the parent, and somebody has to know of them.
void Tees::compare(const Leg& tee, const FieldReader& fields) {
  const risk::ParentId parent =
      floor_.directory.parents.find(fields.text(Field::parent).value_or(""));
  const risk::Parent* known = floor_.books.parent(parent);
  const auto cum = risk::Quantity::parse(fields.text(Field::quantity).value_or(""));
  const std::string_view event = fields.text(Field::event).value_or("");
  if (known == nullptr || !cum || (event != executed && event != cancelled)) return;
  if (*cum <= known->cum) return;
  const risk::Quantity difference = *cum - known->cum;
  const auto [told, first] = differing_.emplace(parent, difference);
  if (!first && told->second >= difference) return;
  told->second = difference;
  alert(tee, "executed-elsewhere",
        fmt::format("parent {}: the OMS believes {} executed, here it is {}",
                    floor_.directory.parents.name(parent), cum->text(), known->cum.text()));
}

void Tees::tick() {
  std::vector<risk::ParentId> due;
  for (auto each = cancelled_.begin(); each != cancelled_.end();) {
    const risk::Parent* parent = floor_.books.parent(each->first);
    const bool over = parent == nullptr || !parent->open.is_positive();
    if (!over && floor_.clock.utc >= each->second) due.push_back(each->first);
    each = over ? cancelled_.erase(each) : std::next(each);
  }
  if (due.empty()) return;
  std::vector<risk::OrderId> children;
  for (const risk::OrderId id : floor_.books.open_orders()) {
    if (std::ranges::find(due, floor_.books.order(id).parent) == due.end()) continue;
    const std::int64_t since = floor_.clock.utc.ns - floor_.info(id).cancelled_at_ns;
    if (since >= floor_.config.cancel_timeout.ns) children.push_back(id);
  }
  killer_.cancel(children, "the parent was cancelled by its owner");
}

std::optional<risk::Duration> Tees::age(risk::RouterId router) const {
  std::optional<risk::Duration> oldest;
  for (const auto& tee : floor_.tees) {
    const config::Tee& settings = floor_.config.tees[tee->identity().index];
    if (settings.for_router == floor_.directory.routers.name(router))
      oldest = std::max(oldest, tee->silent_for());
  }
  return oldest;
}

}  // namespace interlock::gateway

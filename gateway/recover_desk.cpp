// What people and files had told the gateway, and how its books had ended: again from the journal.
#include <fmt/format.h>

#include "gateway/recover.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldReader;
using audit::Record;

// The books at an orderly end were those that its record says, or something was lost on the way.
void Recovery::ended(const FieldReader& fields, const Record& record) {
  const auto digest = fields.text(Field::digest);
  if (!same_policy_ || !digest) return;
  const std::string ours = fmt::format("{:016x}", floor_.books.digest());
  if (ours == *digest) return;
  core_.other_books_ =
      fmt::format("record {} says that the books ended as {}, and the journal makes them {}",
                  record.location.sequence, *digest, ours);
}

void Recovery::raise(const FieldReader& fields, const Record& record) {
  LiveRaise raise;
  raise.id = record.location.sequence;
  raise.what.scope.kind = killswitch::scope_kind_of(fields.text(Field::scope_kind).value_or(""))
                              .value_or(killswitch::ScopeKind::firm);
  raise.what.scope.id = fields.text(Field::scope_id).value_or("");
  raise.what.key = fields.text(Field::key).value_or("");
  raise.what.value = fields.text(Field::after).value_or("");
  raise.what.reason = fields.text(Field::text).value_or("");
  raise.before = fields.text(Field::before).value_or("");
  raise.people = fields.text(Field::actor).value_or("");
  raise.until_ns = static_cast<std::int64_t>(fields.number(Field::until).value_or(0));
  core_.policy_.raised(std::move(raise));
}

void Recovery::alert(const FieldReader& fields, const Record& record) {
  const auto severity = fields.number(Field::severity);
  if (!severity) return;  // of a build whose alerts were texts only
  Raised raised;
  raised.severity = static_cast<Severity>(*severity);
  raised.kind = fields.text(Field::alert_kind).value_or("");
  raised.scope.kind = killswitch::scope_kind_of(fields.text(Field::scope_kind).value_or(""))
                          .value_or(killswitch::ScopeKind::firm);
  raised.scope.id = fields.text(Field::scope_id).value_or("");
  raised.text = fields.text(Field::text).value_or("");
  floor_.alerts.raise(std::move(raised), record.location.sequence, record.time_ns);
}

void Recovery::prices(const FieldReader& fields) {
  const auto items = fields.items();
  if (!items) return;
  risk::References references;
  references.by_symbol.resize(floor_.directory.symbols.size());
  references.by_currency.resize(floor_.directory.currencies.size());
  std::optional<risk::ReferencePrice>* place = nullptr;
  std::optional<risk::Price> price;
  for (const auto& item : *items) {
    if (item.field == Field::symbol) {
      const auto symbol = floor_.directory.symbols.find(item.bytes);
      place = symbol.known() ? &references.by_symbol[symbol.value] : nullptr;
    }
    if (item.field == Field::currency) {
      const auto currency = floor_.directory.currencies.find(item.bytes);
      place = currency.known() ? &references.by_currency[currency.value] : nullptr;
    }
    if (item.field == Field::price) {
      const auto read = risk::Price::parse(item.bytes);
      price = read ? std::optional<risk::Price>{*read} : std::nullopt;
    }
    if (item.field == Field::time && place != nullptr && price) {
      std::int64_t as_of = 0;
      for (std::size_t i = item.bytes.size(); i-- > 0;)
        as_of = as_of << 8 | static_cast<unsigned char>(item.bytes[i]);
      *place = risk::ReferencePrice{*price, {as_of}};
    }
  }
  const bool people = fields.text(Field::event) == Core::by_people;
  core_.adopt_prices(std::move(references),
                     people ? Core::PriceSource::people : Core::PriceSource::file);
}

void Recovery::release(const FieldReader& fields, const Record& record) {
  const auto order = core_.order_of(fields.text(Field::in_frame).value_or(""),
                                    fields.text(Field::router).value_or(""),
                                    fields.text(Field::venue).value_or(""));
  if (!order) return;  // of a policy that is gone: it lets nothing pass
  floor_.releases.add({record.location.sequence, *order,
                       static_cast<std::int64_t>(fields.number(Field::until).value_or(0))});
}

}  // namespace interlock::gateway

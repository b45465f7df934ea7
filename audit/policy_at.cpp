#include "audit/policy_at.hpp"

#include <utility>

#include "audit/fields.hpp"
#include "audit/stored.hpp"

namespace interlock::audit {
namespace {

std::string text(const FieldReader& fields, Field field) {
  return std::string(fields.text(field).value_or(""));
}

std::string* member_of(Setting& setting, Field field) {
  switch (field) {
    case Field::scope_id:
      return &setting.scope;
    case Field::key:
      return &setting.key;
    case Field::after:
      return &setting.value;
    case Field::why:
      return &setting.why;
    case Field::owner:
      return &setting.owner;
    case Field::review:
      return &setting.review;
    default:
      return nullptr;
  }
}

}  // namespace

void PolicyAt::take(const Record& record) {
  const FieldReader fields(record.payload);
  switch (record.kind) {
    case Kind::policy:
      return add(record);
    case Kind::raise: {
      Setting raised;
      raised.scope_kind = text(fields, Field::scope_kind);
      raised.scope = text(fields, Field::scope_id);
      raised.key = text(fields, Field::key);
      raised.value = text(fields, Field::after);
      raised.raise = record.location.sequence;
      raised.raised_by = text(fields, Field::actor);
      raises_.emplace(raised.raise, std::move(raised));
      return;
    }
    case Kind::raise_ended:
      raises_.erase(fields.number(Field::raise_id).value_or(0));
      return;
    case Kind::start:
      build_ = text(fields, Field::build);
      config_hash_ = text(fields, Field::config_hash);
      return;
    case Kind::reload:
      config_hash_ = text(fields, Field::config_hash);
      return;
    default:
      return;
  }
}

// "1 of 5" begins the whole anew; each row begins with its scope_kind.
void PolicyAt::add(const Record& record) {
  const FieldReader fields(record.payload);
  const auto items = fields.items();
  if (!items) return;
  if (fields.text(Field::text).value_or("").starts_with("1 of ")) {
    settings_.clear();
    record_ = record.location.sequence;
  }
  for (const auto& item : *items) {
    if (item.field == Field::scope_kind) settings_.emplace_back().scope_kind = item.bytes;
    if (settings_.empty()) continue;
    Setting& setting = settings_.back();
    if (auto* const member = member_of(setting, item.field)) *member = item.bytes;
    if (item.field == Field::line && item.bytes.size() == sizeof setting.line)
      setting.line = load<std::uint64_t>(reinterpret_cast<const std::byte*>(item.bytes.data()));
  }
}

std::vector<Setting> PolicyAt::find(std::string_view key, std::string_view scope_kind,
                                    std::string_view scope) const {
  std::vector<Setting> found;
  for (const Setting& setting : settings_) {
    // "parent.exhausted_grace" stands in no scope of its own.
    const bool is_of_gateway =
        setting.scope_kind == "gateway" && setting.key.ends_with("." + std::string(key));
    const bool is_of_scope = setting.key == key && setting.scope_kind == scope_kind &&
                             (setting.scope == scope || setting.scope.empty());
    if (is_of_gateway || is_of_scope) found.push_back(setting);
  }
  for (Setting& setting : found) {
    for (const auto& [number, raised] : raises_) {
      const bool same = setting.scope_kind == raised.scope_kind && setting.scope == raised.scope &&
                        setting.key == raised.key;
      if (!same) continue;
      setting.filed = std::exchange(setting.value, raised.value);
      setting.raise = number;
      setting.raised_by = raised.raised_by;
    }
  }
  return found;
}

}  // namespace interlock::audit

#include "gateway/limit_uses.hpp"

#include <algorithm>

namespace interlock::gateway {
namespace {

using audit::Field;

constexpr double millionths = 1e6;

std::string key_of(const LimitView& limit) {
  return limit.control + '\n' + limit.scope_kind + '\n' + limit.scope;
}

}  // namespace

void LimitUses::look(const std::vector<LimitView>& limits) {
  for (const LimitView& limit : limits) {
    if (limit.fraction <= 0) continue;
    Use& use = uses_[key_of(limit)];
    if (use.at_ns != 0 && limit.fraction <= use.at_most.fraction) continue;
    use = {limit, floor_.clock.utc.ns};
  }
}

void LimitUses::tick() {
  const std::int64_t hour = floor_.clock.utc.ns / every_ns;
  if (hour == hour_) return;
  write();
  hour_ = hour;
}

void LimitUses::write() {
  std::vector<const Use*> fullest;
  for (const auto& [key, use] : uses_) fullest.push_back(&use);
  std::ranges::sort(fullest, [](const Use* a, const Use* b) {
    if (a->at_most.fraction != b->at_most.fraction)
      return a->at_most.fraction > b->at_most.fraction;
    return key_of(a->at_most) < key_of(b->at_most);
  });
  if (fullest.size() > written_max) fullest.resize(written_max);
  constexpr std::size_t in_a_record = 50;
  for (std::size_t i = 0; i < fullest.size(); i += in_a_record) {
    audit::FieldWriter record;
    for (std::size_t at = i; at < std::min(i + in_a_record, fullest.size()); ++at) {
      const LimitView& limit = fullest[at]->at_most;
      record.put(Field::control, limit.control).put(Field::scope_kind, limit.scope_kind);
      record.put(Field::scope_id, limit.scope).put(Field::used, limit.used);
      record.put(Field::limit, limit.limit);
      record.put(Field::share, static_cast<std::uint64_t>(limit.fraction * millionths));
      record.put(Field::time, static_cast<std::uint64_t>(fullest[at]->at_ns));
    }
    if (!floor_.append(audit::Kind::use, "interlock", record)) return;
  }
  uses_.clear();
}

}  // namespace interlock::gateway

#include "gateway/policy_record.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldWriter;
using audit::Kind;

void put(FieldWriter& record, const config::PolicyRow& row) {
  record.put(Field::scope_kind, row.scope_kind).put(Field::scope_id, row.scope);
  record.put(Field::key, row.key).put(Field::after, row.value);
  record.put(Field::line, std::uint64_t{row.line});
  if (row.owner.empty()) return;
  record.put(Field::why, row.why).put(Field::owner, row.owner).put(Field::review, row.review);
}

}  // namespace

void record_policy(Floor& floor, const std::vector<config::PolicyRow>& rows) {
  constexpr std::size_t bytes_max = 16'384;
  // Of a small journal no record takes more than an eighth of a segment.
  const std::size_t most = std::min<std::size_t>(bytes_max, floor.config.audit_segment_bytes / 8);
  std::vector<FieldWriter> parts(1);
  for (const config::PolicyRow& row : rows) {
    if (parts.back().bytes().size() > most) parts.emplace_back();
    put(parts.back(), row);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    FieldWriter& record = parts[i];
    record.put(Field::text, fmt::format("{} of {}", i + 1, parts.size()));
    record.put(Field::config_hash, floor.config.hash);
    record.put(Field::policy_version, floor.config.limits.version);
    if (!floor.append(Kind::policy, "interlock", record)) return;
  }
}

}  // namespace interlock::gateway

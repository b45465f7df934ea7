#include "crash/journal.hpp"

#include <fmt/format.h>

#include <utility>

#include "audit/fields.hpp"
#include "audit/reader.hpp"
#include "crash/gateway.hpp"

namespace interlock::crash {

Sent read_journal(const std::filesystem::path& directory, bool torn) {
  using audit::Field;
  Sent sent;
  const auto read = audit::read(directory, [&](const audit::Record& record) {
    ++sent.records;
    const audit::FieldReader fields(record.payload);
    constexpr std::pair<Field, std::pair<Field, Field>> places[] = {
        {Field::out_session, {Field::out_sequence, Field::out_frame}},
        {Field::reply_session, {Field::reply_sequence, Field::reply_frame}}};
    for (const auto& [session, place] : places) {
      const auto name = fields.text(session);
      const auto sequence = fields.number(place.first);
      if (!name || !sequence || *sequence == 0) continue;
      auto found = sent.sessions.find(*name);
      if (found == sent.sessions.end())
        found = sent.sessions.emplace(std::string(*name), std::vector<std::uint64_t>{}).first;
      if (found->second.size() < *sequence) found->second.resize(*sequence);
      found->second[*sequence - 1] = mark_of(fields.text(place.second).value_or(""));
    }
    if (record.kind == audit::Kind::snapshot) sent.snapshots += fields.text(Field::event) == "used";
    if (record.kind == audit::Kind::stop)
      sent.digest = std::string(fields.text(Field::digest).value_or(""));
    return true;
  });
  if (!read && !torn) throw Failed("the journal cannot be read: " + read.error());
  return sent;
}

std::uint32_t segments_in(const std::filesystem::path& audit) {
  std::uint32_t count = 0;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(audit, ignored))
    count += file.path().extension() == ".seg" ? 1 : 0;
  return count;
}

std::vector<std::string> not_recorded(const Sent& sent, std::string_view session, const End& end) {
  static const std::vector<std::uint64_t> nothing;
  const auto found = sent.sessions.find(session);
  const auto& recorded = found == sent.sessions.end() ? nothing : found->second;
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < end.marks().size(); ++i) {
    if (end.marks()[i] == 0) continue;
    if (i >= recorded.size() || recorded[i] == 0)
      missing.push_back(
          fmt::format("{} has heard message {}, which is not in the journal", session, i + 1));
    else if (recorded[i] != end.marks()[i])
      missing.push_back(
          fmt::format("{} has heard another message {} than the journal has", session, i + 1));
  }
  return missing;
}

std::uint64_t in_doubt(const Sent& sent, std::string_view session, const End& end) {
  const auto found = sent.sessions.find(session);
  if (found == sent.sessions.end()) return 0;
  return found->second.size() - std::min<std::size_t>(found->second.size(), end.next_in() - 1);
}

}  // namespace interlock::crash

#include "audit/fields.hpp"

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <cstring>
#include <iterator>
#include <utility>

#include "audit/reuse.hpp"

namespace interlock::audit {
namespace {

constexpr std::size_t head_bytes = 5;  // number and length
constexpr std::size_t usual_bytes = 2'048;
using Written = Reuse<boost::container::vector<std::byte>, 8, usual_bytes, 64 * 1'024>;

constexpr std::pair<Field, std::string_view> names[] = {
    {Field::session, "session"},
    {Field::in_sequence, "in_sequence"},
    {Field::in_frame, "in_frame"},
    {Field::out_session, "out_session"},
    {Field::out_sequence, "out_sequence"},
    {Field::out_frame, "out_frame"},
    {Field::reply_session, "reply_session"},
    {Field::reply_sequence, "reply_sequence"},
    {Field::reply_frame, "reply_frame"},
    {Field::reason, "reason"},
    {Field::text, "text"},
    {Field::policy_version, "policy_version"},
    {Field::venue_cl_ord_id, "venue_cl_ord_id"},
    {Field::anomaly, "anomaly"},
    {Field::parent, "parent"},
    {Field::account, "account"},
    {Field::symbol, "symbol"},
    {Field::side, "side"},
    {Field::quantity, "quantity"},
    {Field::source, "source"},
    {Field::scope_kind, "scope_kind"},
    {Field::scope_id, "scope_id"},
    {Field::kill_id, "kill_id"},
    {Field::build, "build"},
    {Field::config_hash, "config_hash"},
    {Field::event, "event"},
    {Field::peer, "peer"},
    {Field::next_in, "next_in"},
    {Field::next_out, "next_out"},
    {Field::price, "price"},
    {Field::time, "time"},
    {Field::actor, "actor"},
    {Field::cl_ord_id, "cl_ord_id"},
    {Field::orig_cl_ord_id, "orig_cl_ord_id"},
    {Field::router, "router"},
    {Field::venue, "venue"},
    {Field::closed_at, "closed_at"},
    {Field::level, "level"},
    {Field::list_order, "list_order"},
    {Field::alert_id, "alert_id"},
    {Field::severity, "severity"},
    {Field::alert_kind, "alert_kind"},
    {Field::source_record, "source_record"},
    {Field::waited_record, "waited_record"},
    {Field::change, "change"},
    {Field::key, "key"},
    {Field::before, "before"},
    {Field::after, "after"},
    {Field::why, "why"},
    {Field::owner, "owner"},
    {Field::review, "review"},
    {Field::proposal_id, "proposal_id"},
    {Field::until, "until"},
    {Field::duration, "duration"},
    {Field::raise_id, "raise_id"},
    {Field::currency, "currency"},
    {Field::refusal, "refusal"},
    {Field::release_id, "release_id"},
    {Field::button, "button"},
    {Field::last_sequence, "last_sequence"},
    {Field::unsent, "unsent"},
    {Field::dropped, "dropped"},
    {Field::clock_offset, "clock_offset"},
    {Field::clock_error, "clock_error"},
    {Field::clock_state, "clock_state"},
    {Field::subject, "subject"},
    {Field::host, "host"},
    {Field::instance, "instance"},
    {Field::digest, "digest"},
    {Field::file, "file"},
    {Field::cum, "cum"},
    {Field::leaves, "leaves"},
    {Field::order_id, "order_id"},
    {Field::signing_key, "signing_key"},
    {Field::public_key, "public_key"},
    {Field::control, "control"},
    {Field::used, "used"},
    {Field::limit, "limit"},
    {Field::share, "share"},
    {Field::figure, "figure"},
    {Field::value, "value"},
    {Field::residual, "residual"},
    {Field::line, "line"},
    {Field::algo, "algo"},
    {Field::trader, "trader"},
    {Field::desk, "desk"},
    {Field::limit_of, "limit_of"},
};

// The first field of `rest`, which is shortened by it; nullopt when `rest` ends within it.
std::optional<FieldReader::Item> take(std::span<const std::byte>& rest) {
  if (rest.size() < head_bytes) return std::nullopt;
  const auto field = static_cast<Field>(rest[0]);
  const std::uint32_t length =
      boost::endian::load_little_u32(reinterpret_cast<const unsigned char*>(rest.data()) + 1);
  rest = rest.subspan(head_bytes);
  if (length > rest.size()) return std::nullopt;
  const std::string_view bytes(reinterpret_cast<const char*>(rest.data()), length);
  rest = rest.subspan(length);
  return FieldReader::Item{field, bytes};
}

}  // namespace

std::string_view name(Field field) {
  const auto* const known =
      std::ranges::find(names, field, &std::pair<Field, std::string_view>::first);
  return known == std::end(names) ? std::string_view() : known->second;
}

FieldWriter::FieldWriter() : bytes_(Written::take(usual_bytes)) {}  // a list is longer, and grows

FieldWriter::~FieldWriter() { Written::give_back(std::move(bytes_)); }

FieldWriter& FieldWriter::put(Field field, std::string_view bytes) {
  const auto at = bytes_.size();
  bytes_.resize(at + head_bytes + bytes.size(), boost::container::default_init);
  auto* to = reinterpret_cast<unsigned char*>(bytes_.data() + at);
  to[0] = static_cast<unsigned char>(field);
  boost::endian::store_little_u32(to + 1, static_cast<std::uint32_t>(bytes.size()));
  if (!bytes.empty()) std::memcpy(to + head_bytes, bytes.data(), bytes.size());
  return *this;
}

FieldWriter& FieldWriter::put(Field field, std::uint64_t number) {
  boost::endian::native_to_little_inplace(number);
  return put(field, {reinterpret_cast<const char*>(&number), sizeof number});
}

FieldReader::FieldReader(std::span<const std::byte> payload) : payload_(payload), rest_(payload) {
  while (known_ < known_most) {
    const auto item = take(rest_);
    if (!item) return;
    fields_[known_] = item->field;
    const auto length = static_cast<std::uint32_t>(item->bytes.size());
    const auto end = static_cast<std::uint32_t>(payload_.size() - rest_.size());
    places_[known_++] = {end - length, length};
  }
}

std::optional<std::string_view> FieldReader::text(Field field) const {
  if (const void* found = std::memchr(fields_.data(), static_cast<int>(field), known_)) {
    const auto [offset, length] =
        places_[static_cast<std::size_t>(static_cast<const Field*>(found) - fields_.data())];
    return std::string_view(reinterpret_cast<const char*>(payload_.data()) + offset, length);
  }
  if (known_ < known_most) return std::nullopt;
  auto rest = rest_;
  while (const auto item = take(rest)) {
    if (item->field == field) return item->bytes;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> FieldReader::number(Field field) const {
  const auto bytes = text(field);
  if (!bytes || bytes->size() != sizeof(std::uint64_t)) return std::nullopt;
  return boost::endian::load_little_u64(reinterpret_cast<const unsigned char*>(bytes->data()));
}

std::optional<std::vector<FieldReader::Item>> FieldReader::items() const {
  std::vector<Item> items;
  auto rest = payload_;
  while (!rest.empty()) {
    const auto item = take(rest);
    if (!item) return std::nullopt;
    items.push_back(*item);
  }
  return items;
}

}  // namespace interlock::audit

#include "gateway/list.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace interlock::gateway {
namespace {

using risk::Reason;

constexpr Tag orders_count = 73;
constexpr Tag entry_begin = 11;

// The fields from `first` up to `end` as a message of their own.
Parsed entry_of(const Parsed& list, std::size_t first, std::size_t end) {
  const std::uint32_t begin = list.fields[first].offset;
  Parsed entry;
  entry.frame = list.frame.substr(begin, list.fields[end].offset - begin);
  entry.fields.assign(list.fields.begin() + static_cast<std::ptrdiff_t>(first),
                      list.fields.begin() + static_cast<std::ptrdiff_t>(end));
  for (FieldView& field : entry.fields) field.offset -= begin;
  entry.type = "D";
  entry.sequence = list.sequence;
  return entry;
}

}  // namespace

std::vector<Parsed> entries_in(const Parsed& list) {
  std::vector<Parsed> entries;
  const auto& fields = list.fields;
  const auto count = std::ranges::find(fields, orders_count, &FieldView::tag);
  if (count == fields.end()) return entries;
  std::size_t first = static_cast<std::size_t>(count - fields.begin()) + 1;
  // The last field is CheckSum, which is in no group: each entry ends before a field.
  for (std::size_t i = first; i < fields.size(); ++i) {
    const bool group_ends = !fields[i].in_group;
    if (!group_ends && (fields[i].tag != entry_begin || i == first)) continue;
    if (i > first) entries.push_back(entry_of(list, first, i));
    if (group_ends) break;
    first = i;
  }
  return entries;
}

std::expected<std::vector<Parsed>, Untranslatable> orders_in(const Parsed& list) {
  std::vector<Parsed> orders = entries_in(list);
  const auto total = risk::parse_decimal(list.get(68).value_or(""), 0);
  const auto here = static_cast<std::int64_t>(orders.size());
  if (orders.empty() || !total || *total < here)
    return std::unexpected(Untranslatable{Reason::malformed, "TotNoOrders 68 is not 73's count"});
  if (*total > here || list.get(893) == "N")
    return std::unexpected(
        Untranslatable{Reason::unsupported,
                       fmt::format("{} of {} orders: a fragment has no check", here, *total)});
  if (const auto when = list.get(433); when && *when != "1")
    return std::unexpected(
        Untranslatable{Reason::unsupported, "ListExecInstType 433 other than 1 has no check"});
  return orders;
}

std::vector<std::string_view> cl_ord_ids_in(const Parsed& request) {
  std::vector<std::string_view> ids;
  if (request.type == "E") {
    for (const Parsed& order : entries_in(request)) ids.push_back(order.get(11).value_or(""));
  } else if (const auto id = request.get(11)) {
    ids.push_back(*id);
  }
  return ids;
}

}  // namespace interlock::gateway

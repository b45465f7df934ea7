#include "gateway/names.hpp"

#include <algorithm>

namespace interlock::gateway {
namespace {

// The id in front, at a fixed width, so that no text can run into it.
std::string key(std::uint32_t id, std::string_view text) {
  std::string out(sizeof id, '\0');
  for (std::size_t i = 0; i < sizeof id; ++i) out[i] = static_cast<char>(id >> (8 * i));
  out.append(text);
  return out;
}

}  // namespace

Named& ClOrdIds::add(Named named) {
  Named& kept = all_.emplace_back(std::move(named));
  by_venue_.insert_or_assign(key(kept.venue.value, kept.venue_cl_ord_id), &kept);
  if (!kept.own) by_router_.insert_or_assign(key(kept.router.value, kept.cl_ord_id), &kept);
  return kept;
}

Named* ClOrdIds::by_venue(risk::VenueId venue, std::string_view venue_cl_ord_id) {
  const auto found = by_venue_.find(key(venue.value, venue_cl_ord_id));
  return found == by_venue_.end() ? nullptr : found->second;
}

Named* ClOrdIds::by_router(risk::RouterId router, std::string_view cl_ord_id) {
  const auto found = by_router_.find(key(router.value, cl_ord_id));
  return found == by_router_.end() ? nullptr : found->second;
}

const Named* ClOrdIds::by_router(risk::RouterId router, std::string_view cl_ord_id) const {
  const auto found = by_router_.find(key(router.value, cl_ord_id));
  return found == by_router_.end() ? nullptr : found->second;
}

std::string base36(std::uint64_t number) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string out;
  do {
    out.push_back(digits[number % 36]);
    number /= 36;
  } while (number != 0);
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace interlock::gateway

#include "gateway/names.hpp"

#include <algorithm>

namespace interlock::gateway {

ClOrdIds::Wanted ClOrdIds::wanted(std::uint32_t id, std::string_view name) {
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15u;
  return {risk::TextHash{}(name) ^ (id + 1) * spread, id, name};
}

template <auto of>
Named* ClOrdIds::find(const Table<of>& table, std::uint32_t id, std::string_view name) {
  const Wanted it = wanted(id, name);
  const auto& part = table.of(it);
  const auto found = part.find(it);
  return found == part.end() ? nullptr : found->named;
}

// Of two that are called the same, the later one is meant.
template <auto of>
void ClOrdIds::put(Table<of>& table, Named& named) {
  const auto [id, name] = of(named);
  const Slot slot{wanted(id, name).hash, &named};
  auto& part = table.of(slot);
  if (const auto [at, is_new] = part.insert(slot); !is_new) {
    part.erase(at);
    part.insert(slot);
  }
}

Named& ClOrdIds::add(Named named) {
  Named& kept = all_.push_back(std::move(named));
  put(by_venue_, kept);
  if (!kept.own) put(by_router_, kept);
  return kept;
}

Named* ClOrdIds::by_venue(risk::VenueId venue, std::string_view venue_cl_ord_id) {
  return find(by_venue_, venue.value, venue_cl_ord_id);
}

Named* ClOrdIds::by_router(risk::RouterId router, std::string_view cl_ord_id) {
  return find(by_router_, router.value, cl_ord_id);
}

const Named* ClOrdIds::by_router(risk::RouterId router, std::string_view cl_ord_id) const {
  return find(by_router_, router.value, cl_ord_id);
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

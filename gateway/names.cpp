#include "gateway/names.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace interlock::gateway {
namespace {

// The id in front, at a fixed width, so that no text can run into it. To look a name up asks the
// heap for nothing.
class Key {
 public:
  Key(std::uint32_t id, std::string_view text) {
    const std::size_t size = sizeof id + text.size();
    char* to = small_.data();
    if (size > small_.size()) {
      large_.resize(size);
      to = large_.data();
    }
    std::memcpy(to, &id, sizeof id);
    text.copy(to + sizeof id, text.size());
    view_ = {to, size};
  }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  operator std::string_view() const { return view_; }  // NOLINT: it is one
  [[nodiscard]] std::string text() const { return std::string(view_); }

 private:
  std::array<char, 64> small_;
  std::string large_;
  std::string_view view_;
};

}  // namespace

Named& ClOrdIds::add(Named named) {
  Named& kept = all_.emplace_back(std::move(named));
  by_venue_.insert_or_assign(Key(kept.venue.value, kept.venue_cl_ord_id).text(), &kept);
  if (!kept.own) by_router_.insert_or_assign(Key(kept.router.value, kept.cl_ord_id).text(), &kept);
  return kept;
}

Named* ClOrdIds::by_venue(risk::VenueId venue, std::string_view venue_cl_ord_id) {
  const auto found = by_venue_.find(std::string_view(Key(venue.value, venue_cl_ord_id)));
  return found == by_venue_.end() ? nullptr : found->second;
}

Named* ClOrdIds::by_router(risk::RouterId router, std::string_view cl_ord_id) {
  const auto found = by_router_.find(std::string_view(Key(router.value, cl_ord_id)));
  return found == by_router_.end() ? nullptr : found->second;
}

const Named* ClOrdIds::by_router(risk::RouterId router, std::string_view cl_ord_id) const {
  const auto found = by_router_.find(std::string_view(Key(router.value, cl_ord_id)));
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

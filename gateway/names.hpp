// ClOrdIDs on both sides: what a router calls a request, and what it is called towards the venue.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "risk/ids.hpp"
#include "risk/in_parts.hpp"
#include "risk/pages.hpp"

namespace interlock::gateway {

// One numbered request (D, G or F) on its way to a venue, and the order that it belongs to.
struct Named {
  risk::RouterId router;
  risk::VenueId venue;
  risk::OrderId order;
  std::string cl_ord_id;        // the router's; of our own cancel: the order's
  std::string venue_cl_ord_id;  // the same, unless the venue session is shared
  std::string type;             // D, G or F
  bool own = false;             // our own cancel, which the router never sees
  bool answered = false;        // the venue has said something about it
};

class ClOrdIds {
 public:
  Named& add(Named named);
  [[nodiscard]] Named* by_venue(risk::VenueId venue, std::string_view venue_cl_ord_id);
  [[nodiscard]] Named* by_router(risk::RouterId router, std::string_view cl_ord_id);
  [[nodiscard]] const Named* by_router(risk::RouterId router, std::string_view cl_ord_id) const;

  template <class Archive>
  void save(Archive& archive) const {  // for a snapshot
    auto& [all, by_venue, by_router] = *this;
    archive(all);
  }
  template <class Archive>
  void load(Archive& archive) {
    risk::Pages<Named> all;
    archive(all);
    *this = {};
    for (std::size_t i = 0; i < all.size(); ++i) add(std::move(all[i]));
  }

 private:
  // Who has a name has it in front of him: a table holds no second copy, and its growth moves
  // hashes.
  struct Slot {
    Slot(std::uint64_t of, Named* is) : hash(of), named(is) {}
    // In two halves, as it was just written: a processor waits at a wide copy of them.
    Slot(const Slot& other) : hash(other.hash), named(other.named) {}
    Slot& operator=(const Slot&) = default;
    std::uint64_t hash;
    Named* named;
  };
  struct Wanted {
    std::uint64_t hash = 0;
    std::uint32_t id = 0;
    std::string_view name;
  };
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Slot& slot) const { return slot.hash; }
    std::size_t operator()(const Wanted& wanted) const { return wanted.hash; }
  };
  template <auto of>  // what a Named is called there
  struct Equal {
    using is_transparent = void;
    bool operator()(const Slot& a, const Slot& b) const { return of(*a.named) == of(*b.named); }
    bool operator()(const Wanted& a, const Slot& b) const {
      return std::pair(a.id, a.name) == of(*b.named);
    }
    bool operator()(const Slot& a, const Wanted& b) const { return (*this)(b, a); }
  };
  using Called = std::pair<std::uint32_t, std::string_view>;
  static Called at_venue(const Named& named) { return {named.venue.value, named.venue_cl_ord_id}; }
  static Called at_router(const Named& named) { return {named.router.value, named.cl_ord_id}; }
  template <auto of>
  using Table = risk::InParts<boost::unordered_flat_set<Slot, Hash, Equal<of>>>;

  static Wanted wanted(std::uint32_t id, std::string_view name);
  template <auto of>
  static Named* find(const Table<of>& table, std::uint32_t id, std::string_view name);
  template <auto of>
  static void put(Table<of>& table, Named& named);

  risk::Pages<Named> all_;
  Table<&ClOrdIds::at_venue> by_venue_;
  Table<&ClOrdIds::at_router> by_router_;
};

// Digits and capitals, shortest: venues limit the length of a ClOrdID.
[[nodiscard]] std::string base36(std::uint64_t number);
// Towards a shared venue session a child's ClOrdID is "C" and its audit number; our own cancels are
// "ILK" and theirs.
inline constexpr std::string_view own_prefix = "ILK";

}  // namespace interlock::gateway

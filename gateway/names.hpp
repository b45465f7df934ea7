// ClOrdIDs on both sides: what a router calls a request, and what it is called towards the venue.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "risk/ids.hpp"

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
    std::deque<Named> all;
    archive(all);
    *this = {};
    for (Named& each : all) add(std::move(each));
  }

 private:
  std::deque<Named> all_;  // a deque: the maps' pointers stay valid
  boost::unordered_flat_map<std::string, Named*, risk::TextHash, risk::TextEqual> by_venue_;
  boost::unordered_flat_map<std::string, Named*, risk::TextHash, risk::TextEqual> by_router_;
};

// Digits and capitals, shortest: venues limit the length of a ClOrdID.
[[nodiscard]] std::string base36(std::uint64_t number);
// Towards a shared venue session a child's ClOrdID is "C" and its audit number; our own cancels are
// "ILK" and theirs.
inline constexpr std::string_view own_prefix = "ILK";

}  // namespace interlock::gateway

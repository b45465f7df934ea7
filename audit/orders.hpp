// What each record of a journal is about: its orders, with their parents, their routes and who
// decided on them. A venue's report has only the names of its session; those that a router and the
// policy use are learned from the records before it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <deque>
#include <memory_resource>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/journal.hpp"

namespace interlock::audit {

// Of one request (a new order, a replace, a cancel), as far as the journal tells; empty: it does
// not. Or what else a record names: the parent that was declared, the scope that was killed.
struct Subject {
  std::string_view router, venue, account, symbol, parent;
  std::string_view algo, trader, desk;
  std::string_view cl_ord_id;        // the router's
  std::string_view orig_cl_ord_id;   // that it replaces or cancels
  std::string_view first_cl_ord_id;  // of its chain: what all requests for one order share
  std::string_view venue_cl_ord_id;  // of the same request, towards the venue
  std::string_view order_id;         // the venue's (FIX 37)
};

inline constexpr std::pair<std::string_view, std::string_view Subject::*> subject_names[] = {
    {"router", &Subject::router},
    {"venue", &Subject::venue},
    {"account", &Subject::account},
    {"symbol", &Subject::symbol},
    {"parent", &Subject::parent},
    {"algo", &Subject::algo},
    {"trader", &Subject::trader},
    {"desk", &Subject::desk},
    {"cl_ord_id", &Subject::cl_ord_id},
    {"orig_cl_ord_id", &Subject::orig_cl_ord_id},
    {"first_cl_ord_id", &Subject::first_cl_ord_id},
    {"venue_cl_ord_id", &Subject::venue_cl_ord_id},
    {"order_id", &Subject::order_id},
};

struct About {
  std::string_view message;       // 35 of what came in, else of what went out; empty: no message
  std::string_view session;       // that it came in on, or went out on
  std::vector<Subject> subjects;  // one at least; one an order of a list
};

// Takes the records in order. Views live as long as this does, or as the record.
class Orders {
 public:
  [[nodiscard]] About take(const Record& record);

 private:
  using Name = std::pair<std::string_view, std::string_view>;  // session, ClOrdID
  using Names = boost::unordered_flat_map<Name, Subject*>;
  struct Message;

  void of_router(const Message& message, About& about);
  void of_venue(const Message& message, About& about);
  void of_gateway(const Message& message, About& about);
  void of_copy(std::string_view router, std::string_view frame, About& about) const;
  void keep(const Subject& subject, bool at_router, bool at_venue);
  std::string_view word(std::string_view text);

  std::pmr::monotonic_buffer_resource bytes_;          // of the words
  boost::unordered_flat_set<std::string_view> words_;  // each once: most names are few
  std::deque<Subject> kept_;
  Names by_router_, by_venue_;
};

}  // namespace interlock::audit

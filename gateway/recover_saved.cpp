// What a start rebuilds, as bytes and back: Recovery::save and Recovery::restore.
#include <fmt/format.h>

#include <istream>
#include <ostream>
#include <spanstream>

#include "gateway/recover.hpp"
#include "risk/saved.hpp"

// What has no pointer inside goes as it lies in memory (risk/saved.hpp).
namespace interlock::audit {
using risk::serialize;
}
namespace interlock::config {
using risk::serialize;
}

namespace interlock::killswitch {

template <class Archive>
void serialize(Archive& archive, Scope& value) {
  auto& [kind, id] = value;
  archive(kind, id);
}

}  // namespace interlock::killswitch

namespace interlock::risk {

template <class Archive>
void serialize(Archive& archive, NewOrder& order) {
  auto& [router, venue, account, symbol, parent, by, cl_ord_id, parent_name, side, type, quantity,
         limit, stop] = order;
  archive(router, venue, account, symbol, parent, by, cl_ord_id, parent_name, side, type, quantity,
          limit, stop);
}

}  // namespace interlock::risk

namespace interlock::gateway {

using risk::serialize;

// Each takes its struct apart by the number of its members: one more does not compile until it is
// named here.
template <class Archive>
void serialize(Archive& archive, Named& named) {
  auto& [router, venue, order, cl_ord_id, venue_cl_ord_id, type, own, answered] = named;
  archive(router, venue, order, cl_ord_id, venue_cl_ord_id, type, own, answered);
}

template <class Archive>
void serialize(Archive& archive, OrderInfo& info) {
  auto& [instrument, order_id, average_price, status, good_till_cancel, body_hash, cancelled_at_ns,
         mass_cancelled] = info;
  archive(instrument, order_id, average_price, status, good_till_cancel, body_hash, cancelled_at_ns,
          mass_cancelled);
}

template <class Archive>
void serialize(Archive& archive, Raised& raised) {
  auto& [severity, kind, scope, text] = raised;
  archive(severity, kind, scope, text);
}

template <class Archive>
void serialize(Archive& archive, Alert& alert) {
  auto& [id, what, count, raised_at_ns, last_at_ns, acknowledged_by, acknowledged_with,
         acknowledged_at_ns] = alert;
  archive(id, what, count, raised_at_ns, last_at_ns, acknowledged_by, acknowledged_with,
          acknowledged_at_ns);
}

template <class Archive>
void serialize(Archive& archive, RefusedOrder& refused) {
  auto& [record, reason, router, cl_ord_id, venue] = refused;
  archive(record, reason, router, cl_ord_id, venue);
}

template <class Archive>
void serialize(Archive& archive, Release& release) {
  auto& [id, order, expires_at_ns] = release;
  archive(id, order, expires_at_ns);
}

template <class Archive>
void serialize(Archive& archive, RaiseLimit& raise) {
  auto& [scope, key, value, duration, reason] = raise;
  archive(scope, key, value, duration, reason);
}

template <class Archive>
void serialize(Archive& archive, LiveRaise& raise) {
  auto& [id, what, before, people, until_ns] = raise;
  archive(id, what, before, people, until_ns);
}

template <class Archive>
void serialize(Archive& archive, Waiter& waiter) {
  auto& [record, sequence, frame, cl_ord_ids, parents, until, behind, beyond] = waiter;
  archive(record, sequence, frame, cl_ord_ids, parents, until, behind, beyond);
}

template <class Archive>
void serialize(Archive& archive, Stranger& stranger) {
  auto& [cl_ord_id, order_id, instrument, quantity, cum, leaves, cancelled_at_ns] = stranger;
  archive(cl_ord_id, order_id, instrument, quantity, cum, leaves, cancelled_at_ns);
}

namespace {

template <class IdType>
void names(risk::Saving& archive, const risk::Names<IdType>& all) {
  archive(all.size());
  for (std::uint32_t id = 0; id < all.size(); ++id) archive(std::string(all.name({id})));
}

// Those of the configuration are there already, and the first of these.
template <class IdType>
void names(risk::Restoring& archive, risk::Names<IdType>& all) {
  std::uint32_t count = 0;
  archive(count);
  for (std::uint32_t id = 0; id < count; ++id) {
    std::string name;
    archive(name);
    if (all.intern(name) != IdType{id}) throw cereal::Exception(name + " has another number now");
  }
}

}  // namespace

template <class Archive>
void Recovery::state(Archive& archive) {
  auto& [routers, venues, accounts, symbols, parents, algos, traders, desks, currencies] =
      floor_.directory;
  names(archive, routers);
  names(archive, venues);
  names(archive, accounts);
  names(archive, symbols);
  names(archive, parents);
  names(archive, algos);
  names(archive, traders);
  names(archive, desks);
  names(archive, currencies);
  names(archive, floor_.instruments);
  archive(floor_.names, floor_.orders, floor_.alerts, floor_.releases);
  for (Leg* leg : floor_.legs) archive(leg->store());
  archive(core_.policy_, core_.day_, core_.buttons_, core_.tees_, core_.drop_copies_);
  archive(core_.venue_copies_, core_.returns_.gaps(), core_.returns_.checks());
  archive(waiting_, same_policy_, core_.other_books_);
  for (risk::References* prices : {&floor_.references, &core_.file_prices_, &core_.peoples_prices_})
    archive(prices->by_symbol, prices->by_currency);
}

void Recovery::save(std::ostream& to) {
  floor_.books.save(to);
  risk::Saving archive(to);
  state(archive);
  for (const Leg* leg : floor_.legs) {
    const auto found = core_.days_.find(leg);
    archive(found != core_.days_.end());
    if (found != core_.days_.end()) archive(found->second);
  }
}

std::expected<void, std::string> Recovery::restore(const SnapshotFile& snapshot) {
  std::ispanstream from{std::span<const char>(snapshot.state)};
  try {
    floor_.books.restore(from);
    risk::Restoring archive(from);
    state(archive);
    for (const Leg* leg : floor_.legs) {
      bool known = false;
      archive(known);
      if (known) archive(core_.days_[leg]);
    }
  } catch (const std::exception& error) {
    return std::unexpected(error.what());
  }
  if (from.peek() != std::istream::traits_type::eof())
    return std::unexpected("it has bytes that mean nothing");
  if (floor_.books.digest() != snapshot.books)
    return std::unexpected(fmt::format("its books are {:016x}, and it makes {:016x}",
                                       snapshot.books, floor_.books.digest()));
  return {};
}

}  // namespace interlock::gateway

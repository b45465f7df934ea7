#include "gateway/releases.hpp"

#include <algorithm>
#include <ranges>

#include "risk/control.hpp"

namespace interlock::gateway {
namespace {

bool alike(const risk::NewOrder& a, const risk::NewOrder& b) {
  return a.router == b.router && a.venue == b.venue && a.account == b.account &&
         a.symbol == b.symbol && a.parent == b.parent && a.by == b.by && a.side == b.side &&
         a.type == b.type && a.quantity == b.quantity && a.limit == b.limit && a.stop == b.stop &&
         a.cl_ord_id != b.cl_ord_id;
}

}  // namespace

void Releases::note_refused(RefusedOrder order) {
  refused_.push_back(std::move(order));
  if (refused_.size() > refused_kept) refused_.pop_front();
}

const RefusedOrder* Releases::find(std::uint64_t record) const {
  for (const RefusedOrder& order : refused_) {
    if (order.record.sequence == record) return &order;
  }
  return nullptr;
}

const RefusedOrder* Releases::find(std::string_view router, std::string_view cl_ord_id) const {
  for (const RefusedOrder& order : std::views::reverse(refused_)) {
    if (order.router == router && order.cl_ord_id == cl_ord_id) return &order;
  }
  return nullptr;
}

std::uint64_t Releases::for_order(const risk::NewOrder& order, std::int64_t now_ns) const {
  const auto found = std::ranges::find_if(open_, [&](const Release& release) {
    return now_ns < release.expires_at_ns && alike(release.order, order);
  });
  return found == open_.end() ? 0 : found->id;
}

void Releases::use_up(std::uint64_t id) {
  std::erase_if(open_, [&](const Release& release) { return release.id == id; });
}

bool is_releasable(risk::Reason reason) {
  return std::ranges::any_of(risk::controls(), [&](const risk::Control& control) {
    return control.releasable && control.reason == reason;
  });
}

}  // namespace interlock::gateway

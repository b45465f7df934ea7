// One refused order, let past the controls once by a named person (RTS 6 15(6)).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "audit/journal.hpp"
#include "risk/request.hpp"
#include "risk/verdict.hpp"

namespace interlock::gateway {

// An order that the controls have refused, while it may still be released.
struct RefusedOrder {
  audit::Location record;
  risk::Reason reason = risk::Reason::malformed;
  std::string router, cl_ord_id, venue;
};

struct Release {
  std::uint64_t id = 0;  // the number of its record
  risk::NewOrder order;  // as it was refused; the next one like it may go
  std::int64_t expires_at_ns = 0;
};

class Releases {
 public:
  static constexpr std::int64_t valid_ns = 60'000'000'000;
  static constexpr std::size_t refused_kept = 1'000;

  void note_refused(RefusedOrder order);
  // The last one of that record, or of that router's ClOrdID; nullptr: none, or too long ago.
  [[nodiscard]] const RefusedOrder* find(std::uint64_t record) const;
  [[nodiscard]] const RefusedOrder* find(std::string_view router, std::string_view cl_ord_id) const;

  void add(Release release) { open_.push_back(std::move(release)); }
  // One that lets this order pass: equal in all but the ClOrdID. 0: none.
  [[nodiscard]] std::uint64_t for_order(const risk::NewOrder& order, std::int64_t now_ns) const;
  void use_up(std::uint64_t id);
  [[nodiscard]] const std::vector<Release>& open() const { return open_; }

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [refused, open] = *this;
    archive(refused, open);
  }

 private:
  std::deque<RefusedOrder> refused_;
  std::vector<Release> open_;
};

// The control that gave this reason lets a person release what it refused.
[[nodiscard]] bool is_releasable(risk::Reason reason);

}  // namespace interlock::gateway

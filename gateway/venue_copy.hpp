// Drop copies in: a venue's own account of what executed, compared with what its order session
// said. What only the copy knows is booked, so that exposure is right, and somebody is told.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/floor.hpp"

namespace interlock::gateway {

class Returns;

class VenueCopies {
 public:
  VenueCopies(Floor& floor, Returns& returns);

  void message(Leg& copy, const Inbound& message);
  // A record of an order session was written: its executions are known from there.
  void recorded(audit::Kind kind, const audit::FieldReader& fields);
  // The same from the journal after a restart, with what was said on the copies.
  void replayed(const audit::Record& record, const audit::FieldReader& fields);
  // Executions that the order session has not told within the time it has for it.
  void tick();
  // How long the venue's copy has been silent; nullopt: it has none, or its calendar is closed.
  [[nodiscard]] std::optional<risk::Duration> age(risk::VenueId venue) const;
  [[nodiscard]] std::uint64_t differences() const { return differences_; }

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [floor, returns, told, waiting, by_copy, differences] = *this;
    archive(told, waiting, by_copy, differences);
  }

 private:
  struct Execution {
    risk::Fact fact = risk::Fact::status;
    risk::Quantity quantity;
    risk::Price price;
    friend bool operator==(const Execution&, const Execution&) = default;
  };
  struct Copied {  // waits for its likeness on the order session
    std::uint32_t copy = 0;
    std::string exec_id;
    Execution execution;
    std::string frame;
    risk::Time until;
    template <class Archive>
    void serialize(Archive& archive) {
      auto& [of, id, what, bytes, end] = *this;
      archive(of, id, what, bytes, end);
    }
  };
  using ByExecId =
      boost::unordered_flat_map<std::string, Execution, risk::TextHash, risk::TextEqual>;

  [[nodiscard]] risk::VenueId venue_of(std::uint32_t copy) const;
  void expect(std::uint32_t copy, std::string_view frame, risk::Time at);
  void settle(const Copied& copied);
  void alert(std::uint32_t copy, std::string_view kind, std::string text);
  void differs(const Copied& copied, std::string_view event, std::string text);

  Floor& floor_;
  Returns& returns_;
  std::vector<ByExecId> told_;  // by VenueId: executions of the order session
  std::deque<Copied> waiting_;
  std::vector<std::uint64_t> differences_by_copy_;
  std::uint64_t differences_ = 0;
};

}  // namespace interlock::gateway

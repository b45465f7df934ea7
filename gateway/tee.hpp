// Copies of the sessions between the OMS and its routers: parents learned from a source that no
// router can influence. Nothing on a tee is answered with an order message, or goes to a venue.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "gateway/floor.hpp"

namespace interlock::gateway {

class Killer;

class Tees {
 public:
  Tees(Floor& floor, Killer& killer) : floor_(floor), killer_(killer) {}

  // D declares a parent, G sizes it, F cancels it, 8 says what the OMS believes executed.
  void message(Leg& tee, const Inbound& message);
  // What a record of `message` said; again from the journal after a restart.
  // False: its declaration contradicts what is known.
  bool apply(const audit::FieldReader& fields, risk::Time at);
  // Children of a parent that its owner cancelled are cancelled when its grace is over.
  void tick();
  // How long the copy of this router's orders has been silent; nullopt: it has no tee, or its tee
  // is closed by its own calendar.
  [[nodiscard]] std::optional<risk::Duration> age(risk::RouterId router) const;

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot
    auto& [floor, killer, names, cancelled, differing] = *this;
    archive(names, cancelled, differing);
  }

 private:
  void order(const config::Tee& settings, const Parsed& parsed, audit::FieldWriter& record) const;
  void resize(const config::Tee& settings, const Parsed& parsed, audit::FieldWriter& record) const;
  void cancel(const config::Tee& settings, const Parsed& parsed, audit::FieldWriter& record) const;
  void report(const config::Tee& settings, const Parsed& parsed, audit::FieldWriter& record) const;
  // By its tag, or by the chain of its ClOrdIDs; empty: none that was declared here.
  std::string parent_named(const config::Tee& settings, const Parsed& parsed) const;
  bool declare(const audit::FieldReader& fields, risk::Time at);
  void cancel_children(risk::ParentId parent, std::string_view tee, risk::Time at);
  void alert(const Leg& tee, std::string_view kind, std::string text);
  void compare(const Leg& tee, const audit::FieldReader& fields);

  Floor& floor_;
  Killer& killer_;
  std::map<std::pair<std::string, std::string>, std::string>
      names_;  // of parents, by tee and ClOrdID
  std::map<risk::ParentId, risk::Time>
      cancelled_;  // until when their children may end by themselves
  std::map<risk::ParentId, risk::Quantity> differing_;  // of whom an alert has said so
};

}  // namespace interlock::gateway

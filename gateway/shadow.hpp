// A gateway that only looks on: copies of routers' sessions carry their orders and the reports on
// them, verdicts are said and counted, and nothing is ever sent to anybody.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "gateway/gate.hpp"

namespace interlock::gateway {

class Shadow {
 public:
  Shadow(Floor& floor, Gate& gate) : floor_(floor), gate_(gate) {}

  // D, G, F and E are judged; 8 and 9 are booked. In truth all of them have gone their way.
  void message(Leg& copy, const Inbound& message);
  // A record of `message`, again from the journal after a restart.
  void apply(Leg& copy, const audit::FieldReader& fields, risk::Time at);

 private:
  void look_at(Leg& copy, const Inbound& message);
  void passed(Leg& copy, const Inbound& message, const risk::Request& request, risk::VenueId venue,
              const audit::FieldWriter& record);
  void order(Leg& copy, const Inbound& message, audit::FieldWriter& record);
  void list(Leg& copy, const Inbound& message, audit::FieldWriter& record);
  void refuse(Leg& copy, const Inbound& message, const risk::Breach& breach,
              audit::FieldWriter& record);
  void set_aside(risk::RouterId router, const Parsed& request, std::string_view frame);
  void bring_in(const Leg& copy, const std::string& cl_ord_id, const std::string& frame,
                risk::Time at);
  void apply_list(const Parsed& parsed, risk::RouterId router, risk::VenueId venue,
                  const audit::FieldReader& fields, risk::Time at);
  void book(Leg& copy, const Parsed& report, risk::Time at);
  void not_judged(Leg& copy, const Inbound& message, const Untranslatable& why,
                  audit::FieldWriter& record);
  // What would have been refused, by router and ClOrdID: in the books only once a report shows that
  // it lives.
  std::map<std::pair<std::uint32_t, std::string>, std::string> aside_;
  Floor& floor_;
  Gate& gate_;
};

}  // namespace interlock::gateway

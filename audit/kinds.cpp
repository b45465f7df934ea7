#include "audit/journal.hpp"

namespace interlock::audit {

std::string_view name(Kind kind) {
  switch (kind) {
    case Kind::start:
      return "start";
    case Kind::stop:
      return "stop";
    case Kind::armed:
      return "armed";
    case Kind::kill:
      return "kill";
    case Kind::rearm:
      return "rearm";
    case Kind::parent:
      return "parent";
    case Kind::prices:
      return "prices";
    case Kind::router_message:
      return "router_message";
    case Kind::venue_message:
      return "venue_message";
    case Kind::gateway_message:
      return "gateway_message";
    case Kind::session_in:
      return "session_in";
    case Kind::session_out:
      return "session_out";
    case Kind::sequence:
      return "sequence";
    case Kind::link:
      return "link";
    case Kind::alert:
      return "alert";
    case Kind::purge:
      return "purge";
    case Kind::waiting:
      return "waiting";
    case Kind::venue_copy:
      return "venue_copy";
    case Kind::shadow_message:
      return "shadow_message";
    case Kind::drop_copy:
      return "drop_copy";
    case Kind::tee_message:
      return "tee_message";
    case Kind::policy:
      return "policy";
    case Kind::acknowledgement:
      return "acknowledgement";
    case Kind::proposal:
      return "proposal";
    case Kind::reload:
      return "reload";
    case Kind::raise:
      return "raise";
    case Kind::raise_ended:
      return "raise_ended";
    case Kind::parent_change:
      return "parent_change";
    case Kind::day:
      return "day";
    case Kind::button:
      return "button";
    case Kind::drill:
      return "drill";
    case Kind::cut:
      return "cut";
    case Kind::release:
      return "release";
    case Kind::clock:
      return "clock";
    case Kind::statement:
      return "statement";
    case Kind::reconciled:
      return "reconciled";
    case Kind::signing:
      return "signing";
    case Kind::snapshot:
      return "snapshot";
    case Kind::use:
      return "use";
  }
  return {};
}

}  // namespace interlock::audit

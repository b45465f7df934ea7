// How a FIX session is read: what routers, venues and copies have in common.
#pragma once

#include <string_view>

#include "config/build.hpp"

namespace interlock::config {

// id, version and dialect, comp_id, schedule, sequence_reset, heartbeat, out_buffer, and where it
// listens or connects to. `kind` is what messages call it ("router").
void read_acceptor(Build& build, Section& section, Acceptor& acceptor, std::string_view kind);
void read_connector(Build& build, Section& section, Connector& connector, std::string_view kind);
// The account of messages that carry no tag 1; it has to be declared.
void read_account(Build& build, Section& section, std::string& account);

}  // namespace interlock::config

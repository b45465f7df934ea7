// Orders and their acknowledgements between two ends, one at a time or many at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "peer.hpp"

namespace interlock::bench {

[[nodiscard]] bool readable(int descriptor, int wait_ms);
// Time that all threads of the process have spent on a CPU; 0: there is no process.
[[nodiscard]] double cpu_us(int process);

[[nodiscard]] std::string order_name(std::uint32_t number);
// A limit order with what routers usually send: about 200 bytes with the header. Nothing is ever
// executed, so buys stay below sells: one that met another would be refused. Valid until the next.
[[nodiscard]] std::string_view new_order(std::uint32_t number);
[[nodiscard]] std::string_view acknowledgement(const Message& order);
// Throws when the message is anything else.
void expect(const Message& message, std::string_view type, std::string_view cl_ord_id);

struct Ends {
  Peer& router;
  Peer& venue;
  int process = 0;
  std::uint32_t& orders;  // so far
};

struct Flow {
  double a_second = 0;                // orders that went round
  double p50 = 0, p99 = 0, p999 = 0;  // microseconds
  double cpu = 0;                     // of the relay, an order
};

// As fast as it goes with that many under way.
[[nodiscard]] Flow sustained(Ends& ends, std::size_t orders, std::size_t at_once);
// An order is due at each tick of a clock, whether or not those before it have come back; its time
// runs from when it was due (no coordinated omission). What has not come back two seconds after the
// last was due counts with that.
[[nodiscard]] Flow open_loop(Ends& ends, std::uint32_t a_second, double seconds);

}  // namespace interlock::bench

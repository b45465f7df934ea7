// A router and a venue in one thread: 200 orders a second into the gateway, and what comes out.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/hil/session.hpp"

namespace interlock::hil {

// A new order or a replace, as the venue got it.
struct Arrival {
  char type = 'D';
  std::uint32_t sequence = 0;
  std::int64_t at_ns = 0;
};

class Flow {
 public:
  static constexpr std::int64_t pause_ns = 5'000'000;  // between two orders
  // So many may be unanswered; a machine that is too slow for 200 a second gets fewer.
  static constexpr std::uint32_t unanswered_max = 20, stalled_max = 400;

  Flow();  // the venue listens at once; the router tries to log on until it can
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;
  ~Flow();

  // Orders go from the router, whatever the gateway answers.
  void pour(bool on) { pours_ = on; }
  // The venue stops reading: what is sent to it stays in the buffers of both ends.
  void stall(bool on) { stalls_ = on; }

  struct Seen {
    bool router_on = false, venue_on = false;
    std::uint32_t sent = 0;        // by the router
    std::uint32_t answered = 0;    // by an acknowledgement or a refusal
    std::uint32_t refused = 0;     // told to the router
    std::uint32_t cancels = 0;     // that the venue got
    std::uint32_t logons = 0;      // connections that the venue took
    std::vector<Arrival> orders;   // that the venue got
    bool venue_lost = false;       // its connection has ended
    int venue_error = 0;           // with this errno; 0 in order
    std::size_t venue_unread = 0;  // bytes that have come and are not read yet
    std::size_t venue_bytes = 0;   // that were read
  };
  [[nodiscard]] Seen seen() const;
  // After a stall: until the venue's buffer takes no more, and orders wait in front of it.
  void wait_for_unread() const;
  // A connection to the venue that is not the gateway's; false: it is refused.
  [[nodiscard]] static bool venue_accepts();
  // Of the thread, which ends at it; empty while all is well.
  [[nodiscard]] std::string problem() const;

 private:
  void work();
  void turn();
  void connect_router();
  void accept_venue();
  void hear_router(const Message& message);
  void hear_venue(const Message& message);
  void report(const Message& request, char status, int filled);
  void send_orders();
  void send_replace();

  int listener_ = -1;
  std::unique_ptr<Session> router_, venue_;
  std::string open_;  // ClOrdID of an order that the router may replace; empty: none
  bool replacing_ = false;
  std::uint32_t replaces_ = 0;
  std::uint32_t executions_ = 0;
  std::int64_t next_order_ns_ = 0;
  std::atomic<bool> stops_ = false, pours_ = false, stalls_ = false;
  mutable std::mutex mutex_;
  Seen seen_;
  std::string problem_;
  std::thread thread_;
};

}  // namespace interlock::hil

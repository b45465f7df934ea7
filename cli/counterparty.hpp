// A simulated counterparty of the demo: a real FIX session over loopback, on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "audit/journal.hpp"
#include "gateway/leg.hpp"

namespace interlock::cli {

class Counterparty : private gateway::LegOwner, private gateway::Link {
 public:
  struct Options {
    std::string name;        // its CompID; the other end is GW
    bool initiator = false;  // a router connects to `port`; a venue listens on a port of its own
    std::uint16_t port = 0;
    std::filesystem::path journal;  // its own numbers and messages
  };
  using Hear = std::function<void(Counterparty&, const gateway::Parsed&)>;

  // `hear` is called on the counterparty's thread for each application message. Throws when a
  // socket fails.
  Counterparty(Options options, Hear hear);
  ~Counterparty() override;
  Counterparty(const Counterparty&) = delete;
  Counterparty& operator=(const Counterparty&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] bool logged_on() const { return on_.load(); }
  void send(std::string type, std::string body);  // any thread

 private:
  void application(gateway::Leg& leg, const gateway::Inbound& message) override;
  void admin_rejected(gateway::Leg&, const gateway::Parsed&) override {}
  void logged_on(gateway::Leg&) override { on_ = true; }
  void logged_out(gateway::Leg&) override { on_ = false; }
  void sequence_reset(gateway::Leg&, std::string_view) override {}
  void not_resent(gateway::Leg&, std::uint32_t) override {}
  void knows_more(gateway::Leg&, std::uint32_t) override {}
  void before_write(gateway::Leg&) override {}
  void orders_left(const gateway::Leg&, const std::vector<std::int64_t>&) override {}
  void alert(const gateway::Leg&, std::string) override {}
  void failed(std::string) override {}

  std::size_t write(std::string_view bytes) override;
  void close() override;
  void reset() override { close(); }                   // nobody cuts a counterparty off
  std::uint64_t unsent() const override { return 0; }  // nor asks what it has not sent
  std::string peer() const override { return "127.0.0.1"; }

  void open_socket();
  void work();
  void turn();
  void read_clock();

  Options options_;
  Hear hear_;
  gateway::Clock clock_;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<gateway::Leg> leg_;
  int listener_ = -1;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> on_{false};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::deque<std::pair<std::string, std::string>> posted_;
  std::thread thread_;
};

}  // namespace interlock::cli

// A gateway of any size in one process, every control armed, and the two ends of its sessions:
// what they are told is kept only as far as they have to answer it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/core.hpp"

namespace interlock::bench {

struct Size {
  std::uint32_t routers = 1, venues = 1, symbols = 1, parents = 1'000;
};

class End final : public gateway::Link {
 public:
  End(gateway::Core& core, std::string name, bool is_venue);
  void log_on(std::uint32_t index);
  // The next frame of this end; valid until it is asked again.
  [[nodiscard]] std::string_view frame(std::string_view type, std::string_view body);
  [[nodiscard]] gateway::Leg& leg() const { return *leg_; }
  [[nodiscard]] std::uint64_t messages() const { return messages_; }  // but session messages
  [[nodiscard]] std::string_view last() const { return last_; }       // of them, as it came
  void answer();  // to a Logon, a TestRequest and questions after open orders

  std::size_t write(std::string_view bytes) override;
  void close() override {}
  void reset() override {}
  std::uint64_t unsent() const override { return 0; }
  std::string peer() const override { return "127.0.0.1"; }

 private:
  gateway::Core& core_;
  std::string name_;
  bool is_venue_;
  gateway::Leg* leg_ = nullptr;
  std::uint32_t next_out_ = 1;
  std::uint64_t messages_ = 0;
  std::string frame_, last_, unread_;
};

class House {
 public:
  explicit House(const Size& size);
  House(const House&) = delete;
  House& operator=(const House&) = delete;
  ~House();

  [[nodiscard]] gateway::Core& core() { return *core_; }
  [[nodiscard]] End& router(std::size_t i) { return *routers_[i % routers_.size()]; }
  // Where the orders of router `i` go.
  [[nodiscard]] End& venue_of(std::size_t i) {
    return *venues_[i % routers_.size() % venues_.size()];
  }
  // Of order `i`, from router(i): ClOrdID "R1-00000001", 100 shares of its parent's symbol, at a
  // price that meets no other order.
  [[nodiscard]] std::string_view new_order(std::uint64_t i);
  // Notes what order `i` is called at its venue, where a session that several routers share gives
  // it a name of its own; false: it is not the last that came there.
  [[nodiscard]] bool reached(std::uint64_t i);
  // Of the venue: the order is live, or all of it is executed.
  [[nodiscard]] std::string_view acknowledgement(std::uint64_t i);
  [[nodiscard]] std::string_view fill(std::uint64_t i);
  [[nodiscard]] std::uint64_t journal_bytes() const { return journal_->bytes(); }
  [[nodiscard]] double start_seconds() const { return start_seconds_; }  // from files to armed

 private:
  void write_files() const;
  void arm();
  std::string_view report(std::uint64_t i, bool fills);

  Size size_;
  std::filesystem::path directory_;
  std::unique_ptr<config::Config> config_;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<killswitch::Latch> latch_;
  std::unique_ptr<gateway::Core> core_;
  std::vector<std::unique_ptr<End>> routers_, venues_;
  std::uint64_t executions_ = 0;
  double start_seconds_ = 0;
  std::string body_;
  std::vector<std::string> names_;  // at the venue, by order
};

}  // namespace interlock::bench

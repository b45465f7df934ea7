// The event loop: one thread that owns all sockets, sessions, books and the journal; others use it
// through Desk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "audit/journal.hpp"
#include "config/config.hpp"
#include "gateway/core.hpp"
#include "gateway/desk.hpp"
#include "gateway/fence.hpp"
#include "gateway/host_clock.hpp"
#include "killswitch/notify.hpp"
#include "killswitch/rearm.hpp"

namespace interlock::gateway {

class FileWatch;
class Hardware;
class LatchKeeper;
class Sockets;

class Loop : public Desk {
 public:
  struct Options {
    std::string build_id;  // what this binary is; with the configuration's hash, what a gate was
                           // armed under
    std::optional<Shadowing> shadow = std::nullopt;  // present: it only looks on
  };
  // Opens latch and journal, rebuilds the books, binds the routers' addresses. Nothing trades
  // before `run`. The configuration has to outlive the loop. An error says what and what to do;
  // "another instance" is one.
  static std::expected<std::unique_ptr<Loop>, std::string> create(const config::Config& config,
                                                                  Options options);
  ~Loop() override;

  void run();   // until `stop`: sessions are logged out, the journal ends with its final record
  void stop();  // any thread

  // The port that is bound for a router (a configured 0 asks the kernel for one).
  [[nodiscard]] std::uint16_t bound_port(std::string_view router) const;
  [[nodiscard]] killswitch::Latch& latch() { return *latch_; }
  [[nodiscard]] std::int64_t utc_ns() const;  // any thread: the time that it goes by

  // Desk
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() const override;
  KillOutcome kill(killswitch::Scope scope, killswitch::Level level, killswitch::Source source,
                   std::string actor, std::string cause, std::chrono::milliseconds wait) override;
  std::expected<ParentOutcome, std::string> declare_parent(ParentRequest request,
                                                           std::chrono::milliseconds wait) override;
  ActionOutcome act(std::string person, Action action, std::chrono::milliseconds wait) override;
  std::expected<killswitch::RearmRequest, std::string> rearm_begin(std::uint64_t kill_id,
                                                                   const killswitch::Person& person,
                                                                   killswitch::RearmWords words,
                                                                   bool on_host) override;
  std::expected<killswitch::Kill, std::string> rearm_approve(std::uint64_t kill_id,
                                                             const killswitch::Person& person,
                                                             killswitch::RearmWords words,
                                                             bool on_host) override;

 private:
  Loop(const config::Config& config, std::unique_ptr<killswitch::Latch> latch,
       std::unique_ptr<audit::Journal> journal);
  // Runs `work` on the loop's thread and waits for it; false: it did not get its turn in time.
  bool on_loop(std::function<void()> work, std::chrono::milliseconds wait);
  // Reads the file that it names, on the caller's thread; the answer is what is wrong with it.
  std::optional<ActionOutcome> load(Reload& action) const;
  void wake_up() const;
  Clock read_clock();
  void bind();  // to the processor that the configuration names
  void take_turn();
  void do_posted();
  void beat(std::int64_t now_ns);  // for the guard and for systemd
  void read_prices();
  void publish();
  [[nodiscard]] killswitch::RearmFacts rearm_facts(std::uint64_t kill_id, bool on_host);

  const config::Config& config_;
  HostClock host_clock_;
  Fence fence_;
  std::unique_ptr<killswitch::Latch> latch_;
  std::unique_ptr<audit::Journal> journal_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<Sockets> sockets_;
  std::unique_ptr<LatchKeeper> keeper_;
  std::unique_ptr<FileWatch> files_;
  std::unique_ptr<Hardware> hardware_;  // none while it only looks on
  killswitch::Rearm rearm_;
  int wake_fd_ = -1;
  std::atomic<bool> stop_{false};

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable answered_;
  std::vector<std::function<void()>> posted_;
  std::map<std::uint64_t, Closed> closed_;
  std::shared_ptr<const Snapshot> snapshot_;

  std::atomic<bool> has_posted_{false};

  killswitch::Notify notify_;
  std::int64_t followed_ns_ = 0;
  std::int64_t ticked_ns_ = 0;
  std::int64_t published_ns_ = 0;
  std::uint64_t snapshot_word_ = 0;     // latch word that the published snapshot shows
  std::uint64_t snapshot_buttons_ = 0;  // version of the buttons that it shows
  std::int64_t prices_read_ns_ = 0;
  std::string prices_stamp_;  // of the file that was last read
};

}  // namespace interlock::gateway

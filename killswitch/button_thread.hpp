// The thread that looks at every button, every 5 ms, whatever the rest of the process does.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "killswitch/button_source.hpp"
#include "killswitch/loop_watch.hpp"
#include "killswitch/page.hpp"
#include "killswitch/panel.hpp"

namespace interlock::killswitch {

class ButtonThread {
 public:
  static constexpr std::int64_t tick_ns = 5'000'000;
  static constexpr std::int64_t reopen_ns = 100'000'000;

  struct Options {
    std::filesystem::path touch_file;  // kills while it exists
    PageWriter* page = nullptr;        // its heartbeat goes there, too
    LoopWatch* loop = nullptr;         // it looks whether the event loop turns, too
  };
  // A source for each button of the panel, in its order. Looks at all of them once before it
  // returns, so that what is held at the start is known. `panel` and `options.page` live longer.
  ButtonThread(Panel& panel, std::vector<std::unique_ptr<ButtonSource>> sources, Options options);
  ~ButtonThread();
  ButtonThread(const ButtonThread&) = delete;
  ButtonThread& operator=(const ButtonThread&) = delete;

  // "real-time 60", or why it is not.
  [[nodiscard]] const std::string& priority() const { return priority_; }
  // What stands behind a button's name, as it was when last opened.
  [[nodiscard]] std::string about(std::size_t button) const;

 private:
  struct Watched {
    std::unique_ptr<ButtonSource> source;
    bool open = false;
    std::int64_t tried_at_ns = 0;
    std::shared_ptr<const std::string> about;  // of mutex_
  };
  void run();
  void wait() noexcept;
  void look() noexcept;
  void look_at(std::size_t button, Moment now) noexcept;
  bool reopen(Watched& watched, std::int64_t now_ns) noexcept;
  void watch_file();
  void look_at_file(Moment now) noexcept;
  void ask_for_real_time();

  Panel& panel_;
  Options options_;
  mutable std::mutex mutex_;
  std::vector<Watched> watched_;
  int inotify_ = -1;
  bool file_changed_ = true;
  bool file_there_ = false;
  std::string file_;
  std::string priority_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

[[nodiscard]] Moment now();

}  // namespace interlock::killswitch

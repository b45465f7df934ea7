// One turn of the guard: feels the contact, reads the page, decides, cuts, and says what it saw.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "killswitch/button_source.hpp"
#include "killswitch/guard_logic.hpp"
#include "killswitch/page.hpp"
#include "killswitch/process.hpp"
#include "killswitch/sever.hpp"

namespace interlock::killswitch {

// Where the guard's words go. Nothing here may wait: a log that is stuck must not hold it up.
class GuardLog {
 public:
  enum class Weight : std::uint8_t { alert = 1, error = 3, notice = 5 };  // as syslog(3) has them
  virtual ~GuardLog() = default;
  virtual void say(Weight weight, std::string_view line) noexcept = 0;
  // After the acts of a cut, one line of JSON; this may wait.
  virtual void record(std::string_view evidence) noexcept = 0;
};

class GuardTurn {
 public:
  static constexpr std::int64_t reopen_ns = 100'000'000;
  // A device that was just opened may take as long to tell its state.
  static constexpr std::int64_t told_within_ns = 250'000'000;

  struct Options {
    std::filesystem::path page;
    OnLoss on_loss;
    std::filesystem::path nft;
    Sever::Clock mono;
    Sever::Clock utc;
  };
  GuardTurn(Options options, ButtonSource& source, GuardLog& log);

  // Waits for nothing and asks for no memory, until it cuts.
  void turn(std::int64_t now_ns);
  [[nodiscard]] bool watches() const noexcept { return any_page_; }
  [[nodiscard]] int fd() const noexcept { return open_ ? source_.fd() : -1; }

 private:
  static constexpr std::size_t channels_max = 2;

  Contact feel(std::int64_t now_ns) noexcept;
  Contact read_contact(std::int64_t now_ns) noexcept;
  bool reopen(std::int64_t now_ns) noexcept;
  void follow(const std::optional<PageSeen>& page) noexcept;
  void tell(std::uint32_t notes) noexcept;
  void cut(GuardCause cause);

  Options options_;
  ButtonSource& source_;
  GuardLog& log_;
  PageReader reader_;
  GuardLogic logic_;
  HeldProcess gateway_;
  Sever sever_;
  PageSeen page_;  // the last one
  bool any_page_ = false;
  bool open_ = false;
  std::int64_t tried_at_ns_ = 0;
  std::int64_t opened_at_ns_ = 0;
  Contact contact_ = Contact::safe;
  int error_ = 0;  // the errno that made it unknown
};

}  // namespace interlock::killswitch

#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "audit/seal.hpp"

namespace interlock::cli {
namespace {

constexpr std::chrono::milliseconds between{200};
constexpr const char* line_away = "\r\x1b[K";

}  // namespace

Progress::Progress(std::string what, std::uint64_t of, std::FILE* to,
                   std::chrono::milliseconds first)
    : to_(to) {
  if (to != nullptr && ::isatty(::fileno(to)) == 1)
    thread_ = std::thread([this, what = std::move(what), of, first] { show(what, of, first); });
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  ends_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Progress::show(const std::string& what, std::uint64_t of, std::chrono::milliseconds first) {
  const auto begun = std::chrono::steady_clock::now();
  bool shown = false;
  std::unique_lock lock(mutex_);
  for (auto pause = first; !ends_.wait_for(lock, pause, [this] { return ended_; });
       pause = between) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begun);
    const std::uint64_t record = at.load(std::memory_order_relaxed);
    const std::string place = record == 0 ? ""
                              : of == 0   ? fmt::format("record {}, ", record)
                                          : fmt::format("record {} of {}, ", record, of);
    fmt::print(to_, "{}{}: {}{} s", line_away, what, place, seconds.count());
    std::fflush(to_);
    shown = true;
  }
  if (!shown) return;
  fmt::print(to_, "{}", line_away);
  std::fflush(to_);
}

std::FILE* beside_output() { return ::isatty(STDOUT_FILENO) == 1 ? nullptr : stderr; }

std::uint64_t records_of(const std::filesystem::path& journal) {
  const auto seal = audit::read_seal(journal);
  return seal && !seal->checkpoints.empty() ? seal->checkpoints.back().sequence : 0;
}

}  // namespace interlock::cli

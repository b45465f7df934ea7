// A disk without space, for one process.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <thread>

#include "audit/fields.hpp"
#include "audit/journal.hpp"

namespace interlock::scenarios {

// While it lives, this process gets no space for a segment of a journal, as on a full disk. Small
// files go on in what is held back for them there: the seal, the latch.
class NoFileGrows {
 public:
  static constexpr rlim_t small = 512 << 10;
  NoFileGrows() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{.rlim_cur = small, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  NoFileGrows(const NoFileGrows&) = delete;
  NoFileGrows& operator=(const NoFileGrows&) = delete;
  ~NoFileGrows() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

constexpr auto soon = std::chrono::milliseconds(1);  // another thread allocates

// Until there is no space for one more segment: two are held back.
inline void fill(audit::Journal& journal, std::int64_t now_ns) {
  audit::FieldWriter filler;
  filler.put(audit::Field::text, std::string(4'000, 'x'));
  while (journal.space_problem().empty()) {
    const auto at = journal.append(audit::Kind::link, now_ns, 0, "play", filler.bytes());
    if (!at) throw std::runtime_error(at.error());
    std::this_thread::sleep_for(soon);
  }
}

}  // namespace interlock::scenarios

// A disk without space, for one process.
#pragma once

#include <sys/resource.h>

#include <csignal>

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

}  // namespace interlock::scenarios

// What a terminal is told of long work, and that nobody else is.
#include "cli/progress.hpp"

#include <doctest/doctest.h>
#include <pty.h>
#include <unistd.h>

#include <string>

using interlock::cli::Progress;

namespace {

constexpr std::chrono::milliseconds soon{1};

// What came until every writer was gone. Not before: what is written to a terminal reaches its
// other end by a work queue of the kernel, so a reader that does not wait may find the last bytes
// missing.
std::string all_of(int fd) {
  std::string text, piece(4096, '\0');
  for (ssize_t got; (got = ::read(fd, piece.data(), piece.size())) > 0;)
    text.append(piece, 0, static_cast<std::size_t>(got));
  return text;
}

struct Ends {
  int read = -1, write = -1;
};

std::string told(Ends ends, std::chrono::milliseconds first) {
  std::FILE* to = ::fdopen(ends.write, "w");
  {
    Progress progress("verifying", 400, to, first);
    progress.at = 12;
    ::usleep(300'000);
  }
  std::fclose(to);
  const std::string text = all_of(ends.read);
  ::close(ends.read);
  return text;
}

Ends terminal() {
  Ends ends;
  REQUIRE(::openpty(&ends.read, &ends.write, nullptr, nullptr, nullptr) == 0);
  return ends;
}

}  // namespace

TEST_CASE("progress: a terminal is told how far it is, and the line goes away at the end") {
  const std::string text = told(terminal(), soon);
  CHECK(text.find("verifying: record 12 of 400, 0 s") != std::string::npos);
  CHECK(text.ends_with("\r\x1b[K"));
}

TEST_CASE("progress: what is done at once says nothing of it") {
  CHECK(told(terminal(), std::chrono::seconds{10}).empty());
}

TEST_CASE("progress: a pipe gets nothing") {
  int both[2];
  REQUIRE(::pipe(both) == 0);
  CHECK(told({both[0], both[1]}, soon).empty());
}

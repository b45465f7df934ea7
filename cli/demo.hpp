// `interlock demo`: a venue, a router and the gateway in one process, and the Knight case played.
#pragma once

namespace interlock::cli {

struct DemoOptions {
  bool script = false;      // no waiting for the user: play, check every line, end
  bool colour = true;       // false with --no-color, NO_COLOR, or when stdout is no terminal
  bool market_data = true;  // false: reference prices are absent, and orders are refused for it
};

// The process's exit code.
[[nodiscard]] int demo(const DemoOptions& options);

}  // namespace interlock::cli

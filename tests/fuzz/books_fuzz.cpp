// The fuzzer of the books: its body is that of tests/risk/model_test.cpp. From the root:
//   clang++-19 -std=c++23 -g -O1 -I. -fsanitize=fuzzer,address,undefined tests/fuzz/books_fuzz.cpp
//     risk/*.cpp -lfmt -o /tmp/books_fuzz && /tmp/books_fuzz -max_len=3000 -max_total_time=60
#include "tests/risk/streams.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes{data, size};
  interlock::risk::test::Chaos(bytes).run();
  interlock::risk::test::Honest(bytes).run();
  return 0;
}

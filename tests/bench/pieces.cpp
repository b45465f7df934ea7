// What single steps of an order's way take: the gatekeeper, and the record in the journal.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "audit/journal.hpp"
#include "config/dialect.hpp"
#include "gateway/wire.hpp"
#include "gateway/wire_paths.hpp"

namespace interlock::bench {
namespace {

std::string frame(std::string_view type, std::string_view body) {
  return gateway::build_frame({.begin_string = "FIX.4.2",
                               .type = type,
                               .sender = "ROUTER",
                               .target = "GATEWAY",
                               .sequence = 4711,
                               .sending_time = "20261126-15:00:00.123"},
                              body);
}

const std::string& order() {
  static const std::string made = frame(
      "D",
      "11=R1-00000001\0011=ACC-7731\001109=P-00001\00121=1\00155=ACME\00154=1\00138=100\00140=2\001"
      "44=10.25\00159=0\00115=USD\00147=A\00160=20261126-15:00:00.123\001");
  return made;
}

const std::string& report() {
  static const std::string made = frame(
      "8",
      "37=V00000001\00111=R1-00000001\00117=E00000001\00120=0\001150=0\00139=0\0011=ACC-7731\001"
      "55=ACME\00154=1\00138=100\00140=2\00144=10.25\00159=0\00132=0\00131=0\001151=100\00114=0\001"
      "6=0\00160=20261126-15:00:00.123\001");
  return made;
}

void find_frame(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(gateway::next_frame(order(), 65'536).consumed);
}

void read_order(benchmark::State& state) {
  const config::Dialect& dialect = config::built_in("FIX.4.2");
  gateway::Parsed parsed;
  gateway::KnownPaths paths;  // as a session has them
  for (auto _ : state) {
    if (!gateway::parse_strict(order(), dialect, parsed, &paths)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(parsed.fields.data());
  }
}

void read_report(benchmark::State& state) {
  const config::Dialect& dialect = config::built_in("FIX.4.2");
  for (auto _ : state)
    benchmark::DoNotOptimize(gateway::parse_lenient(report(), dialect).parsed.fields.data());
}

// Of 600 bytes, as an order's with what went out.
void append(benchmark::State& state) {
  std::string name = (std::filesystem::temp_directory_path() / "interlock-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
  {
    auto journal = audit::Journal::open({name, 64ull << 20});
    if (!journal) throw std::runtime_error(journal.error());
    const std::string payload(600, 'x');
    const auto bytes = std::as_bytes(std::span(payload));
    std::int64_t now_ns = 1;
    for (auto _ : state) {
      if (!(*journal)->append(audit::Kind::router_message, now_ns, now_ns, "R1", bytes))
        state.SkipWithError("the journal took no record");
      ++now_ns;
    }
  }
  std::filesystem::remove_all(name);
}

BENCHMARK(find_frame);
BENCHMARK(read_order);
BENCHMARK(read_report);
BENCHMARK(append)->Iterations(200'000);  // some 130 MB

}  // namespace
}  // namespace interlock::bench

BENCHMARK_MAIN();

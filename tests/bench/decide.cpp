// What a decision costs: decide() with every control armed, on books of several sizes, and each
// control alone.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "risk/control.hpp"
#include "risk/subject.hpp"
#include "tests/risk/full_house.hpp"

namespace interlock::risk::test {
namespace {

constexpr int requests_most = 1'024;  // taken in turn, so that no order is always in the cache

struct Bench {
  FullHouse house;
  std::vector<Request> requests;

  Bench(int parents, int orders) : house(parents, orders) {
    for (int i = 0; i < requests_most; ++i) {
      // Spread over all parents by a stride that no count of them is a multiple of.
      const int parent = static_cast<int>(std::int64_t{i} * 7'919 % parents);
      requests.emplace_back(house.child("a new order, number " + std::to_string(i), parent));
    }
  }
  [[nodiscard]] Question question(std::size_t i) const {
    return {
        house.books, house.limits, house.references, house.directory, requests[i % requests_most],
        house.now};
  }
};

void ask_all(benchmark::State& state, const Bench& bench) {
  std::size_t i = 0;
  for (auto _ : state) {
    const Verdict verdict = decide(bench.question(i++));
    if (!verdict.may_go()) state.SkipWithError(verdict.breach->fact.c_str());
  }
}

void ask_one(benchmark::State& state, const Bench& bench, const Control& control) {
  std::vector<Subject> subjects;
  for (const Request& request : bench.requests)
    subjects.push_back(subject_of(bench.house.books.state(), request));
  std::size_t i = 0;
  for (auto _ : state) {
    const auto breach = control.ask(bench.question(i), subjects[i % requests_most]);
    if (breach) state.SkipWithError(breach->fact.c_str());
    ++i;
  }
}

void enlist(std::string name, const Bench& bench) {
  benchmark::RegisterBenchmark(("decide/" + name).c_str(),
                               [&bench](benchmark::State& state) { ask_all(state, bench); });
}

}  // namespace
}  // namespace interlock::risk::test

int main(int argc, char** argv) {
  using namespace interlock::risk;
  using namespace interlock::risk::test;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const Bench small(500, 1'000);
  const Bench middle(5'000, 10'000);
  const Bench full(FullHouse::parents, FullHouse::orders);
  enlist("500_parents_1000_open", small);
  enlist("5000_parents_10000_open", middle);
  enlist("50000_parents_100000_open", full);
  for (const Control& control : controls()) {
    if (!control.ask) continue;
    benchmark::RegisterBenchmark(
        ("alone/" + std::string(control.id)).c_str(),
        [&full, &control](benchmark::State& state) { ask_one(state, full, control); });
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}

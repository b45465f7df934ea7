// Runs the cases in the guest: a line a case, the table of latencies, and "N passed, N failed".
//   hil [PATTERN]     all cases, or those whose name holds the pattern
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "tests/hil/gateway.hpp"
#include "tests/hil/host.hpp"
#include "tests/hil/stage.hpp"

namespace {

using interlock::hil::say;

// The end of what the programs of a failed case said.
void say_logs() {
  for (const auto& entry :
       std::filesystem::directory_iterator(interlock::hil::Gateway::directory())) {
    if (entry.path().extension() != ".log") continue;
    const std::string all = interlock::hil::read_file(entry.path());
    say(fmt::format("--- the end of {}\n{}", entry.path().string(),
                    all.substr(all.size() > 4000 ? all.size() - 4000 : 0)));
  }
}

class Lines : public doctest::IReporter {
 public:
  explicit Lines(const doctest::ContextOptions&) {}

  void test_case_start(const doctest::TestCaseData& data) override {
    name_ = data.m_name;
    failures_.clear();
  }
  void log_assert(const doctest::AssertData& data) override {
    if (!data.m_failed) return;
    failures_ += fmt::format("  {}:{}: {} is {}{}\n", data.m_file, data.m_line, data.m_expr,
                             data.m_decomp.c_str(), data.m_exception.c_str());
  }
  void test_case_exception(const doctest::TestCaseException& thrown) override {
    failures_ += fmt::format("  {}\n", thrown.error_string.c_str());
  }
  void log_message(const doctest::MessageData& data) override {
    say(fmt::format("  {}", data.m_string.c_str()));
  }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    const bool passed = stats.failure_flags == 0;
    say(fmt::format("{} {:5.1f} s  {}", passed ? "passed" : "FAILED", stats.seconds, name_));
    if (passed) return;
    say(failures_);
    say_logs();
  }
  void test_run_end(const doctest::TestRunStats& stats) override {
    say(interlock::hil::table());
    say(fmt::format("{} passed, {} failed",
                    stats.numTestCasesPassingFilters - stats.numTestCasesFailed,
                    stats.numTestCasesFailed));
  }
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  std::string name_, failures_;
};

REGISTER_REPORTER("lines", 1, Lines);

}  // namespace

int main(int count, char** arguments) {
  doctest::Context context;
  context.setOption("reporters", "lines");
  if (count > 1) context.addFilter("test-case", fmt::format("*{}*", arguments[1]).c_str());
  return context.run();
}

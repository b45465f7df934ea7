#include <doctest/doctest.h>

#include <map>

#include "gateway/quickfix/session.hpp"
#include "gateway/wire.hpp"

namespace interlock::gateway {
namespace {

// A host that keeps nothing but what the engine writes.
class Bare : public quickfix::Host {
 public:
  int next_sender() const override { return sender; }
  int next_target() const override { return 1; }
  void set_next_sender(int sequence) override { sender = sequence; }
  void set_next_target(int) override {}
  void advance_sender() override { ++sender; }
  void advance_target() override {}
  void reset_sequences() override { resets += 1; }
  void keep_admin(int, const std::string&) override {}
  std::string sent_type(int) const override { return {}; }
  bool write_admin(const std::string& frame) override {
    written.push_back(frame);
    return true;
  }
  int resend_to(int) override { return 0; }
  bool may_resend(int) override { return false; }
  void write_resend(int) override {}
  void close() override { closed = true; }
  void on_logon() override {}
  void on_logout() override {}
  void on_application(int) override {}
  void on_admin(const std::string&, int) override {}
  std::vector<std::pair<int, std::string>> logon_fields() const override { return {}; }
  bool reset_on_logon() const override { return false; }
  void on_event(const std::string&) override {}
  void on_fault(const std::string& what) override { fault = what; }

  int sender = 1;
  int resets = 0;
  bool closed = false;
  std::string fault;
  std::vector<std::string> written;
};

quickfix::Identity initiator(const char* qualifier) {
  quickfix::Identity identity;
  identity.begin_string = "FIX.4.4";
  identity.sender = "US";
  identity.target = "THEM";
  identity.qualifier = qualifier;
  identity.initiator = true;
  return identity;
}

constexpr std::int64_t noon_ns = 1'767'614'400'000'000'000;  // 2026-01-05T12:00:00Z

TEST_CASE(
    "session clock: QuickFIX's time is the one that we set, in what it writes and in what it waits "
    "for") {
  Bare host;
  quickfix::set_clock(noon_ns);
  quickfix::Session session(initiator("clock"), host);
  session.connected();
  REQUIRE(host.written.size() == 1);
  CHECK(host.written[0].find("52=20260105-12:00:00.000") != std::string::npos);
  quickfix::set_clock(noon_ns + 9'000'000'000);
  session.tick();
  CHECK_FALSE(host.closed);
  quickfix::set_clock(noon_ns + 11'000'000'000);  // the Logon is not answered within 10 s
  session.tick();
  CHECK(host.closed);
  CHECK(host.fault.empty());
}

TEST_CASE("session clock: midnight and a step of a day reset nothing by themselves") {
  Bare host;
  quickfix::set_clock(noon_ns);
  quickfix::Session session(initiator("midnight"), host);
  quickfix::set_clock(noon_ns + 36 * 3'600'000'000'000);
  session.tick();
  session.connected();
  CHECK(host.resets == 0);
}

}  // namespace
}  // namespace interlock::gateway

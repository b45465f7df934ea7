// A relay of FIX 4.2 as a user of QuickFIX would write it: two engines, orders passed on in
// fromApp. usage: bench_quickfix_relay LISTEN_PORT VENUE_PORT. It keeps messages in memory and
// writes no log, which is the quickest that QuickFIX has.
#include <quickfix/Application.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Session.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/ThreadedSocketAcceptor.h>
#include <quickfix/ThreadedSocketInitiator.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>

namespace {

class Relay : public FIX::Application {
 public:
  Relay(const FIX::SessionID& router, const FIX::SessionID& venue)
      : router_(router), venue_(venue) {}

  void onCreate(const FIX::SessionID&) override {}
  void onLogon(const FIX::SessionID&) override {}
  void onLogout(const FIX::SessionID&) override {}
  void toAdmin(FIX::Message&, const FIX::SessionID&) override {}
  void toApp(FIX::Message&, const FIX::SessionID&) throw(FIX::DoNotSend) override {}
  void fromAdmin(const FIX::Message&,
                 const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                              FIX::IncorrectTagValue, FIX::RejectLogon) override {}
  void fromApp(const FIX::Message& message,
               const FIX::SessionID& from) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                                 FIX::IncorrectTagValue,
                                                 FIX::UnsupportedMessageType) override {
    FIX::Message copy = message;
    FIX::Session::sendToTarget(copy, from == router_ ? venue_ : router_);
  }

 private:
  FIX::SessionID router_;
  FIX::SessionID venue_;
};

FIX::SessionSettings settings(const std::string& text) {
  std::istringstream stream(
      "[DEFAULT]\n"
      "BeginString=FIX.4.2\nStartTime=00:00:00\nEndTime=00:00:00\nHeartBtInt=30\n"
      "ReconnectInterval=1\nSocketNodelay=Y\nUseDataDictionary=N\n"
      "[SESSION]\nSenderCompID=GATEWAY\n" +
      text);
  return FIX::SessionSettings(stream);
}

void relay(const std::string& listen_port, const std::string& venue_port) {
  Relay application(FIX::SessionID("FIX.4.2", "GATEWAY", "ROUTER"),
                    FIX::SessionID("FIX.4.2", "GATEWAY", "VENUE"));
  FIX::MemoryStoreFactory stores;
  FIX::ThreadedSocketAcceptor acceptor(
      application, stores,
      settings("ConnectionType=acceptor\nTargetCompID=ROUTER\nSocketAcceptPort=" + listen_port));
  FIX::ThreadedSocketInitiator initiator(
      application, stores,
      settings("ConnectionType=initiator\nTargetCompID=VENUE\nSocketConnectHost=127.0.0.1\n"
               "SocketConnectPort=" +
               venue_port));
  acceptor.start();
  initiator.start();
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGUSR1);
  int signal = 0;
  sigwait(&stop, &signal);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: bench_quickfix_relay LISTEN_PORT VENUE_PORT\n";
    return 2;
  }
  try {
    relay(arguments[1], arguments[2]);
  } catch (const std::exception& problem) {
    std::cerr << "bench_quickfix_relay: " << problem.what() << "\n";
    return 1;
  }
}

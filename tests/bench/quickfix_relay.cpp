// A relay of FIX 4.2 as a user of QuickFIX would write it: two engines, orders passed on in
// fromApp. usage: bench_quickfix_relay LISTEN_PORT VENUE_PORT [DIRECTORY]. It keeps messages in
// memory and writes no log, which is the quickest that QuickFIX has; with a directory both are
// files there.
#include <quickfix/Application.h>
#include <quickfix/FileLog.h>
#include <quickfix/FileStore.h>
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

FIX::SessionSettings settings(const std::string& directory, const std::string& text) {
  const std::string files =
      directory.empty() ? "" : "FileStorePath=" + directory + "\nFileLogPath=" + directory + "\n";
  std::istringstream stream(
      "[DEFAULT]\n"
      "BeginString=FIX.4.2\nStartTime=00:00:00\nEndTime=00:00:00\nHeartBtInt=30\n"
      "ReconnectInterval=1\nSocketNodelay=Y\nUseDataDictionary=N\n" +
      files + "[SESSION]\nSenderCompID=GATEWAY\n" + text);
  return FIX::SessionSettings(stream);
}

template <class Acceptor, class Initiator>
void serve(Acceptor& acceptor, Initiator& initiator) {
  acceptor.start();
  initiator.start();
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGUSR1);
  int signal = 0;
  sigwait(&stop, &signal);
}

void relay(const std::string& listen_port, const std::string& venue_port,
           const std::string& directory) {
  Relay application(FIX::SessionID("FIX.4.2", "GATEWAY", "ROUTER"),
                    FIX::SessionID("FIX.4.2", "GATEWAY", "VENUE"));
  const FIX::SessionSettings router = settings(
      directory, "ConnectionType=acceptor\nTargetCompID=ROUTER\nSocketAcceptPort=" + listen_port);
  const FIX::SessionSettings venue =
      settings(directory,
               "ConnectionType=initiator\nTargetCompID=VENUE\nSocketConnectHost=127.0.0.1\n"
               "SocketConnectPort=" +
                   venue_port);
  if (directory.empty()) {
    FIX::MemoryStoreFactory stores;
    FIX::ThreadedSocketAcceptor acceptor(application, stores, router);
    FIX::ThreadedSocketInitiator initiator(application, stores, venue);
    return serve(acceptor, initiator);
  }
  FIX::FileStoreFactory router_store(router), venue_store(venue);
  FIX::FileLogFactory router_log(router), venue_log(venue);
  FIX::ThreadedSocketAcceptor acceptor(application, router_store, router, router_log);
  FIX::ThreadedSocketInitiator initiator(application, venue_store, venue, venue_log);
  serve(acceptor, initiator);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3 && count != 4) {
    std::cerr << "usage: bench_quickfix_relay LISTEN_PORT VENUE_PORT [DIRECTORY]\n";
    return 2;
  }
  try {
    relay(arguments[1], arguments[2], count == 4 ? arguments[3] : "");
  } catch (const std::exception& problem) {
    std::cerr << "bench_quickfix_relay: " << problem.what() << "\n";
    return 1;
  }
}

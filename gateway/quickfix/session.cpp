// The one place that includes QuickFIX. Its headers carry throw specifications, so this file is
// C++14; an exception outside a callback's list would abort the process, so every callback catches
// everything.
#include "gateway/quickfix/session.hpp"

#include <quickfix/Application.h>
#include <quickfix/MessageStore.h>
#include <quickfix/Responder.h>
#include <quickfix/Session.h>

#include <atomic>

namespace {
std::atomic<std::int64_t> clock_ns{0};
}  // namespace

namespace FIX {
// QuickFIX reads the wall clock through this one function, in its library and in its inline code.
// Defined here, it takes the library's place when the program is linked, so that time is ours:
// tests advance it, and a step of the wall clock does not disconnect a session.
// tests/gateway/session_clock_test.cpp fails if that ever ends.
DateTime DateTime::nowUtc() {
  const std::int64_t ns = clock_ns.load(std::memory_order_relaxed);
  return DateTime::fromUtcTimeT(static_cast<time_t>(ns / 1000000000),
                                static_cast<int>(ns % 1000000000), 9);
}
}  // namespace FIX

namespace interlock {
namespace gateway {
namespace quickfix {
namespace {

// The engine keeps its timers in a private member, and offers no door to them. An explicit
// instantiation may name one, so this is the language's own way in.
template <class Key, FIX::SessionState FIX::Session::*Member>
struct Door {
  friend FIX::SessionState& state_of(FIX::Session& session, Key) { return session.*Member; }
};
struct Timers {};
FIX::SessionState& state_of(FIX::Session& session, Timers);
template struct Door<Timers, &FIX::Session::m_state>;

FIX::UtcTimeStamp stamp(std::int64_t utc_ns) {
  return FIX::UtcTimeStamp(static_cast<time_t>(utc_ns / 1000000000),
                           static_cast<int>(utc_ns % 1000000000), 9);
}

// Sequence numbers live with the host; stored messages are handed out as headers only, since the
// host puts the original bytes back when the resend reaches `write`.
class Store : public FIX::MessageStore {
 public:
  Store(Host& host, const FIX::SessionID& id) : host_(host), id_(id) {}

  bool set(int sequence, const std::string& frame) throw(FIX::IOException) override {
    contained(host_, "store", [&] { host_.keep_admin(sequence, frame); });
    return true;
  }
  void get(int begin, int end, std::vector<std::string>& frames) const
      throw(FIX::IOException) override {
    contained(host_, "store", [&] {
      const int last = std::min(end, host_.next_sender() - 1);
      for (int sequence = begin; sequence <= last; ++sequence) {
        const std::string type = host_.sent_type(sequence);
        if (!type.empty()) frames.push_back(header_only(type, sequence));
      }
    });
  }
  int getNextSenderMsgSeqNum() const throw(FIX::IOException) override {
    return host_.next_sender();
  }
  int getNextTargetMsgSeqNum() const throw(FIX::IOException) override {
    return host_.next_target();
  }
  void setNextSenderMsgSeqNum(int value) throw(FIX::IOException) override {
    contained(host_, "store", [&] { host_.set_next_sender(value); });
  }
  void setNextTargetMsgSeqNum(int value) throw(FIX::IOException) override {
    contained(host_, "store", [&] { host_.set_next_target(value); });
  }
  void incrNextSenderMsgSeqNum() throw(FIX::IOException) override {
    contained(host_, "store", [&] { host_.advance_sender(); });
  }
  void incrNextTargetMsgSeqNum() throw(FIX::IOException) override {
    contained(host_, "store", [&] { host_.advance_target(); });
  }
  // Always now: QuickFIX then never sees a day end, and only our own calendar resets a session.
  FIX::UtcTimeStamp getCreationTime() const throw(FIX::IOException) override {
    return FIX::UtcTimeStamp();
  }
  void reset() throw(FIX::IOException) override {
    contained(host_, "store", [&] { host_.reset_sequences(); });
  }
  void refresh() throw(FIX::IOException) override {}

 private:
  std::string header_only(const std::string& type, int sequence) const {
    FIX::Message message;
    FIX::Header& header = message.getHeader();
    header.setField(FIX::BeginString(id_.getBeginString()));
    header.setField(FIX::MsgType(type));
    header.setField(FIX::MsgSeqNum(sequence));
    header.setField(FIX::SenderCompID(id_.getSenderCompID()));
    header.setField(FIX::TargetCompID(id_.getTargetCompID()));
    header.setField(FIX::SendingTime(FIX::UtcTimeStamp(), 3));
    return message.toString();
  }
  Host& host_;
  const FIX::SessionID& id_;
};

class StoreFactory : public FIX::MessageStoreFactory {
 public:
  StoreFactory(Host& host, const FIX::SessionID& id) : host_(host), id_(id) {}
  FIX::MessageStore* create(const FIX::SessionID&) override { return new Store(host_, id_); }
  void destroy(FIX::MessageStore* store) override { delete store; }

 private:
  Host& host_;
  const FIX::SessionID& id_;
};

// QuickFIX's own words, journalled as events; its message logs are not used.
class EventLog : public FIX::Log {
 public:
  explicit EventLog(Host& host) : host_(host) {}
  void clear() override {}
  void backup() override {}
  void onIncoming(const std::string&) override {}
  void onOutgoing(const std::string&) override {}
  void onEvent(const std::string& text) override {
    contained(host_, "event", [&] { host_.on_event(text); });
  }

 private:
  Host& host_;
};

class EventLogFactory : public FIX::LogFactory {
 public:
  explicit EventLogFactory(Host& host) : host_(host) {}
  FIX::Log* create() override { return new EventLog(host_); }
  FIX::Log* create(const FIX::SessionID&) override { return new EventLog(host_); }
  void destroy(FIX::Log* log) override { delete log; }

 private:
  Host& host_;
};

int sequence_of(const FIX::Message& message) {
  FIX::MsgSeqNum sequence;
  message.getHeader().getField(sequence);
  return sequence.getValue();
}

class Callbacks : public FIX::Application {
 public:
  explicit Callbacks(Host& host) : host_(host) {}
  void onCreate(const FIX::SessionID&) override {}
  void onLogon(const FIX::SessionID&) override {
    contained(host_, "logon", [&] { host_.on_logon(); });
  }
  void onLogout(const FIX::SessionID&) override {
    contained(host_, "logout", [&] { host_.on_logout(); });
  }
  void toAdmin(FIX::Message& message, const FIX::SessionID&) override {
    contained(host_, "to admin", [&] {
      FIX::MsgType type;
      message.getHeader().getField(type);
      if (type.getValue() == FIX::MsgType_ResendRequest) {
        FIX::BeginSeqNo from;
        message.getField(from);
        const int to = host_.resend_to(from.getValue());
        if (to != 0) message.setField(FIX::EndSeqNo(to));
      }
      if (type.getValue() != FIX::MsgType_Logon) return;
      for (const auto& field : host_.logon_fields()) message.setField(field.first, field.second);
    });
  }
  // Asked for each application message that a resend would send again.
  void toApp(FIX::Message& message, const FIX::SessionID&) throw(FIX::DoNotSend) override {
    bool may = false;
    contained(host_, "to app", [&] { may = host_.may_resend(sequence_of(message)); });
    if (!may) throw FIX::DoNotSend();
  }
  void fromAdmin(const FIX::Message& message,
                 const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                              FIX::IncorrectTagValue, FIX::RejectLogon) override {
    contained(host_, "from admin", [&] {
      FIX::MsgType type;
      message.getHeader().getField(type);
      host_.on_admin(type.getValue(), sequence_of(message));
    });
  }
  void fromApp(const FIX::Message& message,
               const FIX::SessionID&) throw(FIX::FieldNotFound, FIX::IncorrectDataFormat,
                                            FIX::IncorrectTagValue,
                                            FIX::UnsupportedMessageType) override {
    contained(host_, "from app", [&] { host_.on_application(sequence_of(message)); });
  }

 private:
  Host& host_;
};

// What QuickFIX writes: admin frames go as they are; a resent application message is known by 43=Y
// and its type.
class Writer : public FIX::Responder {
 public:
  explicit Writer(Host& host) : host_(host) {}
  bool send(const std::string& frame) override {
    bool sent = false;
    contained(host_, "write", [&] {
      const std::string type = value(frame,
                                     "\x01"
                                     "35=");
      if (FIX::Message::isAdminMsgType(FIX::MsgType(type))) {
        sent = host_.write_admin(frame);
      } else {
        host_.write_resend(std::stoi(value(frame,
                                           "\x01"
                                           "34=")));
        sent = true;
      }
    });
    return sent;
  }
  void disconnect() override {
    contained(host_, "close", [&] { host_.close(); });
  }

 private:
  static std::string value(const std::string& frame, const std::string& key) {
    const std::size_t at = frame.find(key);
    if (at == std::string::npos) return std::string();
    const std::size_t begin = at + key.size();
    return frame.substr(begin, frame.find('\x01', begin) - begin);
  }
  Host& host_;
};

}  // namespace

struct Session::Parts {
  Parts(const Identity& identity, Host& the_host)
      : host(the_host),
        id(identity.begin_string, identity.sender, identity.target, identity.qualifier),
        stores(the_host, id),
        logs(the_host),
        callbacks(the_host),
        writer(the_host),
        session(callbacks, stores, id, FIX::DataDictionaryProvider(),
                FIX::TimeRange(FIX::UtcTimeOnly(0, 0, 0), FIX::UtcTimeOnly(0, 0, 0)),
                identity.initiator ? identity.heartbeat_s : 0, &logs) {
    session.setLogonTimeout(identity.logon_timeout_s);
    session.setCheckLatency(false);  // 52 is checked by nobody's clock but ours
    session.setTimestampPrecision(3);
    session.setResetOnLogon(identity.initiator && the_host.reset_on_logon());
    session.setSendRedundantResendRequests(false);
    session.setSenderDefaultApplVerID(identity.appl_ver_id);
  }
  Host& host;
  FIX::SessionID id;
  StoreFactory stores;
  EventLogFactory logs;
  Callbacks callbacks;
  Writer writer;
  FIX::Session session;
};

Session::Session(const Identity& identity, Host& host) : parts_(new Parts(identity, host)) {}
Session::~Session() = default;

void Session::connected() {
  contained(parts_->host, "connected", [&] {
    parts_->session.setResponder(&parts_->writer);
    if (parts_->session.isInitiator()) parts_->session.next();
  });
}
void Session::disconnected() {
  contained(parts_->host, "disconnected", [&] {
    parts_->session.disconnect();
    parts_->session.setResponder(nullptr);
  });
}
void Session::receive(const std::string& frame) {
  contained(parts_->host, "receive", [&] { parts_->session.next(frame, FIX::UtcTimeStamp()); });
}
void Session::tick() {
  contained(parts_->host, "tick", [&] { parts_->session.next(); });
}
void Session::start_logout(const std::string& reason) {
  contained(parts_->host, "logout", [&] {
    parts_->session.logout(reason);
    parts_->session.next();
  });
}
void Session::heard_at(std::int64_t utc_ns) {
  FIX::SessionState& state = state_of(parts_->session, Timers());
  state.lastReceivedTime(stamp(utc_ns));
  state.testRequest(0);
}
void Session::said_at(std::int64_t utc_ns) {
  state_of(parts_->session, Timers()).lastSentTime(stamp(utc_ns));
}
void Session::allow_logon() { parts_->session.logon(); }
bool Session::logged_on() const {
  return parts_->session.isLoggedOn() && !parts_->session.sentLogout();
}

void set_clock(std::int64_t utc_ns) { clock_ns.store(utc_ns, std::memory_order_relaxed); }

}  // namespace quickfix
}  // namespace gateway
}  // namespace interlock

// The two ends of a gateway under load: a router that floods it, and a venue that may stop reading.
// Both speak FIX 4.4 over TCP, and only as much of it as that takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::stops {

// The value of a tag in a frame; empty: it is not there.
[[nodiscard]] std::string_view field(std::string_view frame, std::string_view tag);
[[nodiscard]] std::uint32_t number_of(std::string_view frame);  // 34

class End {
 public:
  End(std::string ours, std::string theirs) : ours_(std::move(ours)), theirs_(std::move(theirs)) {}
  virtual ~End();
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  void say(std::string_view type, std::string_view body);
  // Sends what waits, and hears what has come. False: nothing moved.
  virtual bool pump();
  [[nodiscard]] bool logged_on() const { return logged_on_; }
  [[nodiscard]] std::size_t waiting() const { return out_.size(); }   // to be sent
  [[nodiscard]] std::uint64_t received() const { return received_; }  // bytes, on this connection
  [[nodiscard]] bool is_closed() const { return closed_; }            // by the other side

 protected:
  virtual void heard(std::string_view frame) = 0;
  virtual void heard_spoilt(std::string_view frame) = 0;  // its checksum is wrong
  bool read();
  bool write();
  void adopt(int socket);  // a new connection; sequence numbers go on
  int socket_ = -1;
  bool logged_on_ = false;

 private:
  void take(std::string_view frame);
  std::string ours_, theirs_;
  std::string in_, out_;
  std::uint32_t next_out_ = 1;
  std::uint64_t received_ = 0;
  bool closed_ = false;
};

class RouterEnd : public End {
 public:
  explicit RouterEnd(std::uint16_t port);  // of this machine; it logs on
  // One more order of 100 ACME for 10.00 under its parent; four times `text` makes it longer.
  void order(std::string_view text = {});
  std::string parent = "P-1";
  [[nodiscard]] std::uint32_t orders() const { return orders_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }      // 39=8
  [[nodiscard]] std::uint64_t cancelled() const { return cancelled_; }  // 39=4
  [[nodiscard]] std::uint64_t filled() const { return filled_; }        // 39=2

 private:
  void heard(std::string_view frame) override;
  void heard_spoilt(std::string_view frame) override;
  std::uint32_t orders_ = 0;
  std::uint64_t refused_ = 0, cancelled_ = 0, filled_ = 0;
};

class VenueEnd : public End {
 public:
  enum class Answers : std::uint8_t { nothing, fills };
  explicit VenueEnd(Answers answers);
  ~VenueEnd() override;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  bool pump() override;  // takes a new connection, too

  bool reads = true;
  bool keeps = true;  // a list of what was heard
  struct Heard {
    std::string type;
    std::uint32_t number = 0;
    std::string id;     // 11; of an F 41
    std::string until;  // 36 of a gap fill
    bool spoilt = false;
  };
  std::vector<Heard> list;  // but session messages, as long as it keeps one
  [[nodiscard]] std::uint32_t last_order() const { return last_order_; }  // number of the last D
  [[nodiscard]] std::uint64_t orders() const { return orders_; }
  // An unsolicited or asked-for end of an order.
  void cancelled(std::string_view cl_ord_id, std::string_view order);

 private:
  void heard(std::string_view frame) override;
  void heard_spoilt(std::string_view frame) override;
  Answers answers_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::uint32_t last_order_ = 0;
  std::uint64_t orders_ = 0;
  std::uint64_t executions_ = 0;
};

}  // namespace interlock::stops

// The payload of a record: numbered fields, each with its length, so that any reader can walk any
// record.
#pragma once

#include <array>
#include <boost/container/vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace interlock::audit {

// Never reuse a number. Layout: u8 number, u32 length (little endian), bytes. Numbers are u64
// little endian.
enum class Field : std::uint8_t {
  session = 1,        // the FIX session that the message came in on: a router's or venue's id
  in_sequence = 2,    // its MsgSeqNum (34)
  in_frame = 3,       // the whole frame as received
  out_session = 4,    // where a message went for it
  out_sequence = 5,   // MsgSeqNum there
  out_frame = 6,      // the whole frame as sent (first transmission)
  reply_session = 7,  // the answer to the sender, when it was refused
  reply_sequence = 8,
  reply_frame = 9,
  reason = 10,  // risk::Reason; absent: may go
  text = 11,    // the fact, a cause, an alert: for people
  policy_version = 12,
  venue_cl_ord_id = 13,  // ClOrdID towards the venue where it differs from the router's
  anomaly = 14,          // risk::Anomaly
  parent = 15,
  account = 16,
  symbol = 17,
  side = 18,      // FIX 54
  quantity = 19,  // decimal text
  source = 20,    // risk::ParentSource or killswitch::Source
  scope_kind = 21,
  scope_id = 22,
  kill_id = 23,
  build = 24,
  config_hash = 25,
  event = 26,  // of a link: "connected", "logged on", ...
  peer = 27,   // address:port
  next_in = 28,
  next_out = 29,
  price = 30,  // decimal text
  time = 31,   // ns UTC of a fact that carries its own
  actor = 32,  // a person
  cl_ord_id = 33,
  orig_cl_ord_id = 34,
  router = 35,
  venue = 36,
  closed_at = 37,
  level = 38,          // killswitch::Level
  list_order = 39,     // of a refused list: which of its orders was refused, from 0
  alert_id = 50,       // the number of the record that raised it
  severity = 51,       // gateway::Severity
  alert_kind = 52,     // one word a cause
  waited_record = 71,  // of a decision: the record in which the message began to wait
  source_record = 70,  // of a drop copy: the record that holds the report
  change = 53,  // TIGHTENED, LOOSENED ...; the fields behind it, up to the next one, belong to it
  key = 54,     // of the policy
  before = 55,  // the value
  after = 56,
  why = 57,
  owner = 58,
  review = 59,       // when it has to be looked at again
  proposal_id = 60,  // the number of its record
  until = 61,        // ns UTC
  duration = 62,     // ns
  raise_id = 63,     // the number of its record
  currency = 64,
  refusal = 65,     // the number of the record in which an order was refused
  release_id = 66,  // of the release under which an order passed: the number of its record
  button = 80,
  last_sequence = 90,  // MsgSeqNum that left last before the gate closed, of the venue before it
  unsent = 91,         // bytes that the kernel had taken and not sent, of the venue before it
  dropped = 92,        // bytes of our own buffer that a cut has dropped
  clock_offset = 100,  // ns, of the clock against UTC; two's complement
  clock_error = 101,   // ns, the most by which it may be wrong
  clock_state = 102,   // "synchronised", "unsynchronised"
  subject = 103,       // of a statement: "stress-test", "control-test", "review"
  host = 104,          // the machine: what tells it from every other
  instance = 105,      // the state directory: what tells it from every copy
  digest = 106,        // hex
  file = 107,
  cum = 108,          // decimal text
  leaves = 109,       // decimal text
  order_id = 110,     // the venue's (FIX 37)
  signing_key = 111,  // its number, from 1
  public_key = 112,   // hex
  control = 113,      // risk::Control's id
  used = 114,         // of a limit, in its unit
  limit = 115,        // in its unit
  share = 116,        // of the limit that was used, in millionths
  figure = 117,       // the name of a number that a person states
  value = 118,        // that number, decimal text
  residual = 119,     // orders in a kill's scope that could still execute when the gate shut
  line = 120,         // of the configuration file
  algo = 130,         // who decided on an order, in the policy's names
  trader = 131,
  desk = 132,
  limit_of = 133,  // whose limit refused: "symbol ACME"
};
[[nodiscard]] std::string_view name(Field field);

// On an order's way it asks the heap for nothing: its bytes lie where those of another one of this
// thread lay.
class FieldWriter {
 public:
  FieldWriter();
  ~FieldWriter();
  FieldWriter(FieldWriter&& other) noexcept = default;
  FieldWriter& operator=(FieldWriter&& other) noexcept = default;
  FieldWriter(const FieldWriter&) = delete;
  FieldWriter& operator=(const FieldWriter&) = delete;
  FieldWriter& put(Field field, std::string_view bytes);
  FieldWriter& put(Field field, std::uint64_t number);
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  boost::container::vector<std::byte> bytes_;
};

class FieldReader {
 public:
  explicit FieldReader(std::span<const std::byte> payload);
  // The first of that number; nullopt when absent. Views into the payload.
  [[nodiscard]] std::optional<std::string_view> text(Field field) const;
  [[nodiscard]] std::optional<std::uint64_t> number(Field field) const;
  struct Item {
    Field field;
    std::string_view bytes;
  };
  [[nodiscard]] std::optional<std::vector<Item>> items() const;

 private:
  // Where each of the first fields is; a record has some fifteen, and is asked as often.
  static constexpr std::size_t known_most = 24;
  std::span<const std::byte> payload_;
  std::array<Field, known_most> fields_;
  struct Place {
    std::uint32_t offset, length;
  };
  std::array<Place, known_most> places_;
  std::size_t known_ = 0;
  std::span<const std::byte> rest_;  // behind those
};

}  // namespace interlock::audit

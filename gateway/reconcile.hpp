// Rules 16 and 17: after each logon of a venue every order that may still execute there is asked
// after, and the answers are compared with the books. Until that has ended nothing that opens risk
// goes to this venue; what does not agree, or gets no answer, kills it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/floor.hpp"
#include "gateway/gaps.hpp"
#include "gateway/wire.hpp"

namespace interlock::gateway {

class Killer;

// An order that a venue has of ours, and that the books do not know, or know to have ended.
struct Stranger {
  std::string cl_ord_id, order_id;
  std::string instrument;  // body bytes, for its cancel
  std::string quantity, cum, leaves;
  std::int64_t cancelled_at_ns = 0;
};

class Reconciliation {
 public:
  static constexpr risk::Duration answer_within = risk::seconds(30);
  // After a logon, and after the last missed message: now the venue asks for what it missed of us.
  static constexpr risk::Duration settled_after = risk::milliseconds(500);
  static constexpr risk::Duration ask_again = risk::seconds(5);
  static constexpr std::size_t most_in_flight = 32;  // questions without an answer, a venue

  Reconciliation(Floor& floor, Killer& killer, Gaps& gaps);

  void started();  // the books are those of the journal
  void logged_on(risk::VenueId venue);
  void logged_out(risk::VenueId venue);
  void tick();
  void rearmed(const killswitch::Kill& kill);

  // --- what a venue says ---
  // Of the order: nothing was ever heard. Asked before a report about it is booked.
  [[nodiscard]] bool in_doubt(risk::OrderId order) const;
  // Its status, which is in the books as far as a status goes; `was_in_doubt`: until then.
  void heard(risk::OrderId order, const Parsed& status, bool was_in_doubt);
  // It does not know the order.
  void unknown(risk::OrderId order);
  // A report of our AF; `named`: what it names, nullptr: nothing of ours.
  void listed(risk::VenueId venue, const Parsed& status, const Named* named);
  // A report about an order that only the venue believes to live; false: it is about none of those.
  bool about_stranger(risk::VenueId venue, const Parsed& report);
  // A 3 or j that names our message of this number.
  void rejected(risk::VenueId venue, std::uint32_t sequence, std::string_view text);

  // --- what others ask ---
  // The order waits for an answer, or for one that agrees.
  [[nodiscard]] bool asks(risk::OrderId order) const;
  // Why nothing that opens risk goes to the venue; empty: it may.
  [[nodiscard]] std::string shut(risk::VenueId venue) const;
  // Why the kill may not be re-armed yet; empty: it may.
  [[nodiscard]] std::string in_the_way(const killswitch::Kill& kill) const;
  [[nodiscard]] std::vector<VenueCheckView> views() const;
  // By venue, of those that the kill covers whole.
  [[nodiscard]] std::vector<std::pair<std::string, Stranger>> strangers(
      const killswitch::Kill& kill) const;
  void replayed(const audit::FieldReader& fields, risk::Time at);

  template <class Archive>
  void serialize(Archive& archive) {  // for a snapshot: a start asks anew, but for these
    auto& [floor, killer, gaps, checks, strangers] = *this;
    archive(strangers);
  }

 private:
  // matched: nothing to ask, or all agrees. down: it has to log on first. signed_off: it did not
  // agree, and two people have re-armed it.
  enum class State : std::uint8_t { down, asking, matched, differs, no_answer, signed_off };
  struct Question {
    std::int64_t first_ns = 0;  // monotonic, as the next
    std::int64_t last_ns = 0;
    std::string difference;  // empty: no answer
  };
  struct Check {
    State state = State::matched;
    std::int64_t since_ns = 0;    // UTC
    std::int64_t waiting_ns = 0;  // monotonic: since then for a logon, or for missed messages
    bool may_rearm = true;        // a kill that covers it, though it has not been compared
    std::uint32_t next_in = 0;    // as long as it rises, missed messages are coming in
    std::set<risk::OrderId> to_ask;
    std::map<risk::OrderId, Question> asked;
    std::uint32_t orders = 0, settled = 0;
    bool asks_all = false;  // an AF is to be sent, or has been
    std::string mass_id;    // 584 of the AF whose reports come in
    std::uint32_t mass_sequence = 0;
    std::int64_t mass_ns = 0;
    std::uint32_t listed = 0;  // its reports
    std::vector<std::string> differences;
  };

  [[nodiscard]] Leg& leg(risk::VenueId venue) const { return *floor_.venues[venue.value]; }
  [[nodiscard]] bool can_ask(risk::VenueId venue) const;
  [[nodiscard]] bool asks_all(risk::VenueId venue) const;
  [[nodiscard]] std::vector<risk::OrderId> open_at(risk::VenueId venue) const;
  void set(Check& check, State state);
  void begin(risk::VenueId venue);
  void wait_for(risk::VenueId venue);
  void go_on(risk::VenueId venue);
  bool wait_for_missed(risk::VenueId venue);
  bool ask_for_all(risk::VenueId venue);
  void ask(risk::VenueId venue);
  void mass_done(risk::VenueId venue);
  void give_up(risk::VenueId venue, std::string_view why);
  void end(risk::VenueId venue, State state, std::string_view why);
  void settle(Check& check, risk::OrderId order);
  std::string compare(risk::OrderId order, const Parsed& status, bool& ended) const;
  void release(risk::OrderId order);
  void ended(risk::OrderId order, const Parsed& status);
  void adopted(risk::OrderId order);
  void chase_strangers(risk::VenueId venue);
  void cancel_stranger(risk::VenueId venue, Stranger& stranger);
  void forget_stranger(risk::VenueId venue, const Stranger& stranger);
  Stranger* stranger(risk::VenueId venue, const Parsed& report);
  void note_stranger(risk::VenueId venue, const Parsed& status);
  [[nodiscard]] bool is_open(risk::OrderId order) const;
  [[nodiscard]] risk::OrderId order_of(risk::VenueId venue, const Parsed& status,
                                       const Named* named) const;
  audit::FieldWriter record(std::string_view event, risk::VenueId venue) const;
  audit::FieldWriter record(std::string_view event, risk::OrderId order,
                            const Parsed* status) const;
  std::string name_of(risk::OrderId order) const;
  void tell(risk::OrderId order, audit::FieldWriter& record, const Answer& answer);

  Floor& floor_;
  Killer& killer_;
  Gaps& gaps_;
  std::vector<Check> checks_;                     // by VenueId
  std::vector<std::vector<Stranger>> strangers_;  // by VenueId
};

}  // namespace interlock::gateway

// The gate: one message of a router is understood, judged, journalled, and goes to its venue or is
// refused.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/floor.hpp"
#include "gateway/gaps.hpp"
#include "gateway/reconcile.hpp"
#include "gateway/translate.hpp"
#include "gateway/waiting.hpp"

namespace interlock::gateway {

class Killer;

class Gate {
 public:
  Gate(Floor& floor, Killer& killer, Gaps& gaps, const Reconciliation& checks)
      : floor_(floor),
        killer_(killer),
        gaps_(gaps),
        checks_(checks),
        waiting_(floor.config.routers.size()),
        routes_(routes_of(floor)) {}

  void message(Leg& router, const Inbound& message);

  // What a passed request does to books and names; live, and again from the journal after a
  // restart.
  risk::OrderId enter(const risk::Request& request, const Parsed& message, risk::VenueId venue,
                      std::string venue_cl_ord_id, risk::Time at);
  // The same for a list. `refused`: of the orders before this one nothing was left.
  struct Verdict {
    std::optional<std::size_t> refused;
    risk::Breach breach;
  };
  // `judged` hears of each order that the controls had been asked about, before it enters.
  std::expected<void, std::string> enter_list(
      const Parsed& message, risk::RouterId router, risk::VenueId venue, const Verdict& verdict,
      risk::Time at, const std::function<void(const risk::Request&, bool refused)>& judged);
  // A declaration by the OMS, a file, or a child's tag. Journals it when it is new.
  risk::Declared declare(const risk::ParentDeclaration& declaration, std::string_view actor);

  // --- children that wait for their parents (rule 24) ---
  void settle();                                    // decides what need not wait any more
  void purge_waiting();                             // a kill has come: what it covers is refused
  void give_up(Leg& router, std::string_view why);  // refuses all of its waiting ones
  void refuse_what_waited(const std::vector<std::pair<std::string, Waiter>>& left);  // by session
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  friend class Shadow;  // judges and enters in the same way, and sends nothing
  bool waits_behind(Leg& router, const Inbound& message);
  bool waits_for_its_parent(Leg& router, const Inbound& message, const risk::Request& request,
                            const risk::Breach& breach);
  bool wait(Leg& router, Waiter waiter);
  void decide(Leg& router, const Waiter& waiter, std::string_view why);
  Waiter waiter_of(const Leg& router, const Inbound& message) const;
  static Waiter take(std::deque<Waiter>& all, std::size_t at);
  [[nodiscard]] bool is_ready(const std::deque<Waiter>& all, std::size_t at) const;
  [[nodiscard]] bool is_shut(const Leg& router, const Waiter& waiter) const;
  [[nodiscard]] bool is_shut(const Leg& router, const Parsed& order) const;
  // The fields that every record of a router's message begins with.
  audit::FieldWriter inbound_record(const Leg& router, const Inbound& message) const;
  void begin(const Leg& router);                  // a message of this router: counts it
  void does_not_read(const ParseError& trouble);  // counts it, and tells those that watch
  void handle(Leg& router, const Inbound& message);
  void order(Leg& router, const Inbound& message);     // D, G, F
  void repeated(Leg& router, const Inbound& message);  // 43=Y or 97=Y on a D or G
  void note_passed(risk::OrderId id, const Parsed& message, risk::VenueId venue,
                   std::string venue_cl_ord_id);

  struct List {
    std::vector<Parsed> orders;  // each as a D, in the bytes of the E
    std::vector<Translated> translated;
  };
  void list(Leg& router, const Inbound& message);           // E
  void repeated_list(Leg& router, const Inbound& message);  // 43=Y or 97=Y on an E
  std::expected<risk::VenueId, Untranslatable> route_list(const Leg& router,
                                                          const Parsed& message) const;
  std::expected<List, Untranslatable> understand(const Parsed& message, risk::RouterId router,
                                                 risk::VenueId venue);
  // Where a D goes by its route, and a G or F with the order that it names; nullopt: nowhere.
  std::optional<risk::VenueId> venue_of(const Leg& router, const Parsed& message) const;
  // A D, G or F as it may be judged there.
  std::expected<Translated, Untranslatable> read_order(const Leg& router, const Parsed& message,
                                                       std::optional<risk::VenueId> venue);
  std::expected<List, Untranslatable> read_list(const Leg& router, const Parsed& message,
                                                risk::VenueId venue);
  std::optional<Verdict> enter_all(const Leg& router, const List& list, risk::VenueId venue);
  bool list_waits(Leg& router, const Inbound& message, const List& list, risk::VenueId venue);
  void refuse_list(Leg& router, const Inbound& message, const List& list, std::size_t refused,
                   const risk::Breach& breach, risk::VenueId venue);
  void take_back(const List& list, std::size_t refused, const risk::Breach& breach, risk::Time at);
  void release(const risk::Request& request, risk::Time at);
  void note_list(const List& list, risk::VenueId venue);
  void pass_list(Leg& router, const Inbound& message, const List& list, risk::VenueId venue);

  void reply(Leg& router, const Inbound& message, const Answer& answer, std::string_view why);
  void mass_action(Leg& router, const Inbound& message);  // q, CA
  void suspend(Leg& router, const Inbound& message);      // CA with 1373=1
  void ask(Leg& router, const Inbound& message);          // H, Q and others that open no risk
  void ask(Leg& router, const Inbound& message, std::optional<risk::VenueId> venue,
           const Named* named = nullptr);
  void touch(const risk::Subject& subject, risk::VenueId venue);
  // `released`: a person lets it past those controls that a person may.
  risk::Verdict judge(const risk::Request& request, risk::VenueId venue,
                      bool released = false) const;
  void pass(Leg& router, const Inbound& message, const risk::Request& request, risk::VenueId venue,
            std::uint64_t release = 0);
  void forward(Leg& router, const Inbound& message, risk::VenueId venue, const Named* named);
  struct Judged {  // by the controls, for the venue that it was to go to
    const risk::Breach* breach = nullptr;
    risk::VenueId venue;
    std::optional<std::size_t> list_order;  // of a list: which of its orders
    std::span<const Translated> orders;     // one, or all of a list
  };
  void refuse(Leg& router, const Inbound& message, risk::Reason reason, std::string fact,
              const std::optional<Judged>& judged = std::nullopt);
  // Of each order: cl_ord_id, then whose it is in the policy's names. Who reads the journal needs
  // neither the configuration of its time nor the dialect.
  void put_subject(audit::FieldWriter& record, const risk::Request& request) const;
  std::optional<risk::VenueId> route(const Leg& router, const Parsed& message) const;
  std::string passed_header(const Leg& router, const Parsed& message) const;

  Floor& floor_;
  Killer& killer_;
  Gaps& gaps_;
  const Reconciliation& checks_;
  struct RouteTo {
    risk::VenueId venue;
    bool by_ex_destination = false;
    std::string destination;  // the 100 that means it
  };
  using Routes = std::vector<std::vector<RouteTo>>;  // by RouterId
  static Routes routes_of(const Floor& floor);

  Waiting waiting_;
  const Routes routes_;
  std::optional<std::uint64_t> deciding_;  // the record of the waiter that is being decided
  risk::Touched touched_;                  // by the message in hand
  std::string scratch_;
};

}  // namespace interlock::gateway

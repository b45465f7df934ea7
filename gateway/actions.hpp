// What a named person may ask of the running gateway, and what is answered.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/config.hpp"
#include "killswitch/latch.hpp"
#include "risk/units.hpp"

namespace interlock::gateway {

struct Acknowledge {  // an alert
  std::uint64_t alert = 0;
  std::string reason;
};

struct Reload {      // the policy, from a file beside the running one
  std::string file;  // empty: the running one
  std::string reason;
  std::shared_ptr<const config::Config> next = nullptr;  // what the file says
};

// As the second person. What takes another right takes an approval of its own.
struct Approve {  // of the policy
  std::uint64_t proposal = 0;
};
struct ApproveParent {
  std::uint64_t proposal = 0;
};

struct RaiseLimit {  // for a time
  killswitch::Scope scope;
  std::string key, value;  // as in the file
  risk::Duration duration;
  std::string reason;
};

struct ReleaseOrder {  // a refused one, by its record or by its router's ClOrdID
  std::uint64_t record = 0;
  std::string router, cl_ord_id;
  std::string reason;
};

struct SetPrices {  // all or nothing; symbols and currencies that are not named keep theirs
  struct Entry {
    std::string name;
    risk::Price price;
    risk::Time as_of;
  };
  std::vector<Entry> prices;  // by symbol
  std::vector<Entry> rates;   // by currency
};

struct ChangeParent {
  enum class What : std::uint8_t {
    resize,    // a smaller size by one person, a larger one by two
    cancel,    // no child may enter any more
    executed,  // over all ways to market: what is beyond our own children's counts as used
  };
  What what = What::resize;
  std::string parent;
  risk::Quantity quantity;  // of all but cancel
  std::string reason;
};

struct CutVenue {  // its connection is reset, and what waits for it dropped; only under a kill
  std::string venue;
};

struct CancelAgain {  // what is still alive under a kill, now and not at the next timeout
  std::uint64_t kill_id = 0;
};

inline constexpr std::uint32_t sequence_max = 2'147'483'647;  // of FIX engines, ours among them

struct SetSequence {  // of a session that is down, by two people
  std::string session;
  std::optional<std::uint32_t> next_in;   // the next MsgSeqNum that counts as in turn
  std::optional<std::uint32_t> next_out;  // of our next message
  std::string reason;
};

struct ApproveSequence {
  std::uint64_t proposal = 0;
};

[[nodiscard]] std::string_view name(ChangeParent::What what);
[[nodiscard]] std::optional<ChangeParent::What> change_of(std::string_view name);

struct TestButton {  // a drill
  std::string button;
};

// What a person answers for: a test that was made, a review that was held. Evidence, and no more.
struct Statement {
  std::string subject;  // one of `statement_subjects`
  std::string text;
  bool passed = true;                 // of a test
  std::vector<std::string> controls;  // ids, of a control-test
  struct Figure {
    std::string name, value;  // a decimal
  };
  std::vector<Figure> figures;
};
inline constexpr std::string_view statement_subjects[] = {"stress-test", "control-test", "review"};

using Action = std::variant<Acknowledge, ChangeParent, Reload, Approve, ApproveParent, RaiseLimit,
                            ReleaseOrder, SetPrices, TestButton, CutVenue, CancelAgain, Statement,
                            SetSequence, ApproveSequence>;

struct ActionOutcome {
  enum class Answer : std::uint8_t {
    done,
    proposed,  // another person has to approve it
    unknown,   // what it names does not exist
    conflict,  // something stands in its way
    refused,   // it may not be, whoever asks
    no_answer  // the event loop gave none in time; nothing was done
  };
  Answer answer = Answer::refused;
  std::string text;
  std::uint64_t id = 0;             // of what it made or changed; 0: nothing
  std::int64_t valid_until_ns = 0;  // of a proposal or a release, UTC; 0: without end
};

}  // namespace interlock::gateway

// A short morning as a gateway journals it, for those who read journals: parent P-1, its children
// a (replaced by b), c (refused) at router R1, venue X; a kill and its cancel; and an order of
// another account.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "audit/fields.hpp"
#include "audit/query.hpp"
#include "tests/audit/journal_fixture.hpp"

namespace interlock::audit::tests {

inline std::string fix(std::string frame) {
  std::ranges::replace(frame, '|', '\x01');
  return frame;
}

// Of one field after the other: `put` of FieldWriter, with frames as people write them.
struct Story {
  explicit Story(Journal& into) : journal(into) {}
  void add(Kind kind, std::string_view actor, const FieldWriter& fields) {
    const auto number = static_cast<std::int64_t>(journal.next_sequence());
    const auto at =
        journal.append(kind, now + number * 1'000'000'000, number, actor, fields.bytes());
    if (!at) FAIL(at.error());
  }
  static FieldWriter from(std::string_view session, std::uint64_t sequence, std::string frame) {
    FieldWriter fields;
    fields.put(Field::session, session).put(Field::in_sequence, sequence);
    fields.put(Field::in_frame, fix(std::move(frame)));
    return fields;
  }
  static void child(FieldWriter& fields, std::string_view id, std::string_view parent,
                    std::string_view account) {
    fields.put(Field::cl_ord_id, id).put(Field::account, account).put(Field::symbol, "ACME");
    fields.put(Field::parent, parent).put(Field::trader, "tess");
  }

  void morning() {
    FieldWriter parent;
    parent.put(Field::parent, "P-1").put(Field::account, "ACC").put(Field::symbol, "ACME");
    parent.put(Field::side, "1").put(Field::quantity, "200").put(Field::source, 1);
    add(Kind::parent, "ann", parent);                                  // B1
    for (const auto& [id, orig] : {std::pair{"a", ""}, {"b", "a"}}) {  // B2, B3
      const bool fresh = *orig == 0;
      auto order = from("R1", fresh ? 2 : 3,
                        std::string("8=FIX.4.4|35=") + (fresh ? "D" : "G") + "|11=" + id +
                            (fresh ? "" : std::string("|41=") + orig) + "|1=ACC|55=ACME|38=100|");
      order.put(Field::policy_version, 7).put(Field::venue, "X");
      order.put(Field::venue_cl_ord_id, std::string("C") + id).put(Field::out_session, "X");
      order.put(Field::out_frame, fix(std::string("8=FIX.4.4|35=D|11=C") + id + "|"));
      child(order, id, "P-1", "ACC");
      add(Kind::router_message, "R1", order);
    }
    auto fill =
        from("X", 2, "8=FIX.4.4|35=8|11=Cb|41=Ca|37=V9|17=e1|150=F|39=2|32=100|31=10|14=100|");
    fill.put(Field::out_session, "R1").put(Field::out_sequence, 2);
    fill.put(Field::out_frame, fix("8=FIX.4.4|35=8|11=b|41=a|37=V9|17=e1|150=F|"));
    add(Kind::venue_message, "X", fill);  // B4
    auto refused = from("R1", 4, "8=FIX.4.4|35=D|11=c|1=ACC|55=ACME|38=200|");
    refused.put(Field::reason, 5).put(Field::text, "PARENT_FILL: too much. gw B5");
    refused.put(Field::policy_version, 7).put(Field::venue, "X").put(Field::limit_of, "parent P-1");
    child(refused, "c", "P-1", "ACC");
    refused.put(Field::reply_session, "R1").put(Field::reply_frame, fix("8=FIX.4.4|35=8|11=c|"));
    add(Kind::router_message, "R1", refused);  // B5
    FieldWriter kill;
    kill.put(Field::kill_id, 1).put(Field::scope_kind, "router").put(Field::scope_id, "R1");
    kill.put(Field::text, "PARENT_FILL: too much").put(Field::actor, "R1");
    add(Kind::kill, "interlock", kill);  // B6
    FieldWriter cancel;
    cancel.put(Field::router, "R1").put(Field::venue, "X").put(Field::cl_ord_id, "b");
    cancel.put(Field::venue_cl_ord_id, "ILK7").put(Field::text, "kill 1");
    cancel.put(Field::out_session, "X").put(Field::out_frame, fix("8=FIX.4.4|35=F|11=ILK7|41=Cb|"));
    add(Kind::gateway_message, "interlock", cancel);                                          // B7
    add(Kind::venue_message, "X", from("X", 3, "8=FIX.4.4|35=8|11=ILK7|37=V9|150=4|39=4|"));  // B8
    auto other = from("R2", 2, "8=FIX.4.4|35=D|11=a|1=OTH|55=ACME|38=5|");
    other.put(Field::policy_version, 7).put(Field::venue, "X").put(Field::venue_cl_ord_id, "C2a");
    other.put(Field::out_frame, fix("8=FIX.4.4|35=D|11=C2a|"));
    child(other, "a", "P-2", "OTH");
    add(Kind::router_message, "R2", other);  // B9
    FieldWriter rearm;
    rearm.put(Field::kill_id, 1).put(Field::scope_kind, "router").put(Field::scope_id, "R1");
    rearm.put(Field::actor, "ann and bob").put(Field::text, "looked");
    add(Kind::rearm, "bob", rearm);  // B10
  }

  Journal& journal;
};

inline std::vector<std::uint64_t> found(const std::filesystem::path& directory,
                                        const Filter& filter) {
  std::vector<std::uint64_t> numbers;
  const auto done = query(directory, filter, [&](const Record& record, const About&) {
    numbers.push_back(record.location.sequence);
    return true;
  });
  if (!done) FAIL(done.error());
  return numbers;
}

}  // namespace interlock::audit::tests

// SEC 17a-4(f)(2)(i)(A): whatever the API changes is on record with who, what it was, and what it
// is.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>

#include "audit/fields.hpp"
#include "console/api.hpp"
#include "evidence/played.hpp"
#include "killswitch/rearm.hpp"
#include "scenarios/setting.hpp"

namespace interlock::scenarios {
namespace {

using audit::Field;
using audit::Kind;

// The loop's part, on the thread of the test.
class OneThread : public gateway::Desk {
 public:
  explicit OneThread(Played& played) : played_(played), rearm_(latch()) {}

  [[nodiscard]] std::shared_ptr<const gateway::Snapshot> snapshot() const override {
    return played_.core().snapshot();
  }
  KillOutcome kill(killswitch::Scope scope, killswitch::Level level, killswitch::Source source,
                   std::string actor, std::string cause, std::chrono::milliseconds) override {
    const auto now_ns = played_.core().floor().clock.utc.ns;
    KillOutcome outcome;
    outcome.tripped =
        latch().trip(std::move(scope), source, std::move(actor), std::move(cause), now_ns, level);
    played_.core().latch_changed();
    return outcome;
  }
  std::expected<gateway::ParentOutcome, std::string> declare_parent(
      gateway::ParentRequest request, std::chrono::milliseconds) override {
    return played_.core().declare_parent(request);
  }
  gateway::ActionOutcome act(std::string person, gateway::Action action,
                             std::chrono::milliseconds) override {
    return played_.act(person, action);
  }
  std::expected<killswitch::RearmRequest, std::string> rearm_begin(std::uint64_t kill_id,
                                                                   const killswitch::Person& person,
                                                                   killswitch::RearmWords words,
                                                                   bool) override {
    auto begun = rearm_.begin(kill_id, person, std::move(words), facts(kill_id), now_ns());
    if (begun) {
      played_.core().rearm_begun(*begun);
      begun_ = *begun;
    }
    return begun;
  }
  std::expected<killswitch::Kill, std::string> rearm_approve(std::uint64_t kill_id,
                                                             const killswitch::Person& person,
                                                             killswitch::RearmWords words,
                                                             bool) override {
    auto cleared = rearm_.approve(kill_id, person, words, facts(kill_id), now_ns());
    if (cleared) played_.core().rearmed(*cleared, begun_, person.name);
    return cleared;
  }

 private:
  [[nodiscard]] killswitch::Latch& latch() const { return played_.core().floor().latch; }
  [[nodiscard]] std::int64_t now_ns() const { return played_.core().floor().clock.utc.ns; }
  [[nodiscard]] killswitch::RearmFacts facts(std::uint64_t kill_id) const {
    killswitch::RearmFacts all;
    for (const auto& kill : played_.core().floor().kills)
      if (kill.id == kill_id) all.residual = played_.core().still_alive(kill);
    all.running = all.approved = played_.core().identity();
    return all;
  }
  Played& played_;
  killswitch::Rearm rearm_;
  killswitch::RearmRequest begun_;
};

struct Said {
  Kind kind;
  std::string actor, before, after, text;
};

// What a request left behind, of these kinds.
class Office {
 public:
  Office() : desk_(played), api_(config(), desk_, {}, [this] { return now_ns(); }) {
    api_.add_host("here");
    played.stage->parent("P-1", "ACC", "ACME", "buy", "5000");
    played.stage->price("ACME", "10.00");
  }
  // The answer's object; what was appended meanwhile is in `said`.
  boost::json::object send(const std::string& method, const std::string& target,
                           const std::string& body, std::string_view token = ann_token,
                           const std::string& type = "application/json") {
    asked.emplace(method, target);
    const std::uint64_t first = played.core().floor().journal.next_sequence();
    console::Request request;
    request.method = method;
    request.target = target;
    request.host = "here";
    request.authorization = "Bearer " + std::string(token);
    request.content_type = type;
    request.body = body;
    const console::Answer answer = api_.answer(request);
    CAPTURE(target);
    CAPTURE(answer.body);
    CHECK(answer.status / 100 == 2);
    said.clear();
    const auto read = played.core().floor().journal.replay([&](const audit::Record& record) {
      if (record.location.sequence < first) return;
      const audit::FieldReader fields(record.payload);
      const auto text = [&](Field field) { return std::string(fields.text(field).value_or("")); };
      const std::string actor = text(Field::actor);
      said.push_back({record.kind, actor.empty() ? std::string(record.actor) : actor,
                      text(Field::before), text(Field::after), text(Field::text)});
    });
    CHECK(read);
    if (answer.content_type != "application/json") return {};
    return boost::json::parse(answer.body).as_object();
  }
  // One record of that kind tells who changed it, what it was and what it is.
  void check(Kind kind, const std::string& actor, const std::string& before,
             const std::string& after, const std::string& text = "") const {
    const auto found = std::ranges::find(said, kind, &Said::kind);
    CAPTURE(audit::name(kind));
    REQUIRE(found != said.end());
    CHECK(found->actor == actor);
    CHECK(found->before == before);
    CHECK(found->after == after);
    if (!text.empty()) CHECK(found->text == text);
  }

  Played played;
  std::vector<Said> said;
  std::set<std::pair<std::string, std::string>> asked;

 private:
  [[nodiscard]] const config::Config& config() const { return played.core().floor().config; }
  [[nodiscard]] std::int64_t now_ns() const { return played.core().floor().clock.utc.ns; }
  OneThread desk_;
  console::Api api_;
};

void change_parents(Office& office) {
  office.send("POST", "/api/v1/parents",
              R"({"parent":"P-9","account":"ACC","symbol":"ACME","side":"buy","size":"700"})");
  office.check(Kind::parent, "ann", "none", "700");
  const std::string target = "/api/v1/parents/change";
  office.send("POST", target,
              R"({"action":"resize","parent":"P-9","quantity":"600","reason":"less"})");
  office.check(Kind::parent_change, "ann", "700", "600", "less");
  office.send("POST", target,
              R"({"action":"executed","parent":"P-9","quantity":"50","reason":"phone"})");
  office.check(Kind::parent_change, "ann", "0", "50", "phone");
  office.send("POST", target, R"({"action":"cancel","parent":"P-9","reason":"done"})");
  office.check(Kind::parent_change, "ann", "open", "cancelled", "done");
}

void change_policy(Office& office) {
  const auto proposed =
      office.send("POST", "/api/v1/policy",
                  R"({"action":"raise","scope":"account","id":"ACC","key":"max_order_notional",)"
                  R"("value":"7 K USD","for_s":60,"reason":"once"})");
  office.check(Kind::proposal, "ann", "5 K USD", "7 K USD", "once");
  office.send("POST", "/api/v1/policy",
              fmt::format(R"({{"action":"approve","proposal":{}}})", proposed.at("id").as_int64()),
              bob_token);
  office.check(Kind::raise, "ann and bob", "5 K USD", "7 K USD", "once");
}

void see_to_orders(Office& office) {
  office.played.order("big", "1001");
  office.send("POST", "/api/v1/release", R"({"router":"R1","cl_ord_id":"big","reason":"ours"})");
  office.check(Kind::release, "ann", "refused", "the next like it passes once", "ours");
  office.send("PUT", "/api/v1/prices",
              R"({"prices":[{"symbol":"ACME","price":"10.50","as_of":"2026-01-05T14:30:00Z"}]})");
  office.check(Kind::prices, "ann", "10", "", "ann");
  office.played.core().floor().alert("interlock", {gateway::Severity::warning, "odd", {}, "odd"});
  const auto id = office.played.core().floor().alerts.find_open("odd", {})->id;
  office.send("POST", "/api/v1/alerts",
              fmt::format(R"({{"action":"acknowledge","id":{},"reason":"seen"}})", id));
  office.check(Kind::acknowledgement, "ann", "open", "acknowledged", "seen");
  office.send("POST", "/api/v1/record",
              R"({"subject":"control-test","text":"tried","result":"passed",)"
              R"("controls":["order-qty"],"figures":[{"name":"orders","value":"12"}]})");
  office.check(Kind::statement, "ann", "none", "control-test", "tried");
}

void set_numbers(Office& office) {
  office.played.stage->link("R2", false);
  const std::string target = "/api/v1/sessions/sequence";
  const auto proposed =
      office.send("POST", target,
                  R"({"action":"set","session":"R2","next_in":9,"next_out":7,"reason":"lost"})");
  office.check(Kind::proposal, "ann", "next_in 2, next_out 2", "next_in 9, next_out 7", "lost");
  office.send("POST", target,
              fmt::format(R"({{"action":"approve","proposal":{}}})", proposed.at("id").as_int64()),
              bob_token);
  office.check(Kind::sequence, "ann and bob", "next_in 2, next_out 2", "next_in 9, next_out 7",
               "set by two people: lost");
}

void kill_and_rearm(Office& office) {
  office.played.order("open", "100");
  office.played.report("open", "0", "0", "0", "100");
  office.send("POST", "/api/v1/kill", R"({"scope":"router","id":"R2","reason":"odd"})");
  office.check(Kind::kill, "ann", "armed", "kill", "odd");
  office.send("POST", "/api/v1/kill", R"({"level":"block","reason":"drill"})");
  office.check(Kind::kill, "ann", "armed", "block", "drill");
  office.played.wire_button();
  office.send("POST", "/api/v1/button", R"({"button":"rack"})");
  office.check(Kind::drill, "ann", "a press kills", "a press is the drill's");
  const auto killed = office.send("POST", "/api/v1/kill", R"({"reason":"all"})");
  office.check(Kind::kill, "ann", "block", "kill", "all");
  office.send("POST", "/api/v1/cancel",
              fmt::format(R"({{"kill_id":{}}})", killed.at("kill_id").as_int64()));
  office.check(Kind::gateway_message, "ann", "not confirmed dead", "cancelled again");
  office.played.report("open", "4", "0", "0", "0");
  office.send("POST", "/kill", fmt::format("token={}&scope=router&id=R1&sure=yes", ann_token), "",
              "application/x-www-form-urlencoded");
  office.check(Kind::kill, "ann", "kill", "kill", "by the form without a script");
  office.send("POST", "/api/v1/cut", R"({"venue":"X"})");
  office.check(Kind::cut, "ann", "connected", "cut off");
  const std::string identity = office.played.core().identity();
  const auto id = killed.at("kill_id").as_int64();
  office.send("POST", "/api/v1/rearm",
              fmt::format(R"({{"action":"begin","kill_id":{},"reason":"clear"}})", id));
  office.check(Kind::proposal, "ann", identity, identity, "clear");
  office.send("POST", "/api/v1/rearm", fmt::format(R"({{"action":"approve","kill_id":{}}})", id),
              bob_token);
  office.check(Kind::rearm, "ann and bob", identity, identity, "clear");
}

TEST_CASE("api: each way to change anything leaves who, what it was and what it is on record") {
  Office office;
  change_parents(office);
  change_policy(office);
  see_to_orders(office);
  set_numbers(office);
  kill_and_rearm(office);
  // Whatever is added to the API is asked here, too.
  std::set<std::pair<std::string, std::string>> all;
  for (const auto& [method, target] : console::Api::changes())
    all.emplace(std::string(method), std::string(target));
  CHECK(office.asked == all);
}

}  // namespace
}  // namespace interlock::scenarios

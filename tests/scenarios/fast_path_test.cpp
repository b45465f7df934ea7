// The fast path against the session engine: two cores hear the same streams, one of them takes
// nothing past its engine, and both must say the same bytes and write the same journal.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gateway/core.hpp"
#include "scenarios/stage.hpp"
#include "scenarios/words.hpp"
#include "tests/source.hpp"

namespace interlock::gateway {

struct EngineOnly {
  static void from_here_on(Leg& leg) {
    leg.unusual_to_ = std::numeric_limits<std::uint32_t>::max();
  }
  static bool was_passed_by(const Leg& leg) { return leg.heard_aside_ns_ != 0; }
};

}  // namespace interlock::gateway

namespace interlock::scenarios {
namespace {

using gateway::EngineOnly;
// What may be wrong with a frame, or strange about it; the same for both cores.
enum class Change : std::uint8_t {
  none,
  ahead,
  behind,
  again,
  again_without_122,
  not_again,
  other_sender,
  other_target,
  stale,
  no_time,
  passed_header,
  resent,
  without_a_field,
  field_twice,
  other_byte,
  garbled,
  other_begin,
  lost,
  twice,
  in_two,
  last
};

// Changes the one frame that `out` ends with.
void apply(Change change, std::uint32_t where, std::string& out, std::size_t begin) {
  std::string frame = out.substr(begin);
  out.erase(begin);
  Words words = words_of(frame);
  std::string* number = find(words, "34=");
  const auto put = [&](const char* after, const std::string& word) {
    const auto at =
        std::ranges::find_if(words, [&](auto& each) { return each.starts_with(after); });
    words.insert(at + 1, word);
  };
  const auto shift = [&](int by) {
    *number = fmt::format("34={}", std::max(1, std::stoi(number->substr(3)) + by));
  };
  const std::size_t some = 3 + where % (words.size() - 4);
  switch (change) {
    case Change::ahead:
      shift(1 + static_cast<int>(where % 3));
      break;
    case Change::behind:
      shift(-1 - static_cast<int>(where % 3));
      break;
    case Change::again:
      put("56=", "43=Y"), put("43=", "122=20260105-14:30:00");
      break;
    case Change::again_without_122:
      put("56=", "43=Y");
      break;
    case Change::not_again:
      put("56=", "43=N");
      break;
    case Change::other_sender:
      *find(words, "49=") = "49=NOBODY";
      break;
    case Change::other_target:
      *find(words, "56=") = "56=NOBODY";
      break;
    case Change::stale:
      *find(words, "52=") = "52=20010911-08:46:40";
      break;
    case Change::no_time:
      *find(words, "52=") = "52=yesterday";
      break;
    case Change::passed_header:
      put("56=", where % 2 == 0 ? "50=desk" : "115=client"), put("56=", "57=x"),
          put("56=", "128=y");
      break;
    case Change::resent:
      put("56=", "97=Y");
      break;
    case Change::without_a_field:
      words.erase(words.begin() + static_cast<long>(some));
      break;
    case Change::field_twice:
      words.insert(words.begin() + static_cast<long>(some), words[some]);
      break;
    case Change::other_byte:
      words[some].back() = static_cast<char>('0' + where % 70);
      break;
    case Change::other_begin:
      words[0] = "8=FIX.4.2";
      break;
    default:
      break;
  }
  if (change != Change::none) frame = sealed(words);
  if (change == Change::garbled) frame[20 + where % (frame.size() - 20)] ^= 1;
  if (change == Change::lost) return;
  out += frame;
  if (change == Change::twice) out += frame;
}

class Two {
 public:
  explicit Two(const std::string& config) {
    for (auto& each : stages_) {
      each = in_process(tests::source_dir() / "tests/scenarios/configs", config);
      each->parent("P-1", "ACC", "ACME", "buy", "1000000");
    }
  }
  void both(const std::function<void(Stage&)>& act) {
    std::string said[2];
    for (int i = 0; i < 2; ++i) {
      if (i == 1)
        for (gateway::Leg* leg : core_of(*stages_[i]).floor().legs) EngineOnly::from_here_on(*leg);
      try {
        act(*stages_[i]);
      } catch (const std::exception& problem) {
        said[i] = problem.what();
      }
    }
    CHECK(said[0] == said[1]);
  }
  void say(const std::string& who, const std::string& type, const Fields& fields,
           Change change = Change::none, std::uint32_t where = 0) {
    both([&](Stage& stage) {
      Player& player = stage.player(who);
      const std::size_t begin = player.out.size();
      player.send(type, fields);
      apply(change, where, player.out, begin);
      if (change == Change::ahead) player.goes_on_at(player.next_out() + 1 + where % 3);
      if (change == Change::in_two) {
        const std::string frame = std::exchange(player.out, {});
        player.out = frame.substr(0, 1 + where % (frame.size() - 1));
        stage.said(player);
        player.out += frame.substr(1 + where % (frame.size() - 1));
      }
      if (where % 5 != 4) stage.said(player);  // else it goes with the next one
    });
  }
  // Where the journals and what the players have heard differ; empty: nowhere.
  std::string difference() {
    const std::vector<std::string> fast = told(*stages_[0]), engine = told(*stages_[1]);
    for (std::size_t i = 0; i < std::max(fast.size(), engine.size()); ++i) {
      const std::string none = "nothing";
      const std::string& is = i < fast.size() ? fast[i] : none;
      const std::string& was = i < engine.size() ? engine[i] : none;
      if (is != was) return fmt::format("record {}\n  fast   {}\n  engine {}", i, is, was);
    }
    return {};
  }
  Stage& fast() { return *stages_[0]; }
  std::size_t records() { return told(*stages_[0]).size(); }

 private:
  static std::vector<std::string> told(Stage& stage) {
    std::vector<std::string> all;
    gateway::Floor& floor = core_of(stage).floor();
    const auto read = floor.journal.replay([&](const audit::Record& record) {
      std::string text =
          fmt::format("{} {} {}", static_cast<int>(record.kind), record.time_ns, record.actor);
      const auto items = audit::FieldReader(record.payload).items();
      REQUIRE(items.has_value());
      for (const auto& item : *items) {
        if (item.field == audit::Field::instance) continue;
        text += fmt::format(" {}=", name(item.field));
        for (const char each : item.bytes)
          text += each < ' ' || each > '~' ? fmt::format("<{}>", static_cast<int>(each))
                                           : std::string(1, each);
      }
      const std::string own = journal_of(stage).parent_path();  // its directory
      if (const auto at = text.find(own); at != text.npos) text.erase(at, own.size());
      all.push_back(std::move(text));
    });
    REQUIRE(read.has_value());
    for (Player* player : stage.players())
      for (const Heard& heard : player->inbox) all.push_back(gateway::readable(heard.frame));
    for (const gateway::Leg* leg : floor.legs)
      all.push_back(fmt::format("{} {} {} {} {}", leg->id(), leg->messages_in(),
                                leg->messages_out(), leg->written_to(), leg->on()));
    all.push_back(fmt::format("books {}", floor.books.digest()));
    for (const auto& [router, count] : floor.counters.passed_by_router)
      all.push_back(fmt::format("{} passed {}", router, count));
    for (const auto& [router, count] : floor.counters.refused_by_router)
      all.push_back(fmt::format("{} refused {}", router, count));
    return all;
  }

  std::unique_ptr<Stage> stages_[2];
};

Fields order(const std::string& id, std::uint32_t quantity) {
  return {{11, id},     {526, "P-1"}, {1, "ACC"},
          {55, "ACME"}, {54, "1"},    {38, std::to_string(quantity)},
          {40, "2"},    {44, "10"}};
}

Fields report(const std::string& id, std::uint32_t number, bool is_fill) {
  return {{37, "v" + id},
          {17, fmt::format("e{}", number)},
          {150, is_fill ? "F" : "0"},
          {39, is_fill ? "1" : "0"},
          {11, id},
          {55, "ACME"},
          {54, "1"},
          {32, is_fill ? "1" : "0"},
          {31, "10"},
          {151, "1"},
          {14, is_fill ? "1" : "0"},
          {6, "10"}};
}

// One step of a random stream.
class Stream {
 public:
  Stream(std::uint64_t seed, const std::string& config) : random_(seed), two_(config) {}

  std::string run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    two_.both([](Stage& stage) { stage.quiet(); });
    return two_.difference();
  }
  [[nodiscard]] std::size_t records() { return two_.records(); }

 private:
  void step() {
    const std::uint32_t what = below(100);
    if (what < 35) return talk("R1");
    if (what < 60) return talk("X");
    if (what < 68) return two_.say("R1", "D", order(fresh(), 1));
    if (what < 75) return session();
    if (what < 90) {
      const std::int64_t pause = one_of<std::int64_t>({1, 20, 300, 1'000, 11'000, 31'000});
      return two_.both([&](Stage& stage) { stage.advance(pause); });
    }
    if (what < 94) return two_.both([](Stage& stage) { stage.price("ACME", "10.00"); });
    if (what < 95) return two_.both([](Stage& stage) { stage.kill("router", "R1", "kill"); });
    if (what < 98) return two_.both([](Stage& stage) { stage.rearm(); });
    const std::string who = one_of<const char*>({"R1", "X"});
    two_.both([&](Stage& stage) { stage.link(who, false); });
    two_.both([&](Stage& stage) { stage.link(who, true); });
  }
  void talk(const std::string& who) {
    const bool is_router = who == "R1";
    const bool is_plain = below(3) != 0;
    const auto change = is_plain
                            ? Change::none
                            : static_cast<Change>(below(static_cast<std::uint32_t>(Change::last)));
    const std::uint32_t kind = below(10);
    std::string type = is_router ? "D" : "8";
    Fields fields =
        is_router ? order(fresh(), 1 + below(3)) : report(known(), ++said_, below(2) == 0);
    if (is_router && kind > 6) {
      type = kind == 9 ? "F" : "G";
      fields.push_back({41, known()});
      if (type == "F")
        std::erase_if(fields, [](auto& each) { return each.first == 40 || each.first == 44; });
    }
    if (!is_router && kind == 9) {
      type = "9";
      fields = {{37, "v"}, {11, known()}, {41, known()}, {39, "0"}, {434, "1"}, {102, "0"}};
    }
    two_.say(who, type, fields, change, below(1'000));
  }
  void session() {
    const std::string who = one_of<const char*>({"R1", "X"});
    const std::uint32_t what = below(9);
    const std::uint32_t where = below(1'000);
    const auto change = below(4) == 0 ? Change::other_byte : Change::none;
    if (what == 0) return two_.say(who, "0", {}, change, where);
    if (what == 1) return two_.say(who, "1", {{112, "ARE YOU THERE"}}, change, where);
    if (what == 2) return two_.say(who, "2", {{7, "1"}, {16, "0"}}, change, where);
    if (what == 3) return two_.say(who, "3", {{45, "2"}, {58, "no"}}, change, where);
    if (what == 4) return two_.say(who, "5", {}, change, where);
    if (what == 5) return two_.say(who, "A", {{98, "0"}, {108, "30"}}, change, where);
    if (what == 6) return two_.say(who, "A", {{98, "0"}, {108, "30"}, {141, "Y"}}, change, where);
    // A gap that is filled, and numbers that begin elsewhere.
    two_.both([&](Stage& stage) {
      Player& player = stage.player(who);
      const std::uint32_t next = player.next_out() + 1 + where % 5;
      player.send("4", {{123, what == 7 ? "Y" : "N"}, {36, std::to_string(next)}});
      player.goes_on_at(next);
      stage.said(player);
    });
  }
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  template <class Value>
  Value one_of(std::initializer_list<Value> values) {
    return values.begin()[below(static_cast<std::uint32_t>(values.size()))];
  }
  std::string fresh() { return fmt::format("o{}", ++orders_); }
  std::string known() { return fmt::format("o{}", 1 + below(orders_ + 1)); }

  std::mt19937_64 random_;
  Two two_;
  std::uint32_t orders_ = 0, said_ = 0;
};

}  // namespace

TEST_CASE("fast path: an ordinary message goes past the session engine, others do not") {
  Two two("pair");
  gateway::Core& core = core_of(two.fast());
  gateway::Leg& leg = *core.floor().routers[0];
  const auto goes_past = [&](Change change) {
    two.fast().quiet();
    Player& router = two.fast().player("R1");
    static int number = 0;
    router.send("D", order(fmt::format("n{}", ++number), 1));
    apply(change, 0, router.out, 0);
    core.received(leg, std::exchange(router.out, {}));
    return EngineOnly::was_passed_by(leg);
  };
  CHECK_FALSE(goes_past(Change::none));  // the engine has to see one behind the Logon
  CHECK(goes_past(Change::none));
  CHECK(goes_past(Change::passed_header));
  CHECK_FALSE(goes_past(Change::again));
  CHECK_FALSE(goes_past(Change::none));  // the engine has to see that all is well again
  CHECK(goes_past(Change::none));
  CHECK_FALSE(goes_past(Change::ahead));
}

TEST_CASE("fast path: nobody is in his turn before his Logon") {
  Two two("pair");
  two.say("R1", "D", order("o1", 1));
  two.both([](Stage& stage) {
    stage.link("X", false);
    stage.player("X").mute = true;  // our Logon stays without an answer
    stage.link("X", true);
    stage.player("X").mute = false;
  });
  two.say("X", "8", report("o1", 1, true));
  CHECK_MESSAGE(two.difference().empty(), two.difference());
  CHECK_FALSE(core_of(two.fast()).floor().venues[0]->on());
}

TEST_CASE("fast path: the same verdicts, bytes and records as through the session engine") {
  for (const std::string config : {"pair", "shared"}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(config);
      CAPTURE(seed);
      Stream stream(seed, config);
      const std::string difference = stream.run(300);
      CHECK_MESSAGE(difference.empty(), difference);
      CHECK(stream.records() > 200);
    }
  }
}

}  // namespace interlock::scenarios

// One seeded world: routers, venues, parents, what goes wrong between them, and the books in the
// middle, which are compared with the model and with the truth after each event.
#pragma once

#include <deque>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "risk/books.hpp"
#include "risk/decide.hpp"
#include "simulation/chance.hpp"
#include "simulation/failure.hpp"
#include "simulation/model.hpp"
#include "simulation/venue.hpp"

namespace interlock::simulation {

// What a world came across, so that a test can say that none of it is missing.
struct Tally {
  std::uint32_t entered = 0, refused = 0, full_parents = 0, reports = 0, duplicates = 0;
  std::uint32_t overtaken = 0, busts = 0, rolls = 0, restarts = 0, anomalies = 0;
  std::uint32_t sells = 0, replaces = 0, lost = 0, late = 0;  // late: by a day
  Tally& operator+=(const Tally& other);
};

class World {
 public:
  // `out`: where each event is told; nullptr: nowhere.
  explicit World(std::uint64_t seed, std::ostream* out = nullptr);
  // Throws Failure where books, model and truth do not agree.
  Tally run();

 private:
  struct Refused {
    risk::Request request;
    risk::Breach breach;
  };
  struct Entry {
    risk::Time at;
    std::variant<Event, Refused> what;
  };

  void step();
  void ask(const risk::Request& request);
  void send(const risk::Request& request);
  void judge(const risk::Request& request, const risk::Verdict& verdict);
  risk::Learned happen(Event event);
  void deliver(std::size_t at);
  void deliver_again();
  void learn(const Flight& flight, bool is_again);
  void never_left(TrueOrder& order);
  void use_desk();
  void collect(Venue& venue);
  void roll_day();
  void begin_day();
  void restart();
  void finish();

  [[nodiscard]] risk::NewOrder some_order();
  void count(const risk::Request& request);
  [[nodiscard]] const TrueOrder* some_sent();
  [[nodiscard]] std::string fresh() { return "o" + std::to_string(++named_); }
  [[nodiscard]] risk::Verdict decide(const risk::Books& books, const risk::Request& request,
                                     risk::Time at) const;
  risk::Learned apply(risk::Books& books, const Event& event) const;
  [[nodiscard]] risk::Books new_books() const;

  [[nodiscard]] Model model() const;
  void compare();
  void compare_order(const Order& expected, std::size_t number) const;
  void compare_gross(const Model& model) const;
  void covers_truth() const;
  void is_exact() const;
  void demand(bool holds, const std::string& what) const;
  void tell(const std::string& what) const;

  std::uint64_t seed_;
  std::ostream* out_;
  Chance chance_;
  bool overtakes_;
  risk::Directory directory_;
  risk::Limits limits_;
  risk::References references_;
  risk::Books books_;
  risk::Time now_;
  std::vector<risk::ParentDeclaration> parents_;
  std::vector<Venue> venues_;
  std::deque<TrueOrder> orders_;
  std::vector<std::size_t> lost_;
  std::deque<Flight> in_flight_;
  std::vector<Flight> delivered_, delivered_before_roll_;
  Events events_;
  std::vector<Entry> journal_;
  std::int64_t quarantined_ = 0;
  std::uint32_t named_ = 0;
  Tally tally_;
};

}  // namespace interlock::simulation

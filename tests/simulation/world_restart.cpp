// The journal of a world: how its events change books, and what a restart makes of it.
#include "simulation/told.hpp"
#include "simulation/world.hpp"

namespace interlock::simulation {

risk::Learned World::apply(risk::Books& books, const Event& event) const {
  risk::Learned learned;
  const auto declare = [&](const Sized& sized) {
    risk::ParentDeclaration parent = parents_.at(sized.parent.value);
    parent.size = sized.size;
    demand(books.declare(parent, event.at) == risk::Declared::added, "a parent is not added");
  };
  std::visit(
      [&]<class What>(const What& what) {
        if constexpr (std::is_same_v<What, risk::Request>) {
          books.enter(what, event.at);
        } else if constexpr (std::is_same_v<What, risk::Report>) {
          learned = books.learn(what, event.at);
        } else if constexpr (std::is_same_v<What, Priced>) {
          risk::References references;
          for (const risk::Price price : what.by_symbol) {
            references.by_symbol.push_back(risk::ReferencePrice{price, event.at});
          }
          books.mark(references);
        } else if constexpr (std::is_same_v<What, Rolled>) {
          books.roll_day(event.at);
        } else if constexpr (std::is_same_v<What, Loaded>) {
          books.load_position(what.account, what.symbol, what.position, risk::Price::of(100));
        } else if constexpr (std::is_same_v<What, Located>) {
          books.load_locate(what.account, what.symbol, what.shares);
        } else if constexpr (std::is_same_v<What, Sized>) {
          if (what.is_first) return declare(what);
          (void)books.resize(what.parent, what.size, risk::ParentSource::tee, event.at);
        } else if constexpr (std::is_same_v<What, Cancelled>) {
          books.cancel_parent(what.parent, event.at);
        } else {
          (void)books.report_executed(what.parent, what.quantity, event.at);
        }
      },
      event.what);
  return learned;
}

// The books as a restart makes them of the journal, and the same verdicts.
void World::restart() {
  ++tally_.restarts;
  risk::Books rebuilt = new_books();
  const risk::References as_they_are = references_;
  for (const Entry& entry : journal_) {
    if (const auto* refused = std::get_if<Refused>(&entry.what)) {
      const risk::Verdict verdict = decide(rebuilt, refused->request, entry.at);
      demand(!verdict.may_go() && verdict.breach->fact == refused->breach.fact,
             "the verdict of " + told(refused->request) + " differs after a restart");
      rebuilt.refuse(refused->request, refused->breach, entry.at);
      continue;
    }
    const Event& event = std::get<Event>(entry.what);
    if (const auto* priced = std::get_if<Priced>(&event.what)) {
      for (std::size_t i = 0; i < priced->by_symbol.size(); ++i) {
        references_.by_symbol[i] = risk::ReferencePrice{priced->by_symbol[i], entry.at};
      }
    }
    if (const auto* request = std::get_if<risk::Request>(&event.what)) {
      demand(decide(rebuilt, *request, entry.at).may_go(),
             "the verdict of " + told(*request) + " differs after a restart");
    }
    apply(rebuilt, event);
  }
  references_ = as_they_are;
  demand(rebuilt.digest() == books_.digest(), "the books differ after a restart");
  books_ = std::move(rebuilt);
  tell("restarted");
}

}  // namespace interlock::simulation

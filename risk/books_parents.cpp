// The parents in the books: who may say how large one is, and when it is complete.
#include <algorithm>
#include <utility>

#include "risk/books_state.hpp"

namespace interlock::risk {
namespace {

// A new size: what the old one held against the routers is over.
void put_size(Books::State& state, ParentId id, Quantity size, ParentSource source, Time now) {
  ParentRecord& parent = *state.declared(id);
  note_resized(state, id, parent.shown->size, size);
  const bool is_raise = size > parent.shown->size;
  parent.shown->size = size;
  if (trust_in(source) > trust_in(parent.shown->source)) parent.shown->source = source;
  parent.complete_at.reset();
  note_complete(parent, now);
  if (parent.open == 0 && !is_raise) parent.idle_at = now;  // nobody could know it before
  if (!is_raise) return;
  for (ParentRouter& router : parent.routers) router.refused_at.reset();
}

void add_parent(ParentRecord& record, const ParentDeclaration& declaration) {
  Parent& parent = record.shown.emplace();
  parent.account = declaration.account;
  parent.symbol = declaration.symbol;
  parent.side = declaration.side;
  parent.size = declaration.size;
  parent.source = declaration.source;
}

}  // namespace

Wide ParentRecord::executed() const { return std::max<Wide>(cum, shown->reported.raw()); }

bool note_complete(ParentRecord& parent, Time now) {
  if (parent.complete_at || parent.executed() < parent.shown->size.raw()) return false;
  parent.complete_at = now;
  return true;
}

const ParentRecord* Books::State::declared(ParentId parent) const {
  const ParentRecord* record = entry(parents, parent);
  return record && record->shown ? record : nullptr;
}

ParentRecord* Books::State::declared(ParentId parent) {
  return const_cast<ParentRecord*>(std::as_const(*this).declared(parent));
}

Declared Books::declare(const ParentDeclaration& declaration, Time now) {
  const bool is_usable =
      declaration.account.known() && declaration.symbol.known() && declaration.size.is_positive();
  ParentRecord* record = is_usable ? grown(state_->parents, declaration.parent) : nullptr;
  if (!record) return Declared::conflict;
  if (!record->shown) {
    add_parent(*record, declaration);
    record->attempts.remember(state_->parent_memory);
    return Declared::added;
  }
  const Parent& known = *record->shown;
  if (known.account != declaration.account || known.symbol != declaration.symbol ||
      known.side != declaration.side) {
    return Declared::conflict;
  }
  const bool is_same = known.size == declaration.size;
  if (trust_in(declaration.source) > trust_in(known.source)) {
    put_size(*state_, declaration.parent, declaration.size, declaration.source, now);
    return is_same ? Declared::same : Declared::resized;
  }
  return is_same ? Declared::same : Declared::conflict;
}

Resized Books::resize(ParentId parent, Quantity size, ParentSource source, Time now) {
  ParentRecord* record = state_->declared(parent);
  if (!record) return Resized::unknown_parent;
  if (!size.is_positive() || source == ParentSource::child_tag) return Resized::refused;
  const Parent& known = *record->shown;
  if (size == known.size) return Resized::same;
  if (size > known.size && trust_in(source) < trust_in(known.source)) return Resized::refused;
  put_size(*state_, parent, size, source, now);
  return Resized::resized;
}

Quantity Books::report_executed(ParentId parent, Quantity executed, Time now) {
  ParentRecord* record = state_->declared(parent);
  if (!record) return {};
  record->shown->reported = std::max(record->shown->reported, executed);
  note_complete(*record, now);
  return narrow<Quantity>(std::max<Wide>(0, record->shown->reported.raw() - record->cum));
}

void Books::cancel_parent(ParentId parent, Time now) {
  ParentRecord* record = state_->declared(parent);
  if (!record || record->shown->cancelled) return;
  record->shown->cancelled = true;
  record->cancelled_at = now;
}

const Parent* Books::parent(ParentId id) const {
  const ParentRecord* record = state_->declared(id);
  return record ? &*record->shown : nullptr;
}

}  // namespace interlock::risk

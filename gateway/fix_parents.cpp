#include "gateway/fix_parents.hpp"

#include <algorithm>

#include "gateway/list.hpp"

namespace interlock::gateway {
namespace {

using risk::Quantity;

// Tags that routers often name parents by.
constexpr Tag usual_parent_tags[] = {526, 583, 1080, 109};

// Of versions that have no dialect here the next one reads as much.
const config::Dialect& dialect_of(std::string_view frame) {
  const auto begins = [&](std::string_view version) {
    return frame.substr(2).starts_with(version);
  };
  if (begins("FIXT") || begins("FIX.5")) return config::built_in("FIX.5.0SP2");
  if (begins("FIX.4.3") || begins("FIX.4.4")) return config::built_in("FIX.4.4");
  return config::built_in("FIX.4.2");
}

std::string text(const Parsed& message, Tag tag) {
  return std::string(message.get(tag).value_or(""));
}

Quantity quantity(const Parsed& message, Tag tag) {
  const auto read = Quantity::parse(message.get(tag).value_or(""));
  return read && read->raw() > 0 ? *read : Quantity{};
}

bool is_fill(std::string_view exec_type) {
  return exec_type == "1" || exec_type == "2" || exec_type == "F";
}
// Done for day may go on tomorrow, a suspended one later: they stay open, at worst.
bool has_ended(std::string_view status) {
  return status == "4" || status == "8" || status == "C" || status == "2";
}

}  // namespace

bool ParentSheet::is_flagged() const {
  return beyond + repeated_ids + orphans > 0 || over_orders.is_positive() ||
         (size && filled > *size);
}

Quantity FixParents::Child::most() const {
  return replacing ? std::max(quantity, *replacing) : quantity;
}

Quantity FixParents::Child::worst() const { return has_ended ? filled : std::max(most(), filled); }

void FixParents::take(std::string_view frame) {
  ++messages_;
  if (!lines_.insert(std::hash<std::string_view>{}(frame)).second) {
    ++repeated_lines_;  // the same bytes, numbers and times included: another copy of the log
    return;
  }
  const Lenient read = parse_lenient(frame, dialect_of(frame));
  const Parsed& message = read.parsed;
  const Hop hop{text(message, 49), text(message, 56)};
  const auto is_asked = [&](const std::string& id) { return settings_.comp_ids.contains(id); };
  if (!settings_.comp_ids.empty() && !is_asked(hop.sender) && !is_asked(hop.target)) return;
  const std::string time = text(message, 52);
  if (message.type == "E") {
    for (const Parsed& entry : entries_in(message)) request(entry, hop, time);
  } else if (message.type == "D" || message.type == "G" || message.type == "F") {
    request(message, hop, time);
  } else if (message.type == "8" || message.type == "9") {
    report(message, {hop.target, hop.sender}, time);
  }
}

std::size_t FixParents::sheet_of(const Parsed& message, std::string_view otherwise) {
  std::string name(otherwise);
  for (const Tag tag : settings_.parent_tags) {
    const auto value = message.get(tag);
    if (!value || value->empty()) continue;
    name = *value;
    break;
  }
  const auto [known, is_new] = by_parent_.emplace(name, sheets_.size());
  if (is_new) {
    ParentSheet sheet;
    const auto size = settings_.sizes.find(name);
    if (size != settings_.sizes.end()) sheet.size = size->second;
    sheet.parent = std::move(name);
    sheets_.push_back(std::move(sheet));
    fitted_.emplace_back();
  }
  return known->second;
}

ParentSheet& FixParents::seen(std::size_t index, const Parsed& message, std::string_view time) {
  ParentSheet& sheet = sheets_[index];
  if (sheet.first.empty()) sheet.first = time;
  if (!time.empty()) sheet.last = time;
  if (sheet.symbol.empty()) sheet.symbol = text(message, 55);
  if (sheet.side.empty()) sheet.side = text(message, 54);
  if (message.poss_dup || message.poss_resend) ++sheet.poss_dups;
  return sheet;
}

FixParents::Child* FixParents::find(const Hop& hop, std::string_view cl_ord_id) {
  const auto found = by_id_.find({hop, std::string(cl_ord_id)});
  return cl_ord_id.empty() || found == by_id_.end() ? nullptr : found->second;
}

// The same order on the next session of its way: from whom the one before went to.
FixParents::Child* FixParents::passed_on_from(const Parsed& message, const Hop& hop) {
  const auto same = by_cl_ord_id_.find(message.get(11).value_or(""));
  if (same == by_cl_ord_id_.end()) return nullptr;
  const auto found = std::ranges::find_if(same->second, [&](const Child* child) {
    return child->hop.target == hop.sender && child->hop != hop &&
           child->symbol == message.get(55).value_or("") &&
           child->side == message.get(54).value_or("");
  });
  return found == same->second.end() ? nullptr : *found;
}

void FixParents::count_tags(const Parsed& message) {
  for (const Tag tag : usual_parent_tags) {
    const auto value = message.get(tag);
    if (value && !tag_values_[tag].emplace(*value).second) ++shared_tags_[tag];
  }
}

void FixParents::request(const Parsed& message, const Hop& hop, std::string_view time) {
  if (Child* child = passed_on_from(message, hop)) {
    ++passed_on_;
    by_id_.emplace(std::pair(hop, text(message, 11)), child);
    return;
  }
  if (message.type == "D") return order(message, hop, time);
  Child* child = find(hop, message.get(41).value_or(""));
  if (child == nullptr) return;  // of an order before the log
  if (message.type == "G") return replace(message, hop, *child, time);
  ++seen(child->sheet, message, time).cancels;
  by_id_.emplace(std::pair(hop, text(message, 11)), child);
  by_cl_ord_id_[text(message, 11)].push_back(child);
}

void FixParents::order(const Parsed& message, const Hop& hop, std::string_view time) {
  const std::string id = text(message, 11);
  order_sessions_.insert(hop.sender + ">" + hop.target);
  if (const Child* known = find(hop, id)) {
    ParentSheet& sheet = seen(known->sheet, message, time);
    if (!message.poss_dup) ++sheet.repeated_ids;
    if (message.poss_dup) return;  // a resend is no order more
  }
  count_tags(message);
  const std::size_t index = sheet_of(message, id.empty() ? std::string_view("no ClOrdID") : id);
  ParentSheet& sheet = seen(index, message, time);
  Child& child = children_.emplace_back();
  child.sheet = index;
  child.hop = hop;
  child.symbol = text(message, 55);
  child.side = text(message, 54);
  child.quantity = quantity(message, 38);
  ++sheet.children;
  sheet.sent += child.quantity;
  judge(child, id, time, {});
  by_id_.insert_or_assign({hop, id}, &child);
  by_cl_ord_id_[id].push_back(&child);
}

// Does what it may execute now fit in its parent, as the books of a gateway would ask it?
void FixParents::judge(Child& child, std::string_view cl_ord_id, std::string_view time,
                       Quantity before) {
  ParentSheet& sheet = sheets_[child.sheet];
  Quantity& fitted = fitted_[child.sheet];
  if (!child.fitted) return;
  const Quantity would_be = fitted - before + child.worst();
  if (!sheet.size || would_be <= *sheet.size) {
    fitted = would_be;
    return;
  }
  child.fitted = false;
  ++sheet.beyond;
  if (!sheet.first_beyond.empty()) return;
  sheet.first_beyond = std::string(cl_ord_id) + (time.empty() ? "" : " at ") + std::string(time);
  sheet.would_be = would_be;
}

void FixParents::replace(const Parsed& message, const Hop& hop, Child& child,
                         std::string_view time) {
  ParentSheet& sheet = seen(child.sheet, message, time);
  const std::string id = text(message, 11);
  if (find(hop, id) != nullptr) return;  // a resend
  const Quantity before = child.worst();
  const Quantity most = child.most();
  ++sheet.replaces;
  child.replacing = quantity(message, 38);
  if (child.most() > most) sheet.sent += child.most() - most;
  judge(child, id, time, before);
  by_id_.emplace(std::pair(hop, id), &child);
  by_cl_ord_id_[id].push_back(&child);
}

void FixParents::report(const Parsed& message, const Hop& hop, std::string_view time) {
  Child* child = find(hop, message.get(11).value_or(""));
  if (child == nullptr) child = find(hop, message.get(41).value_or(""));
  const std::string_view kind = message.get(150).value_or("");
  if (child == nullptr) {
    if (message.type != "8" || !is_fill(kind)) return;
    ParentSheet& sheet = seen(sheet_of(message, "no order in the log"), message, time);
    ++sheet.orphans;
    sheet.filled += quantity(message, 32);
    return;
  }
  ParentSheet& sheet = seen(child->sheet, message, time);
  const Quantity before = child->worst();
  const Quantity over = child->filled - child->most();
  if (message.type == "9") {
    if (message.get(434) == "2") child->replacing.reset();
  } else {
    execution(message, hop, sheet, *child);
  }
  if (child->fitted) fitted_[child->sheet] += child->worst() - before;
  const Quantity over_now = child->filled - child->most();
  if (over_now > over && over_now.is_positive())
    sheet.over_orders += over_now - std::max(over, Quantity{});
}

void FixParents::execution(const Parsed& message, const Hop& hop, ParentSheet& sheet,
                           Child& child) {
  const std::string_view kind = message.get(150).value_or("");
  const std::string_view transaction = message.get(20).value_or("0");
  const bool corrects = kind == "G" || transaction == "2";
  const bool busts = kind == "H" || transaction == "1";
  const std::string id = text(message, 17);
  const Quantity last = quantity(message, 32);
  const bool counts = corrects || busts || (is_fill(kind) && transaction == "0");
  if (counts) {
    const auto known = child.executions.find(id);
    if (!id.empty() && known != child.executions.end()) {
      if (known->second.first == hop) ++sheet.repeated_executions;
      return;
    }
    if (corrects || busts) {
      const auto original = child.executions.find(message.get(19).value_or(""));
      if (original != child.executions.end()) {
        sheet.filled -= original->second.second;
        child.filled -= original->second.second;
        original->second.second = {};
      }
    }
    const Quantity executed = busts ? Quantity{} : last;
    child.executions.emplace(id, std::pair(hop, executed));
    child.filled += executed;
    sheet.filled += executed;
  }
  if (kind == "5" && child.replacing) {
    const Quantity said = quantity(message, 38);
    child.quantity = said.is_positive() ? said : *child.replacing;
    child.replacing.reset();
  }
  const std::string_view status = message.get(39).value_or("");
  if (kind == "8" && !child.has_ended) ++sheet.rejected;
  if (has_ended(status) && !child.replacing) child.has_ended = true;
  if (!child.is_silent && quantity(message, 14) > child.filled && !busts && !corrects) {
    child.is_silent = true;
    ++sheet.silent_executions;
  }
}

std::vector<ParentSheet> FixParents::sheets() const {
  std::vector<ParentSheet> all = sheets_;
  for (const Child& child : children_) all[child.sheet].open += child.worst() - child.filled;
  return all;
}

std::vector<std::string> FixParents::order_sessions() const {
  return {order_sessions_.begin(), order_sessions_.end()};
}

}  // namespace interlock::gateway

#include "audit/orders.hpp"

#include <cstring>

#include "audit/fields.hpp"
#include "audit/frame.hpp"

namespace interlock::audit {
namespace {

// Of a kind of scope, or a field, by its name; nullptr: it says nothing of a subject.
std::string_view Subject::*member_of(std::string_view named) {
  for (const auto& [name, member] : subject_names) {
    if (name == named) return member;
  }
  return nullptr;
}

std::string_view Subject::*member_of(Field field) {
  switch (field) {
    case Field::router:
    case Field::venue:
    case Field::account:
    case Field::symbol:
    case Field::parent:
    case Field::algo:
    case Field::trader:
    case Field::desk:
      return member_of(name(field));
    default:
      return nullptr;
  }
}

std::vector<std::string_view> values(std::string_view frame, unsigned tag) {
  std::vector<std::string_view> all;
  FrameFields fields(frame);
  while (const auto item = fields.next()) {
    if (item->tag == tag) all.push_back(item->value);
  }
  return all;
}

void fill(Subject& subject, const Subject& from) {
  for (const auto& [name, member] : subject_names) {
    if ((subject.*member).empty()) subject.*member = from.*member;
  }
}

bool is_request(std::string_view type) {
  return type == "D" || type == "G" || type == "F" || type == "E";
}
bool is_report(std::string_view type) { return type == "8" || type == "9"; }

// Of records that speak of the whole policy, or of every symbol: of nobody.
bool is_of_all(Kind kind) {
  return kind == Kind::policy || kind == Kind::prices || kind == Kind::day || kind == Kind::use;
}

// What a record that holds no order names: a parent, an order by its names, scopes.
void named_in(const std::vector<FieldReader::Item>& items, std::vector<Subject>& subjects) {
  Subject one;
  std::string_view scope_kind;
  for (const auto& item : items) {
    if (const auto member = member_of(item.field)) one.*member = item.bytes;
    if (item.field == Field::cl_ord_id) one.cl_ord_id = item.bytes;
    if (item.field == Field::scope_kind) scope_kind = item.bytes;
    if (item.field != Field::scope_id) continue;
    const auto member = member_of(scope_kind);
    if (member == nullptr) continue;
    if (!(one.*member).empty()) {
      subjects.push_back(one);
      one = {};
    }
    one.*member = item.bytes;
  }
  subjects.push_back(one);
}

}  // namespace

struct Orders::Message {
  Kind kind;
  const FieldReader& fields;
  const std::vector<FieldReader::Item>& items;
  std::string_view in, out;  // frames; empty: none
  std::string_view type;     // of `in`
  [[nodiscard]] std::string_view text(Field field) const { return fields.text(field).value_or(""); }
};

About Orders::take(const Record& record) {
  const FieldReader fields(record.payload);
  About about;
  const auto items = fields.items();
  if (!items) {
    about.subjects.emplace_back();
    return about;
  }
  const auto text = [&](Field field) { return fields.text(field).value_or(""); };
  const Message message{record.kind,
                        fields,
                        *items,
                        text(Field::in_frame),
                        text(Field::out_frame),
                        frame_value(text(Field::in_frame), 35)};
  about.message = message.type;
  about.session = text(Field::session);
  for (const auto frame : {Field::out_frame, Field::reply_frame}) {
    if (about.message.empty()) about.message = frame_value(text(frame), 35);
  }
  for (const auto session : {Field::out_session, Field::reply_session}) {
    if (about.session.empty()) about.session = text(session);
  }
  if (record.kind == Kind::router_message || record.kind == Kind::waiting)
    of_router(message, about);
  else if (record.kind == Kind::shadow_message && !is_report(message.type))
    of_router(message, about);
  else if (record.kind == Kind::shadow_message)
    of_copy(about.session, message.in, about);
  else if (record.kind == Kind::venue_message)
    of_venue(message, about);
  else if (record.kind == Kind::gateway_message)
    of_gateway(message, about);
  else if (record.kind == Kind::drop_copy)
    of_copy(frame_value(message.out, 115), message.out, about);
  else if (!is_of_all(record.kind))
    named_in(*items, about.subjects);
  if (about.subjects.empty()) about.subjects.emplace_back();
  return about;
}

void Orders::of_router(const Message& message, About& about) {
  const bool refused = message.fields.number(Field::reason).has_value();
  for (const auto& item : message.items) {
    if (item.field == Field::cl_ord_id) about.subjects.emplace_back().cl_ord_id = item.bytes;
    const auto member = member_of(item.field);
    if (member != nullptr && !about.subjects.empty()) about.subjects.back().*member = item.bytes;
  }
  const bool judged = !about.subjects.empty();
  if (!judged) {  // refused before that, or nothing that opens risk
    for (const auto id : values(message.in, 11)) about.subjects.emplace_back().cl_ord_id = id;
    if (about.subjects.empty()) about.subjects.emplace_back();
  }
  const bool one = message.type != "E";
  for (Subject& subject : about.subjects) {
    subject.router = about.session;
    subject.venue = message.text(Field::venue);
    if (message.type == "G" || message.type == "F")
      subject.orig_cl_ord_id = frame_value(message.in, 41);
    const auto known = by_router_.find({subject.router, subject.cl_ord_id});
    const auto orig = by_router_.find({subject.router, subject.orig_cl_ord_id});
    const bool passed = !refused && message.kind != Kind::waiting;
    if (passed) subject.venue_cl_ord_id = message.text(Field::venue_cl_ord_id);
    if (passed && is_request(message.type) && subject.venue_cl_ord_id.empty() &&
        !message.out.empty())
      subject.venue_cl_ord_id = subject.cl_ord_id;  // as in a list
    if (orig != by_router_.end() && !subject.orig_cl_ord_id.empty())
      fill(subject, *orig->second);
    else if (known != by_router_.end() && !(passed && message.type == "D"))
      fill(subject, *known->second);
    if (subject.first_cl_ord_id.empty()) subject.first_cl_ord_id = subject.cl_ord_id;
    if (one && subject.account.empty()) subject.account = frame_value(message.in, 1);
    if (one && subject.symbol.empty()) subject.symbol = frame_value(message.in, 55);
    // A refused one leaves the order alone that has its name.
    if (is_request(message.type) && !subject.cl_ord_id.empty() &&
        (passed || known == by_router_.end()))
      keep(subject, true, passed && judged);
  }
}

void Orders::of_venue(const Message& message, About& about) {
  const auto venue = about.session;
  auto ids = values(message.in, message.type == "j" ? 379 : 11);
  if (ids.empty()) ids.emplace_back();
  const auto order_id = frame_value(message.in, 37);
  for (const auto id : ids) {
    auto known = by_venue_.find({venue, id});
    if (known == by_venue_.end()) known = by_venue_.find({venue, frame_value(message.in, 41)});
    Subject& subject = about.subjects.emplace_back();
    subject.venue = venue;
    subject.venue_cl_ord_id = id;
    if (ids.size() == 1 && order_id != "NONE") subject.order_id = order_id;
    if (known == by_venue_.end()) {
      subject.router = message.text(Field::out_session);
      subject.account = frame_value(message.in, 1);
      subject.symbol = frame_value(message.in, 55);
      continue;
    }
    if (known->second->order_id != subject.order_id && !subject.order_id.empty())
      known->second->order_id = word(subject.order_id);
    fill(subject, *known->second);
  }
}

void Orders::of_gateway(const Message& message, About& about) {
  Subject subject;
  subject.router = message.text(Field::router);
  subject.cl_ord_id = message.text(Field::cl_ord_id);
  if (subject.cl_ord_id.empty()) {  // an answer of our own, news, a mass cancel
    const bool is_reply = message.fields.text(Field::reply_frame).has_value();
    if (!is_reply && message.text(Field::venue).empty())
      return of_copy(about.session, message.out, about);
    if (is_reply) return of_copy(about.session, message.text(Field::reply_frame), about);
  }
  subject.venue = message.text(Field::venue);
  subject.venue_cl_ord_id = message.text(Field::venue_cl_ord_id);
  const auto known = by_router_.find({subject.router, subject.cl_ord_id});
  if (known != by_router_.end()) fill(subject, *known->second);
  const bool is_own_cancel = about.message == "F";
  if (is_own_cancel) {
    subject.orig_cl_ord_id = subject.cl_ord_id;
    keep(subject, false, true);
  }
  about.subjects.push_back(subject);
}

void Orders::of_copy(std::string_view router, std::string_view frame, About& about) const {
  auto ids = values(frame, 11);
  if (ids.empty()) ids.emplace_back();
  for (const auto id : ids) {
    Subject& subject = about.subjects.emplace_back();
    subject.router = router;
    subject.cl_ord_id = id;
    subject.orig_cl_ord_id = frame_value(frame, 41);
    auto known = by_router_.find({router, id});
    if (known == by_router_.end()) known = by_router_.find({router, subject.orig_cl_ord_id});
    if (known != by_router_.end()) fill(subject, *known->second);
  }
}

void Orders::keep(const Subject& subject, bool at_router, bool at_venue) {
  Subject& kept = kept_.emplace_back(subject);
  for (const auto& [name, member] : subject_names) kept.*member = word(kept.*member);
  if (at_router) by_router_.insert_or_assign({kept.router, kept.cl_ord_id}, &kept);
  if (at_venue && !kept.venue_cl_ord_id.empty())
    by_venue_.insert_or_assign({kept.venue, kept.venue_cl_ord_id}, &kept);
}

std::string_view Orders::word(std::string_view text) {
  if (text.empty()) return {};
  if (const auto known = words_.find(text); known != words_.end()) return *known;
  auto* const bytes = static_cast<char*>(bytes_.allocate(text.size(), 1));
  std::memcpy(bytes, text.data(), text.size());
  return *words_.insert({bytes, text.size()}).first;
}

}  // namespace interlock::audit

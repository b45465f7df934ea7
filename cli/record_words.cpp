#include "cli/record_words.hpp"

#include <fmt/format.h>

#include "audit/fields.hpp"
#include "audit/frame.hpp"
#include "audit/print.hpp"
#include "cli/fix_words.hpp"
#include "config/tag_names.hpp"
#include "killswitch/latch.hpp"
#include "risk/verdict.hpp"

namespace interlock::cli {
namespace {

using audit::Field;
using audit::FieldReader;
using audit::frame_value;
using audit::Kind;

std::string of(std::string_view text) { return audit::for_people(text); }

std::string or_else(std::string text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : text;
}

std::string text(const FieldReader& fields, Field field) {
  return of(fields.text(field).value_or(""));
}

std::string scope(const FieldReader& fields) {
  const auto id = text(fields, Field::scope_id);
  return id.empty() ? "everything" : text(fields, Field::scope_kind) + " " + id;
}

std::string request(const FieldReader& fields, const audit::About& about) {
  const auto frame = fields.text(Field::in_frame).value_or("");
  const auto& order = about.subjects.front();
  std::string words = of(order.cl_ord_id);
  if (about.message == "E") words = fmt::format("list of {}", about.subjects.size());
  if (about.message == "D") words += ": " + terms(frame);
  if (about.message == "G")
    words += fmt::format(": replaces {} by {}", of(order.orig_cl_ord_id), terms(frame));
  if (about.message == "F") words += fmt::format(": cancels {}", of(order.orig_cl_ord_id));
  if (words.empty())
    words = or_else(std::string(config::message_name(about.message)), about.message);
  if (const auto reason = fields.number(Field::reason)) {
    const auto code = risk::code(static_cast<risk::Reason>(*reason));
    const auto fact = text(fields, Field::text);
    return fmt::format("{} refused, {}", words,
                       fact.starts_with(code) ? fact : fmt::format("{}: {}", code, fact));
  }
  if (fields.text(Field::out_frame))
    return fmt::format("{} passed, to {}{}", words, text(fields, Field::out_session),
                       fields.number(Field::release_id)
                           ? fmt::format(", by release B{}", *fields.number(Field::release_id))
                           : "");
  return words + (fields.text(Field::text) ? ", " + text(fields, Field::text) : "");
}

std::string report(const FieldReader& fields, const audit::About& about) {
  const auto frame = fields.text(Field::in_frame).value_or("");
  const auto& order = about.subjects.front();
  const auto id = of(order.cl_ord_id.empty() ? order.venue_cl_ord_id : order.cl_ord_id);
  const auto why = of(frame_value(frame, 58));
  if (about.message != "8") {
    return fmt::format("{}: {}{}", id,
                       or_else(std::string(config::message_name(about.message)), about.message),
                       why.empty() ? "" : ", " + why);
  }
  const auto kind = frame_value(frame, 150);
  auto words =
      fmt::format("{}: {}", id, or_else(std::string(meaning(150, kind)), "report " + of(kind)));
  const auto last = frame_value(frame, 32);
  if (!last.empty() && last != "0")
    words += fmt::format(" {} @ {}", of(last), of(frame_value(frame, 31)));
  if (const auto cum = frame_value(frame, 14); !cum.empty() && cum != "0")
    words += fmt::format(", {} in all", of(cum));
  if (order.cl_ord_id.empty()) words += ", of no order that is known";
  return words + (why.empty() ? "" : ", " + why);
}

std::string change(const FieldReader& fields) {
  return fmt::format("{} {} {} -> {}", scope(fields), text(fields, Field::key),
                     text(fields, Field::before), text(fields, Field::after));
}

std::string declaration(const FieldReader& fields) {
  const auto side = std::string(meaning(54, fields.text(Field::side).value_or("")));
  return fmt::format("declared: {} {} {} for {}", or_else(side, "?"), text(fields, Field::quantity),
                     text(fields, Field::symbol), text(fields, Field::account));
}

}  // namespace

std::string terms(std::string_view frame) {
  const auto side = std::string(meaning(54, frame_value(frame, 54)));
  auto words = fmt::format("{} {} {}", or_else(side, "?"), of(frame_value(frame, 38)),
                           of(frame_value(frame, 55)));
  const auto price = frame_value(frame, 44);
  if (!price.empty()) return words + " @ " + of(price);
  const auto type = std::string(meaning(40, frame_value(frame, 40)));
  return type.empty() ? words : words + ", " + type;
}

std::string sentence(const audit::Record& record, const audit::About& about) {
  const FieldReader fields(record.payload);
  const auto fact = text(fields, Field::text);
  const auto people = or_else(text(fields, Field::actor), of(record.actor));
  switch (record.kind) {
    case Kind::router_message:
    case Kind::shadow_message:
    case Kind::waiting:
      return request(fields, about) + (record.kind == Kind::waiting ? " waits for its parent" : "");
    case Kind::venue_message:
      return report(fields, about);
    case Kind::gateway_message:
      return fmt::format("{}: {} to {}{}",
                         or_else(of(about.subjects.front().cl_ord_id), "interlock"),
                         or_else(std::string(config::message_name(about.message)), about.message),
                         of(about.session), fact.empty() ? "" : ", " + fact);
    case Kind::parent:
      return fmt::format("{}, by {}", declaration(fields), people);
    case Kind::tee_message:
      return fmt::format("{} {}", text(fields, Field::event), text(fields, Field::quantity));
    case Kind::parent_change:
      return fmt::format("{} {}, by {}: {}", text(fields, Field::event),
                         text(fields, Field::quantity), people, fact);
    case Kind::kill:
      return fmt::format(
          "{} {}, by {}: {}",
          killswitch::name(static_cast<killswitch::Level>(fields.number(Field::level).value_or(0))),
          scope(fields), text(fields, Field::source), fact);
    case Kind::rearm:
      return fmt::format("{} re-armed, kill {}, by {}: {}", scope(fields),
                         fields.number(Field::kill_id).value_or(0), people, fact);
    case Kind::release:
      return fmt::format("{} released by {}: {}", text(fields, Field::cl_ord_id), people, fact);
    case Kind::reload:
      return fmt::format("configuration changed by {}: {}", people, fact);
    case Kind::raise:
      return fmt::format("{} raised by {}: {}", change(fields), people, fact);
    case Kind::raise_ended:
      return fmt::format("{}, the raise ended: {}", change(fields), fact);
    case Kind::alert:
      return fmt::format("alert {}: {}", text(fields, Field::alert_kind), fact);
    default:
      return fact.empty() ? audit::kind_text(record.kind)
                          : fmt::format("{}: {}", audit::kind_text(record.kind), fact);
  }
}

}  // namespace interlock::cli

#include "console/kill_form.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace interlock::console {
namespace embedded {
extern const std::string_view kill_html;
}
namespace {

namespace json = boost::json;

Answer with(std::string_view words, unsigned status) {
  constexpr std::string_view place = "<!-- what was done -->";
  std::string page(embedded::kill_html);
  page.replace(page.find(place), place.size(), words);
  return {status, std::move(page), "text/html; charset=utf-8", {}};
}

std::string text(const json::object& object, std::string_view key) {
  return as_html(object.at(key).as_string());
}

std::string said(const json::object& kill) {
  const auto id = text(kill, "id");
  const std::string scope = id.empty() ? "everything" : text(kill, "scope") + " " + id;
  const auto number = [&](std::string_view key) { return kill.at(key).to_number<std::uint64_t>(); };
  const bool confirmed = text(kill, "closed_at") != "unconfirmed";
  const bool already = kill.at("already").as_bool();
  std::string words =
      fmt::format("<section class=\"done\" role=\"status\"><h2>Killed: {}</h2><p>", scope);
  words += already ? fmt::format("It was killed before, at {}. ", text(kill, "tripped_at")) : "";
  words +=
      confirmed ? "No new order leaves. " : "The latch is set; the gate is not confirmed shut. ";
  words += fmt::format("{} cancels were sent, {} orders were alive then. Kill {}.",
                       number("cancels_sent"), number("residual"), number("kill_id"));
  if (!kill.at("persisted").as_bool())
    words += fmt::format(" It is in force, but not on disk: {}", text(kill, "problem"));
  return words + "</p></section>";
}

}  // namespace

std::expected<Form, std::string> read_kill_form(std::string_view body) {
  return read_form(body, {"token", "scope", "id", "sure"});
}

std::string kill_body(const Form& form) {
  const auto field = [&](std::string_view name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string{} : found->second;
  };
  json::object body{{"reason", "by the form without a script"}};
  const std::string scope = field("scope");
  if (!scope.empty()) body["scope"] = scope;
  if (!field("id").empty()) body["id"] = field("id");
  return json::serialize(body);
}

Answer kill_form() { return with("", 200); }

Answer kill_form(const Answer& answer) {
  const json::object object = json::parse(answer.body).as_object();
  if (answer.status == 200) return with(said(object), 200);
  const json::object& error = object.at("error").as_object();
  return with(fmt::format("<section class=\"no\" role=\"alert\"><h2>Nothing was killed</h2>"
                          "<p>{}. {}.</p></section>",
                          text(error, "message"), text(error, "hint")),
              answer.status);
}

}  // namespace interlock::console

// What the console's page asks for: its files, its figures, and the form without a script.
#include <boost/json.hpp>

#include "console/api.hpp"
#include "console/body.hpp"
#include "console/kill_form.hpp"
#include "console/view.hpp"

namespace interlock::console {

namespace json = boost::json;

namespace embedded {
extern const std::string_view console_html, console_css, console_mjs;
extern const std::string_view kill_css, kill_mjs, rearm_mjs, tables_mjs;
}  // namespace embedded

Answer Api::file(const Request& request, const config::PersonEntry*) {
  const auto of = [](std::string_view text, std::string_view type) {
    return Answer{200, std::string(text), std::string(type) + "; charset=utf-8", {}};
  };
  if (request.target == "/console.css") return of(embedded::console_css, "text/css");
  if (request.target == "/kill.css") return of(embedded::kill_css, "text/css");
  if (request.target == "/console.mjs") return of(embedded::console_mjs, "text/javascript");
  if (request.target == "/kill.mjs") return of(embedded::kill_mjs, "text/javascript");
  if (request.target == "/rearm.mjs") return of(embedded::rearm_mjs, "text/javascript");
  if (request.target == "/tables.mjs") return of(embedded::tables_mjs, "text/javascript");
  return of(embedded::console_html, "text/html");
}

Answer Api::console(const Request&, const config::PersonEntry* person) {
  const auto snapshot = desk_.snapshot();
  if (!snapshot) return no_snapshot();
  json::object page = console_page(*snapshot, identity_, person, now_ns_());
  page["hardware_rearm"] = hardware_rearm_anywhere_ ? "anywhere" : "host";
  page["flow"] = flow_.json();
  page["latency"] = flow_.latency();
  return json_answer(200, page);
}

void Api::sample() {
  if (const auto snapshot = desk_.snapshot()) flow_.note(*snapshot);
}

Answer Api::scopes(const Request&, const config::PersonEntry*) {
  using enum killswitch::ScopeKind;
  json::object all;
  for (const auto kind : {router, venue, account, symbol, algo, trader, desk})
    all[std::string(killswitch::name(kind))] =
        json::value_from(known_names(kind).value_or(std::vector<std::string>{}));
  return json_answer(200, {{"scopes", std::move(all)}});
}

Answer Api::cancel_again(const Request& request, const config::PersonEntry* person) {
  auto body = read_cancel(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "nothing was sent");
  return act(person ? person->name : request.peer, *std::move(body));
}

Answer Api::kill_page(const Request&, const config::PersonEntry*) { return kill_form(); }

// By hand where `serve` does it for the others: the token is a field of the form.
Answer Api::kill_by_form(const Request& request, const config::PersonEntry*) {
  const auto form = read_kill_form(request.body);
  if (!form) return kill_form(error_answer(400, "bad_body", form.error(), "Use the form below"));
  const auto* person = person_of(request);
  if (!person && request.door != Door::local) {
    return kill_form(error_answer(401, "unknown_person", "No person has this token",
                                  "On the host, `interlock kill` needs none"));
  }
  if (person && !may(*person, Right::kill)) {
    return kill_form(error_answer(403, "not_permitted", person->name + " may not kill",
                                  "Rights are in [[person]] of the configuration"));
  }
  if (!form->contains("sure")) {
    return kill_form(
        error_answer(400, "bad_body", "The box is not ticked", "Tick it, and send again"));
  }
  Request kill_request = request;
  kill_request.body = kill_body(*form);
  return kill_form(kill(kill_request, person));
}

}  // namespace interlock::console

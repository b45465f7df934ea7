// What persons ask of the loop by a POST or a PUT: a body that is read, and an action.
#include "console/api.hpp"
#include "console/body.hpp"
#include "console/view.hpp"

namespace interlock::console {

Answer Api::change_policy(const Request& request, const config::PersonEntry* person) {
  auto body = read_policy_action(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "see docs/api.md, policy");
  return act(person->name, *std::move(body));
}

Answer Api::change_parent(const Request& request, const config::PersonEntry* person) {
  auto body = read_parent_change(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "see docs/api.md, parents");
  return act(person->name, *std::move(body));
}

Answer Api::release(const Request& request, const config::PersonEntry* person) {
  auto body = read_release(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "see docs/api.md, release");
  return act(person->name, *std::move(body));
}

Answer Api::sequence(const Request& request, const config::PersonEntry* person) {
  auto body = read_sequence(request.body);
  if (!body)
    return error_answer(400, "bad_body", body.error(), "see docs/api.md, sequence numbers");
  return act(person->name, *std::move(body));
}

Answer Api::prices(const Request& request, const config::PersonEntry* person) {
  auto body = read_prices(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "no price was taken over");
  return act(person->name, *std::move(body));
}

Answer Api::acknowledge(const Request& request, const config::PersonEntry* person) {
  auto body = read_acknowledge(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "see docs/api.md, alerts");
  return act(person->name, *std::move(body));
}

Answer Api::record(const Request& request, const config::PersonEntry* person) {
  auto body = read_statement(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "see docs/api.md, record");
  return act(person->name, *std::move(body));
}

Answer Api::test_button(const Request& request, const config::PersonEntry* person) {
  auto body = read_button(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "see docs/api.md, buttons");
  return act(person ? person->name : request.peer, *std::move(body));
}

Answer Api::cut(const Request& request, const config::PersonEntry* person) {
  auto body = read_cut(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "nobody was cut off");
  return act(person ? person->name : request.peer, *std::move(body));
}

Answer Api::declare(const Request& request, const config::PersonEntry* person) {
  auto body = read_parent(request.body);
  if (!body) return error_answer(400, "bad_body", body.error(), "see docs/api.md, parents");
  body->actor = person->name;
  const auto outcome = desk_.declare_parent(*std::move(body), loop_wait);
  if (!outcome) {
    return error_answer(503, "no_answer", outcome.error(),
                        "it may have been declared: ask /api/v1/parents, or send the same again");
  }
  switch (outcome->answer) {
    case gateway::ParentAnswer::added:
      return json_answer(201, parent_answer(*outcome));
    case gateway::ParentAnswer::same:
      return json_answer(200, parent_answer(*outcome));
    case gateway::ParentAnswer::conflict:
      return error_answer(409, "conflict", outcome->text,
                          "the first declaration stands; a parent never changes");
    case gateway::ParentAnswer::refused:
      break;
  }
  return error_answer(422, "refused", outcome->text, "nothing was declared");
}

}  // namespace interlock::console

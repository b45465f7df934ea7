// Words for a firm to begin with. They are no legal advice, and say so.
#include <fmt/format.h>

#include "cli/evidence/pack.hpp"

namespace interlock::cli::evidence {
namespace {

constexpr std::string_view no_advice =
    "This is a template. It is no legal advice, and having it is not compliance: a person who "
    "answers for it has to read the rule, fill in each ____ and change what does not hold.";

std::string procedures() {
  return fmt::format(
      "{}\n"
      "1. Scope. Firm: ____. Business lines with market access: ____. Hosts: ____. Paths to venues "
      "that do not lead through the gateway, and what controls them: ____.\n"
      "2. Responsible. Owner of these procedures: ____. Owners of limits are named with each limit "
      "in the configuration; their deputies: ____.\n"
      "3. Setting limits. Capital and credit thresholds of each account are set by ____, on these "
      "grounds: ____, and reviewed at the date that stands with each limit, at the latest every "
      "____.\n"
      "4. Changing limits. Who may change them: the people with the right `limits`. What loosens "
      "takes two people. Raises have an end. Evidence: changes.csv, raises.csv.\n"
      "5. Access. Who may send orders: the sessions of sessions.csv. How a session or a person is "
      "added and removed, and who checks that at the latest every ____: ____.\n"
      "6. Kill. Who may press, when, and whom they tell: ____. Drills of each button every ____. "
      "Evidence: kills.csv, drills.csv.\n"
      "7. Re-arming. Two people; who they may be: ____. What they look at first: ____.\n"
      "8. Alerts. Who watches, at which hours, and who acknowledges within ____ minutes: ____. "
      "Evidence: alerts.csv.\n"
      "9. Changes of software and configuration. Who approves, how it is tested and undone: ____. "
      "Evidence: builds.csv, changes.csv.\n"
      "10. Tests. Each control at the latest every ____; a stress test with twice the peak of six "
      "months every ____. Evidence: controls.csv, stress.csv, statements.csv.\n"
      "11. Post-trade. Who receives executions at once, and reconciles them against ____: ____.\n"
      "12. Records. Journals are kept for ____ years, in two places: ____. Heads of their chains "
      "are kept apart from the hosts, by: ____.\n"
      "13. Review. Held every year by ____; how what it finds is followed up: ____.\n",
      no_advice);
}

std::string certificate(int year) {
  return fmt::format(
      "{}\n"
      "Certificate of the chief executive officer for the year {}\n"
      "Firm: ____\n"
      "I, ____, chief executive officer (or equivalent) of the firm, certify that its risk "
      "management controls and supervisory procedures for market access comply with paragraphs (b) "
      "and (c) of SEC Rule 15c3-5, and that the firm conducted the review that paragraph (e)(1) "
      "asks for.\n"
      "The review was held from ____ to ____ by ____. It rests on the pack of evidence whose file "
      "SHA256SUMS has this SHA-256: ____, and on: ____.\n"
      "Exceptions, and what was done about each: ____.\n"
      "Place and date: ____\n"
      "Signature: ____\n",
      no_advice, year);
}

}  // namespace

std::vector<Template> templates(int year) {
  return {{"template-procedures.txt", "Template: written procedures", procedures()},
          {"template-certificate.txt", "Template: certificate", certificate(year)}};
}

}  // namespace interlock::cli::evidence

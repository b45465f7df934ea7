#include "gateway/signing.hpp"

#include "audit/fields.hpp"

namespace interlock::gateway {

using audit::Field;
using audit::FieldWriter;

void Signing::tick() {
  const auto proofs = floor_.journal.proofs();
  watch_signer(proofs);
  watch_copies(proofs);
}

void Signing::watch_signer(const audit::Proofs& proofs) {
  // The first one is told by the list of keys beside the journal.
  if (proofs.key != key_ && key_ != 0) record(proofs, "changed");
  key_ = proofs.key;
  const bool lost = !proofs.signing_problem.empty();
  if (lost == lost_) return;
  lost_ = lost;
  record(proofs, lost ? "lost" : "back");
  if (!lost) return;
  floor_.alert("interlock", {Severity::warning, "journal-unsigned", {}, proofs.signing_problem});
}

void Signing::watch_copies(const audit::Proofs& proofs) {
  if (proofs.copy_problem == copy_problem_) return;
  copy_problem_ = proofs.copy_problem;
  if (copy_problem_.empty()) return;
  floor_.alert("interlock", {Severity::warning, "journal-not-copied", {}, copy_problem_});
}

void Signing::record(const audit::Proofs& proofs, std::string_view event) {
  FieldWriter fields;
  fields.put(Field::event, event).put(Field::signing_key, proofs.key);
  fields.put(Field::public_key, proofs.public_key);
  if (!proofs.signing_problem.empty()) fields.put(Field::text, proofs.signing_problem);
  floor_.append(audit::Kind::signing, "interlock", fields);
}

SigningView Signing::view() const {
  auto proofs = floor_.journal.proofs();
  return {.key = proofs.key,
          .last_sequence = proofs.signed_sequence,
          .problem = std::move(proofs.signing_problem)};
}

}  // namespace interlock::gateway

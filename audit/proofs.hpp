// How far a journal can be proven to others.
#pragma once

#include <cstdint>
#include <string>

namespace interlock::audit {

struct Proofs {
  std::uint32_t key = 0;              // the number of the last one; 0: nothing is signed
  std::string public_key;             // hex
  std::uint64_t signed_sequence = 0;  // the last record under a signature
  std::string signing_problem;        // why nothing is signed now; empty: it is
  std::string copy_problem;           // why closed segments are not copied; empty: they are
};

}  // namespace interlock::audit

// The morning against the real core in process: the sessions, gate, books, journal and latch that
// `interlock run` has, on a clock that the replay moves.
#pragma once

#include "cli/knight_figures.hpp"

namespace interlock::cli::knight {

struct CoreOptions {
  std::int64_t fill_after_ns = 1'000'000;
};

[[nodiscard]] Figures against_core(const Morning& morning, const CoreOptions& options);

// A child as its router writes it; `cl_ord_id` is unique in the run.
[[nodiscard]] std::string body_of(const Event& child, const Parent& parent, const Morning& morning,
                                  std::string_view cl_ord_id, std::int64_t now_ns);

}  // namespace interlock::cli::knight

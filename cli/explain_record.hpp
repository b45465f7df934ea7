// One record of a journal and all that belongs to it, as a model that is printed or sent as JSON.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <filesystem>

namespace interlock::cli {

// Throws Failure: there is no such record, or the journal cannot be read.
[[nodiscard]] boost::json::object explain_record(const std::filesystem::path& journal,
                                                 std::uint64_t number);
void print_explained(const boost::json::object& explained);

}  // namespace interlock::cli

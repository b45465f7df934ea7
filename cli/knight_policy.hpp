// The replay's configuration: the sample that `interlock init` writes, with its limits as they are
// and other routers, venues, accounts and symbols.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace interlock::cli::knight {

struct Topology {
  std::vector<std::string> routers;        // each reaches the venue of the same index
  std::vector<std::string> venues;         //
  std::vector<std::uint16_t> venue_ports;  // empty: nobody connects
  std::vector<std::string> accounts, symbols;
};

// R1 to R8, V1 to V8, and the accounts and symbols of the morning.
[[nodiscard]] Topology topology();

// The sample's text for it.
[[nodiscard]] std::string policy_text(const Topology& topology);

// Written into `folder` with a secrets file of its two people, and read. Throws Failure with the
// problems when the sample does not load so.
[[nodiscard]] config::Config policy(const Topology& topology, const std::filesystem::path& folder);

}  // namespace interlock::cli::knight

// The files that `interlock init` writes: a configuration that loads as it stands.
#pragma once

#include <string>
#include <string_view>

namespace interlock::config {

// gateway.toml, commented.
[[nodiscard]] std::string_view sample();
// The same with state and journal in /var/lib/interlock, where the units of deploy/ allow them.
[[nodiscard]] std::string sample_of_a_host();

struct InitFiles {
  std::string gateway;  // gateway.toml
  std::string secrets;  // secrets.toml, mode 0600: it holds hashes of what is given here
  std::string prices;   // prices.txt
  std::string parents;  // parents.csv
};
// `first_token` and `second_token` are for the sample's two people, `router_password` for tag 554
// of router R1's Logon (with 553 = "R1"). They are shown to the user once, and stored nowhere.
[[nodiscard]] InitFiles sample_files(std::string_view first_token, std::string_view second_token,
                                     std::string_view router_password);

}  // namespace interlock::config

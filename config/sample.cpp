#include "config/sample.hpp"

#include <fmt/format.h>

#include "killswitch/secret.hpp"

namespace interlock::config {

namespace embedded {
extern const std::string_view gateway_toml;
}

std::string_view sample() { return embedded::gateway_toml; }

InitFiles sample_files(std::string_view first_token, std::string_view second_token,
                       std::string_view router_password) {
  using killswitch::hash_secret;
  InitFiles files;
  files.gateway = sample();
  files.secrets = fmt::format(
      "# Salted hashes of tokens and passwords (`interlock secret`). What we ourselves send to a\n"
      "# venue stands in clear: [venue.SIM] logon = {{ 553 = \"user\", 554 = \"password\" }}\n"
      "[person.first]\ntoken = \"{}\"\n\n[person.second]\ntoken = \"{}\"\n\n"
      "[router.R1]  # what its Logon has to carry\n553 = \"{}\"\n554 = \"{}\"\n",
      hash_secret(first_token), hash_secret(second_token), hash_secret("R1"),
      hash_secret(router_password));
  files.prices =
      "# SYMBOL PRICE [UTC time, 2026-11-21T09:30:00Z; without it, when this file was written]\n"
      "ACME 10.00\nNVDA 182.50\n";
  files.parents = "parent,account,symbol,side,size\nP-1,7731,ACME,1,1200\n";
  return files;
}

}  // namespace interlock::config

#include "config/sample.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "killswitch/secret.hpp"

namespace interlock::config {

namespace embedded {
extern const std::string_view gateway_toml;
}

namespace {

void replace_once(std::string& text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos || text.find(what, at + 1) != std::string::npos)
    throw std::logic_error(fmt::format("the sample has to hold {} once", what));
  text.replace(at, what.size(), by);
}

}  // namespace

std::string_view sample() { return embedded::gateway_toml; }

std::string sample_of_a_host() {
  std::string text(sample());
  replace_once(text, "state_dir = \"state\"            #", "state_dir = \"/var/lib/interlock\"  #");
  replace_once(
      text, "\ndir = \"audit\"\n",
      "\ndir = \"/var/lib/interlock/audit\"\n"
      "signer = \"/run/interlock-signer/socket\"   # another user, whose keys nobody here has\n");
  return text;
}

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

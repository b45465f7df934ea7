#include "cli/knight_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <ranges>

#include "cli/command.hpp"
#include "cli/knight_morning.hpp"
#include "config/sample.hpp"
#include "killswitch/secret.hpp"

namespace interlock::cli::knight {
namespace {

namespace fs = std::filesystem;

// Tables of the sample that name who and what there is.
bool is_of_topology(std::string_view header) {
  constexpr std::array<std::string_view, 5> heads{"[account.", "[symbol.", "[[router]]",
                                                  "[[venue]]", "[[route]]"};
  return std::ranges::any_of(heads, [&](auto head) { return header.starts_with(head); });
}

std::string without_topology(std::string_view sample) {
  std::string text;
  bool is_kept = true;
  for (const auto part : sample | std::views::split('\n')) {
    const std::string_view line(part.begin(), part.end());
    if (line.starts_with("[")) is_kept = !is_of_topology(line);
    if (is_kept && !line.starts_with("file = \"parents.csv\"")) text.append(line) += '\n';
  }
  return text;
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
}

}  // namespace

Topology topology() {
  Topology made;
  for (std::uint32_t router = 0; router < router_count; ++router) {
    made.routers.push_back(router_name(router));
    made.venues.push_back(venue_name(router));
  }
  for (std::uint32_t i = 0; i < account_count; ++i) made.accounts.push_back(account_name(i));
  for (std::uint32_t i = 0; i < symbol_count; ++i) {
    made.symbols.push_back(fmt::format("S{:03}", i + 1));
  }
  return made;
}

std::string policy_text(const Topology& topology) {
  std::string text = without_topology(config::sample());
  replace(text, "127.0.0.1:8443", "127.0.0.1:0");
  replace(text, "127.0.0.1:9464", "127.0.0.1:0");
  for (const auto& account : topology.accounts) text += fmt::format("[account.{}]\n", account);
  for (const auto& symbol : topology.symbols) {  // sold is what clients hold elsewhere
    text += fmt::format("[symbol.{}]\nunmarked_short_sales = \"none\"\n", symbol);
  }
  for (std::size_t i = 0; i < topology.routers.size(); ++i) {
    text += fmt::format(
        "[[router]]\nid = \"{0}\"\nbegin_string = \"FIX.4.4\"\nlisten = \"127.0.0.1:0\"\n"
        "comp_id = {{ ours = \"GW\", theirs = \"{0}\" }}\nparent_id_tag = 526\n"
        "orders_without_parent = \"reject\"\non_disconnect = \"cancel\"\n",
        topology.routers[i]);
  }
  for (std::size_t i = 0; i < topology.venues.size(); ++i) {
    text += fmt::format(
        "[[venue]]\nid = \"{0}\"\nbegin_string = \"FIX.4.4\"\nconnect = [\"127.0.0.1:{1}\"]\n"
        "comp_id = {{ ours = \"GW\", theirs = \"{0}\" }}\non_disconnect = \"keep\"\n"
        "reconnect = \"1 s\"\n[[route]]\nrouter = \"{2}\"\nvenue = \"{0}\"\n",
        topology.venues[i], topology.venue_ports.empty() ? 9 : topology.venue_ports[i],
        topology.routers[i]);
  }
  return text;
}

config::Config policy(const Topology& topology, const fs::path& folder) {
  const fs::path secrets = folder / "secrets.toml";
  static const std::string nobody = killswitch::hash_secret(killswitch::random_token());
  std::ofstream(secrets) << fmt::format(
      "[person.first]\ntoken = \"{0}\"\n[person.second]\ntoken = \"{0}\"\n", nobody);
  fs::permissions(secrets, fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream(folder / "prices.txt") << "";
  config::Loaded loaded = config::parse(policy_text(topology), "gateway.toml", folder);
  if (!loaded.config) throw Failure(exit_cannot_start, config::render(loaded.problems));
  return std::move(*loaded.config);
}

}  // namespace interlock::cli::knight

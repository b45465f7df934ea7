#include "scenarios/setting.hpp"

#include <fmt/format.h>

#include <fstream>

#include "killswitch/secret.hpp"

namespace interlock::scenarios {

namespace fs = std::filesystem;

Setting::Setting(const fs::path& configs, const std::string& config,
                 const std::function<std::string(std::string)>& edit) {
  std::string text = tests::bytes_of(configs / (config + ".toml"));
  if (edit) text = edit(std::move(text));
  std::ofstream(file()) << text;
  fs::copy_file(configs / "prices.txt", scratch_ / "prices.txt");
  static const std::string ann = killswitch::hash_secret(ann_token);
  static const std::string bob = killswitch::hash_secret(bob_token);
  std::ofstream(scratch_ / "secrets.toml")
      << fmt::format("[person.ann]\ntoken = \"{}\"\n[person.bob]\ntoken = \"{}\"\n", ann, bob);
  fs::permissions(scratch_ / "secrets.toml", fs::perms::owner_read | fs::perms::owner_write);
}

void Setting::edit(const std::string& before, const std::string& after) const {
  std::string text = tests::bytes_of(file());
  const auto at = text.find(before);
  if (at == std::string::npos) throw std::runtime_error("the configuration has no " + before);
  std::ofstream(file()) << text.replace(at, before.size(), after);
}

killswitch::Person person(const std::string& name) {
  killswitch::Person person;
  person.name = name;
  person.may_kill = person.may_rearm = person.may_declare = true;
  return person;
}

}  // namespace interlock::scenarios

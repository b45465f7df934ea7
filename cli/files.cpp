#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>

#include "cli/command.hpp"
#include "config/sample.hpp"
#include "killswitch/secret.hpp"

namespace interlock::cli {
namespace {

// Creates a file that must not be there yet.
void write_new(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) {
    throw Failure{exit_no, fmt::format("{}: {}", path.native(), std::strerror(errno))};
  }
  const auto written = ::write(file, text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!whole) throw Failure{exit_no, fmt::format("{}: cannot be written", path.native())};
}

// The user of the units, who alone may read the secrets.
const passwd& gateway_user() {
  if (const passwd* found = ::getpwnam("interlock")) return *found;
  throw Failure{exit_no,
                "there is no user interlock: install the package, which makes it, or "
                "systemd-sysusers deploy/interlock.sysusers"};
}

int init(const std::filesystem::path& directory, bool installed) {
  const auto first = killswitch::random_token();
  const auto second = killswitch::random_token();
  const auto password = killswitch::random_token().substr(0, 16);
  const passwd* owner = installed ? &gateway_user() : nullptr;
  auto text = config::sample_files(first, second, password);
  if (installed) text.gateway = config::sample_of_a_host();
  struct File {
    const char* name;
    const std::string& text;
    mode_t mode;
  };
  const std::array files{
      File{"gateway.toml", text.gateway, 0644}, File{"secrets.toml", text.secrets, 0600},
      File{"prices.txt", text.prices, 0644}, File{"parents.csv", text.parents, 0644}};
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  for (const auto& file : files) {  // all or none
    if (!std::filesystem::exists(directory / file.name)) continue;
    throw Failure{exit_no, fmt::format("{} is there already; nothing was written",
                                       (directory / file.name).native())};
  }
  for (const auto& file : files) write_new(directory / file.name, file.text, file.mode);
  const auto secrets = directory / "secrets.toml";
  if (owner != nullptr && ::chown(secrets.c_str(), owner->pw_uid, owner->pw_gid) != 0)
    throw Failure{exit_no, fmt::format("{}: cannot be given to {}: {}", secrets.native(),
                                       owner->pw_name, std::strerror(errno))};
  fmt::print(
      "wrote gateway.toml, secrets.toml, prices.txt and parents.csv to {}\n\n"
      "Shown once, and stored nowhere:\n"
      "  token of the person first   {}\n"
      "  token of the person second  {}\n"
      "  password of router R1       {}   (Logon: 553=R1, 554=it)\n\n"
      "next: interlock check {}\n",
      std::filesystem::absolute(directory).lexically_normal().native(), first, second, password,
      (directory / "gateway.toml").native());
  return exit_done;
}

int secret() {
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) {
    throw Failure{exit_usage, "write the secret as one line to stdin"};
  }
  fmt::print("{}\n", killswitch::hash_secret(line));
  return exit_done;
}

}  // namespace

void add_files(CLI::App& app, int& exit) {
  const auto directory = std::make_shared<std::string>();
  const auto installed = std::make_shared<bool>(false);
  auto* init_command =
      app.add_subcommand("init", "Write a configuration that works, with comments");
  init_command->add_option("DIR", *directory, "Where to; the current folder");
  init_command->add_flag("--installed", *installed,
                         "For the units of the package: to /etc/interlock, state in /var/lib");
  init_command->callback([=, &exit] {
    const char* usual = *installed ? "/etc/interlock" : ".";
    exit = init(directory->empty() ? usual : *directory, *installed);
  });

  auto* secret_command =
      app.add_subcommand("secret", "Hash a token or password from stdin, for the secrets file");
  secret_command->callback([&exit] { exit = secret(); });
}

}  // namespace interlock::cli

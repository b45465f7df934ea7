#include "gateway/place.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "config/digest.hpp"
#include "killswitch/file.hpp"

namespace interlock::gateway {
namespace {

constexpr std::size_t shown = 12;  // hex digits

std::string short_hash(std::string_view of, std::string_view text) {
  return config::sha256({of, text}).substr(0, shown);
}

}  // namespace

Place place_of(const std::filesystem::path& state_dir) {
  std::error_code failed;
  const auto path = std::filesystem::canonical(state_dir, failed);
  struct stat found {};
  ::stat(path.c_str(), &found);
  const auto machine = killswitch::read_file("/etc/machine-id");
  return {short_hash("interlock host", machine ? *machine : "none"),
          short_hash("interlock instance", fmt::format("{} {}", path.string(), found.st_ino))};
}

}  // namespace interlock::gateway

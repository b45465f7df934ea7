// A directory with a scenario's configuration, its secrets and prices, ready to be loaded or run.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "killswitch/rearm.hpp"
#include "scratch.hpp"

namespace interlock::scenarios {

inline constexpr std::string_view ann_token = "ann-scenario-token";
inline constexpr std::string_view bob_token = "bob-scenario-token";

class Setting {
 public:
  // `edit` may change the configuration's text (ports) before it is written.
  Setting(const std::filesystem::path& configs, const std::string& config,
          const std::function<std::string(std::string)>& edit = {});
  [[nodiscard]] std::filesystem::path file() const { return scratch_ / "gateway.toml"; }
  // The first `before` in the configuration becomes `after`.
  void edit(const std::string& before, const std::string& after) const;
  [[nodiscard]] std::filesystem::path directory() const { return scratch_.path(); }

 private:
  tests::Scratch scratch_;
};

[[nodiscard]] killswitch::Person person(const std::string& name);

}  // namespace interlock::scenarios

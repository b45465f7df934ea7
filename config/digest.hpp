// SHA-256 of texts one behind the other, in hex: it names a configuration, and tells secrets apart
// without showing them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace interlock::config {

[[nodiscard]] std::string sha256(const std::vector<std::string_view>& parts);

}  // namespace interlock::config

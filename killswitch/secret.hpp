// Salted hashes of passwords and tokens: what the secrets file holds instead of them.
#pragma once

#include <string>
#include <string_view>

namespace interlock::killswitch {

// "pbkdf2-sha256$<iterations>$<salt hex>$<hash hex>" of `secret` with a fresh random salt.
[[nodiscard]] std::string hash_secret(std::string_view secret);
// Constant time in the secret; false for a hash that cannot be read.
[[nodiscard]] bool matches_secret(std::string_view secret, std::string_view hash);
[[nodiscard]] bool readable_hash(std::string_view hash);
// 256 random bits as hex, for a new bearer token.
[[nodiscard]] std::string random_token();

}  // namespace interlock::killswitch

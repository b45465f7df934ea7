#include "console/people.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "killswitch/secret.hpp"

namespace interlock::console {

const config::PersonEntry* People::owner(std::string_view token) {
  if (token.empty()) return nullptr;
  const Digest digest = digest_of(token);
  if (const auto* person = remembered(digest)) return person;
  for (const auto& person : people_) {
    if (!killswitch::matches_secret(token, person.token_hash)) continue;
    const std::lock_guard lock{mutex_};
    verified_[digest] = &person;
    return &person;
  }
  return nullptr;
}

bool People::knows(std::string_view token) const { return remembered(digest_of(token)) != nullptr; }

People::Digest People::digest_of(std::string_view token) {
  Digest digest;
  if (EVP_Digest(token.data(), token.size(), reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  return digest;
}

const config::PersonEntry* People::remembered(const Digest& digest) const {
  const std::lock_guard lock{mutex_};
  const auto found = verified_.find(digest);
  return found == verified_.end() ? nullptr : found->second;
}

}  // namespace interlock::console

#include "killswitch/secret.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/hex.hpp>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <vector>

namespace interlock::killswitch {
namespace {

constexpr std::string_view scheme = "pbkdf2-sha256";
// FIX passwords are checked on the event loop: 10,000 rounds hold it for a few milliseconds. Tokens
// have 256 random bits and need no rounds at all.
constexpr int iterations = 10'000;
constexpr int iterations_max = 1'000'000;  // a hash file must not be able to stall the loop
constexpr std::size_t salt_bytes_max = 64;
using Digest = std::array<unsigned char, 32>;

struct Hash {
  int iterations = 0;
  std::string salt;
  std::string digest;
};

template <std::size_t size>
std::array<unsigned char, size> random_bytes() {
  std::array<unsigned char, size> bytes;
  if (RAND_bytes(bytes.data(), static_cast<int>(size)) != 1) {
    throw std::runtime_error("no random bytes: the system's generator failed");
  }
  return bytes;
}

template <typename Bytes>
std::string to_hex(const Bytes& bytes) {
  std::string hex;
  boost::algorithm::hex_lower(bytes.begin(), bytes.end(), std::back_inserter(hex));
  return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
  std::string bytes;
  try {
    boost::algorithm::unhex(hex.begin(), hex.end(), std::back_inserter(bytes));
  } catch (const boost::algorithm::hex_decode_error&) {
    return std::nullopt;
  }
  return bytes;
}

Digest derive(std::string_view secret, std::string_view salt, int rounds) {
  Digest digest;
  const auto* salt_bytes = reinterpret_cast<const unsigned char*>(salt.data());
  if (PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()), salt_bytes,
                        static_cast<int>(salt.size()), rounds, EVP_sha256(),
                        static_cast<int>(digest.size()), digest.data()) != 1) {
    throw std::runtime_error("PBKDF2 failed");
  }
  return digest;
}

std::optional<std::string_view> take_part(std::string_view& rest) {
  const auto end = rest.find('$');
  if (end == std::string_view::npos) return std::nullopt;
  const auto part = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return part;
}

std::optional<Hash> parse(std::string_view text) {
  if (take_part(text) != scheme) return std::nullopt;
  const auto rounds = take_part(text);
  const auto salt_hex = take_part(text);
  if (!rounds || !salt_hex) return std::nullopt;
  Hash hash;
  const auto* end = rounds->data() + rounds->size();
  const auto parsed = std::from_chars(rounds->data(), end, hash.iterations);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  if (hash.iterations < 1 || hash.iterations > iterations_max) return std::nullopt;
  const auto salt = from_hex(*salt_hex);
  const auto digest = from_hex(text);
  if (!salt || salt->empty() || salt->size() > salt_bytes_max) return std::nullopt;
  if (!digest || digest->size() != Digest{}.size()) return std::nullopt;
  hash.salt = *salt;
  hash.digest = *digest;
  return hash;
}

}  // namespace

std::string hash_secret(std::string_view secret) {
  const auto random = random_bytes<16>();
  const std::string salt(random.begin(), random.end());
  return fmt::format("{}${}${}${}", scheme, iterations, to_hex(salt),
                     to_hex(derive(secret, salt, iterations)));
}

bool matches_secret(std::string_view secret, std::string_view hash) {
  const auto known = parse(hash);
  if (!known) return false;
  const auto digest = derive(secret, known->salt, known->iterations);
  return CRYPTO_memcmp(digest.data(), known->digest.data(), digest.size()) == 0;
}

bool readable_hash(std::string_view hash) { return parse(hash).has_value(); }

std::string random_token() { return to_hex(random_bytes<32>()); }

}  // namespace interlock::killswitch

#include "killswitch/secret.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace interlock::killswitch;

TEST_CASE("secret: a hash matches its own secret and no other") {
  const auto hash = hash_secret("open sesame");
  CHECK(readable_hash(hash));
  CHECK(matches_secret("open sesame", hash));
  CHECK_FALSE(matches_secret("open sesamf", hash));
  CHECK_FALSE(matches_secret("open sesam", hash));
  CHECK_FALSE(matches_secret("", hash));
}

TEST_CASE("secret: the same secret never has the same hash, and is not in it") {
  const auto hash = hash_secret("open sesame");
  CHECK(hash != hash_secret("open sesame"));
  CHECK(hash.find("sesame") == std::string::npos);
  CHECK(hash.starts_with("pbkdf2-sha256$10000$"));
}

TEST_CASE("secret: the published test vector of PBKDF2-HMAC-SHA256 (RFC 7914, section 11)") {
  // Its digest has 64 bytes; the first 32 are what a digest of 32 bytes is.
  CHECK(matches_secret("passwd",
                       "pbkdf2-sha256$1$73616c74$"
                       "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"));
}

TEST_CASE("secret: what cannot be read matches nothing") {
  const std::string digest(64, 'a');
  for (const std::string& hash : std::initializer_list<std::string>{
           "",
           "open sesame",
           "pbkdf2-sha256$",
           "pbkdf2-sha256$1$73616c74",
           "pbkdf2-sha1$1$73616c74$" + digest,
           "pbkdf2-sha256$0$73616c74$" + digest,
           "pbkdf2-sha256$-1$73616c74$" + digest,
           "pbkdf2-sha256$1x$73616c74$" + digest,
           "pbkdf2-sha256$1000001$73616c74$" + digest,
           "pbkdf2-sha256$99999999999999$73616c74$" + digest,
           "pbkdf2-sha256$1$$" + digest,
           "pbkdf2-sha256$1$7361zz$" + digest,
           "pbkdf2-sha256$1$736$" + digest,
           "pbkdf2-sha256$1$" + std::string(130, '0') + "$" + digest,
           "pbkdf2-sha256$1$73616c74$" + digest.substr(2),
           "pbkdf2-sha256$1$73616c74$" + digest + "aa",
           "pbkdf2-sha256$1$73616c74$" + digest + "$",
       }) {
    CAPTURE(hash);
    CHECK_FALSE(readable_hash(hash));
    CHECK_FALSE(matches_secret("", hash));
    CHECK_FALSE(matches_secret("passwd", hash));
  }
}

TEST_CASE("secret: a token has 256 bits and no two are alike") {
  const auto token = random_token();
  CHECK(token.size() == 64);
  CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(token != random_token());
}

#include "audit/hash.hpp"

// By OpenSSL's interface of version 1.1: that of 3.0 asks the heap for each digest, which was two
// fifths of the time of one of 64 bytes, and a record has three.
#define OPENSSL_API_COMPAT 10100
#include <openssl/sha.h>

#include <boost/algorithm/hex.hpp>
#include <iterator>
#include <stdexcept>

namespace interlock::audit {

Hash sha256(std::initializer_list<Bytes> pieces) {
  SHA256_CTX digest;
  bool good = SHA256_Init(&digest) == 1;
  for (const auto piece : pieces) {
    good = good && SHA256_Update(&digest, piece.data(), piece.size()) == 1;
  }
  Hash hash;
  if (!good || SHA256_Final(reinterpret_cast<unsigned char*>(hash.data()), &digest) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  return hash;
}

std::string to_hex(Bytes bytes) {
  std::string hex;
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  boost::algorithm::hex_lower(from, from + bytes.size(), std::back_inserter(hex));
  return hex;
}

std::string from_hex(std::string_view hex) {
  std::string bytes;
  try {
    boost::algorithm::unhex(hex.begin(), hex.end(), std::back_inserter(bytes));
  } catch (const boost::algorithm::hex_decode_error&) {
    return {};
  }
  return bytes;
}

}  // namespace interlock::audit

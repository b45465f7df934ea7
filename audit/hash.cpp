#include "audit/hash.hpp"

#include <openssl/evp.h>

#include <boost/algorithm/hex.hpp>
#include <iterator>
#include <memory>
#include <stdexcept>

namespace interlock::audit {
namespace {

struct Free {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
};

// Made once a thread: to look the algorithm up costs more than to hash a record.
EVP_MD_CTX* prepared() {
  static const std::unique_ptr<EVP_MD, Free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> digest(EVP_MD_CTX_new());
  thread_local const bool ready = EVP_DigestInit_ex2(digest.get(), algorithm.get(), nullptr) == 1;
  return ready ? digest.get() : nullptr;
}

}  // namespace

Hash sha256(std::initializer_list<Bytes> pieces) {
  auto* digest = prepared();
  bool good = digest != nullptr && EVP_DigestInit_ex2(digest, nullptr, nullptr) == 1;
  for (const auto piece : pieces) {
    good = good && EVP_DigestUpdate(digest, piece.data(), piece.size()) == 1;
  }
  Hash hash;
  if (!good ||
      EVP_DigestFinal_ex(digest, reinterpret_cast<unsigned char*>(hash.data()), nullptr) != 1) {
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

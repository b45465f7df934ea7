// Whether the keys and signatures beside a journal are those of its checkpoints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/keys.hpp"
#include "audit/reader.hpp"

namespace interlock::audit {

// Read before the seal: then each checkpoint that was signed stands in it.
struct SigningFiles {
  std::expected<std::vector<Key>, std::string> keys;
  std::expected<Signatures, std::string> signatures;
};
[[nodiscard]] SigningFiles read_signing_files(const std::filesystem::path& directory,
                                              const JournalId& id);

struct SigningCheck {
  Finding finding = Finding::whole;
  std::string where;
  std::uint64_t signed_sequence = 0;     // the last record under a good signature
  std::size_t unsigned_checkpoints = 0;  // behind it
};

// `pins`: fingerprints of the keys that nobody needs to vouch for; none: the first one.
[[nodiscard]] SigningCheck check_signing(const SigningFiles& files, const Seal& seal,
                                         const std::vector<std::string>& pins);

}  // namespace interlock::audit

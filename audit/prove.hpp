// That one record stands in a journal, for somebody who has nothing of it but a key: a proof of
// c2sp.org/tlog-proof, with the bytes of the record.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "audit/note.hpp"

namespace interlock::audit {

// The error: there is no such record, or nothing that is signed covers it yet.
[[nodiscard]] std::expected<std::string, std::string> prove(const std::filesystem::path& directory,
                                                            std::uint64_t sequence);

struct VerifierKey {
  JournalId id{};
  PublicKey key{};
};
// "interlock/4f0c...+1a2b3c4d+AQ...", as `verifier_key` writes it.
[[nodiscard]] std::expected<VerifierKey, std::string> parse_verifier_key(std::string_view text);

struct Proven {
  std::string record;  // its bytes, padding included
  std::uint32_t segment = 0;
};
[[nodiscard]] std::expected<Proven, std::string> check_proof(std::string_view proof,
                                                             const VerifierKey& key);

}  // namespace interlock::audit

// Who signs for a journal: this process itself, or interlock-signer behind a Unix socket.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "audit/signer.hpp"

namespace interlock::audit {

class SigningService {
 public:
  virtual ~SigningService() = default;
  struct Answer {
    SignedCheckpoint signature;
    std::vector<Key> keys;  // all of them; empty: none but the known ones
  };
  // `known`: the keys that stand beside the journal. Blocks for some seconds at the most.
  [[nodiscard]] virtual std::expected<Answer, Refusal> sign(const Checkpoint& checkpoint,
                                                            const std::vector<Key>& known,
                                                            std::int64_t now_ns) = 0;
};

// Nothing is touched before the first signature.
[[nodiscard]] std::unique_ptr<SigningService> sign_ourselves(std::filesystem::path directory,
                                                             const JournalId& id,
                                                             std::int64_t key_life_ns);
// Each signature is a connection of its own: a signer may come and go.
[[nodiscard]] std::unique_ptr<SigningService> sign_by(std::filesystem::path socket,
                                                      const JournalId& id);

// What goes over that socket, in both directions: a length of four bytes, and that many bytes.
struct SigningRequest {
  JournalId id{};
  std::uint32_t known = 0;  // how many keys stand beside the journal
  Checkpoint checkpoint;
  std::string key_notes;  // those, when the signer has asked for them
};
[[nodiscard]] std::string encode(const SigningRequest& request);
[[nodiscard]] std::expected<SigningRequest, std::string> parse_request(std::string_view bytes);

// The answer of a signer to such a request: what interlock-signer does with each.
[[nodiscard]] std::string answer(Signer& signer, const SigningRequest& request,
                                 std::int64_t now_ns);

// The error: the other side did not take or send all of it in time.
[[nodiscard]] std::expected<void, std::string> send_message(int socket, std::string_view bytes);
[[nodiscard]] std::expected<std::string, std::string> receive_message(int socket);
// How long each of them waits for a piece.
void limit_waits(int socket);

}  // namespace interlock::audit

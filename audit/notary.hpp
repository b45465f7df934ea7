// The thread that has checkpoints signed, and then closed segments copied. Nobody waits for it:
// what cannot be signed now is covered by the next signature, and is unsigned until then.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "audit/copier.hpp"
#include "audit/keys.hpp"
#include "audit/proofs.hpp"
#include "audit/signing_service.hpp"

namespace interlock::audit {

class Notary {
 public:
  // Of the journal in `directory`, which is locked and has that seal. Either may be absent.
  Notary(std::filesystem::path directory, const Seal& seal, std::unique_ptr<SigningService> service,
         std::unique_ptr<Copier> copier);
  Notary(const Notary&) = delete;
  Notary& operator=(const Notary&) = delete;
  ~Notary();  // tries once more to sign all

  // It is on disk, and ends with a record of that time.
  void offer(const Checkpoint& checkpoint, std::int64_t time_ns);
  [[nodiscard]] Proofs proofs() const;

 private:
  using Done = std::expected<void, std::string>;
  void run();
  Done prepare();
  std::expected<void, Refusal> sign(const Checkpoint& checkpoint, std::int64_t time_ns);
  Done take_keys(std::vector<Key> keys);
  Done append(const SignatureEntry& entry);
  void enqueue(const Checkpoint& checkpoint);
  void take_up(const Seal& seal);
  std::expected<void, Refusal> process(const Checkpoint& checkpoint, std::int64_t time_ns);

  std::filesystem::path directory_;
  JournalId id_;
  std::unique_ptr<SigningService> service_;
  std::unique_ptr<Copier> copier_;
  bool prepared_ = false;
  std::vector<Key> keys_;
  std::uint64_t bytes_ = 0;  // of the signatures

  mutable std::mutex mutex_;  // of all below
  std::condition_variable offered_or_stopping_;
  // To be signed: the last one of each segment, since each is the root of its records.
  std::deque<Checkpoint> waiting_;
  std::int64_t time_ns_ = 0;  // of the last record; 0: none was written in this run
  Proofs proofs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace interlock::audit

#include "audit/notary.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>

#include "audit/segments.hpp"
#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

constexpr std::chrono::seconds before_another_try{1};

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Notary::Notary(std::filesystem::path directory, const Seal& seal,
               std::unique_ptr<SigningService> service, std::unique_ptr<Copier> copier)
    : directory_(std::move(directory)),
      id_(seal.id),
      service_(std::move(service)),
      copier_(std::move(copier)) {
  take_up(seal);
  thread_ = std::thread([this] { run(); });
}

Notary::~Notary() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  offered_or_stopping_.notify_one();
  thread_.join();
}

void Notary::offer(const Checkpoint& checkpoint, std::int64_t time_ns) {
  {
    const std::lock_guard lock(mutex_);
    enqueue(checkpoint);
    time_ns_ = time_ns;
  }
  offered_or_stopping_.notify_one();
}

void Notary::enqueue(const Checkpoint& checkpoint) {
  if (!waiting_.empty() && waiting_.back().segment == checkpoint.segment) waiting_.pop_back();
  waiting_.push_back(checkpoint);
}

// What an earlier run sealed, and did not come to sign.
void Notary::take_up(const Seal& seal) {
  if (!service_) return;
  if (const auto keys = read_keys(directory_, id_); keys && !keys->empty()) {
    proofs_.key = keys->back().number;
    proofs_.public_key = to_hex(keys->back().key);
  }
  const auto signatures = read_signatures(directory_, id_);
  if (!signatures) return;  // `prepare` says so
  const auto last = signatures->entries.empty() ? 0 : signatures->entries.back().sequence;
  for (const auto& checkpoint : seal.checkpoints) {
    if (checkpoint.sequence > last) enqueue(checkpoint);
  }
}

Proofs Notary::proofs() const {
  const std::lock_guard lock(mutex_);
  auto proofs = proofs_;
  if (copier_) proofs.copy_problem = copier_->problem();
  return proofs;
}

void Notary::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    offered_or_stopping_.wait(lock,
                              [this] { return stopping_ || (!waiting_.empty() && time_ns_ != 0); });
    if (waiting_.empty() || time_ns_ == 0) return;
    const auto next = waiting_.front();
    const auto time_ns = time_ns_;
    const auto open_segment = waiting_.back().segment;
    lock.unlock();
    const auto done = process(next, time_ns);
    // With the signatures that there are: a signer that is lost does not keep the copy back.
    if (copier_ && (!done || next.segment == open_segment)) copier_->closed(open_segment - 1);
    lock.lock();
    proofs_.signing_problem = done ? std::string() : done.error().why;
    if (done && !keys_.empty()) {
      proofs_.key = keys_.back().number;
      proofs_.public_key = to_hex(keys_.back().key);
      proofs_.signed_sequence = next.sequence;
    }
    if (done || done.error().is_past) {
      if (waiting_.front() == next) waiting_.pop_front();
    } else if (stopping_) {
      return;
    } else {
      offered_or_stopping_.wait_for(lock, before_another_try, [this] { return stopping_; });
    }
  }
}

std::expected<void, Refusal> Notary::process(const Checkpoint& checkpoint, std::int64_t time_ns) {
  if (!service_) return {};
  try {
    if (auto prepared = prepare(); !prepared)
      return std::unexpected(Refusal{prepared.error(), false});
    return sign(checkpoint, time_ns);
  } catch (const std::exception& problem) {
    return std::unexpected(Refusal{problem.what(), false});
  }
}

// What an earlier run has left: its keys and signatures. One that a crash has torn is written over.
Notary::Done Notary::prepare() {
  if (prepared_) return {};
  auto keys = read_keys(directory_, id_);
  if (!keys) return std::unexpected(std::move(keys.error()));
  const auto path = directory_ / "signatures";
  if (!std::filesystem::exists(path)) {
    auto created = killswitch::replace_file(path, as_text(encode_signatures_header(id_)));
    if (!created) return created;
  }
  const auto signatures = read_signatures(directory_, id_);
  if (!signatures) return std::unexpected("the signatures: " + signatures.error());
  keys_ = *std::move(keys);
  bytes_ = signatures_header_bytes + signatures->entries.size() * signature_bytes;
  prepared_ = true;
  return {};
}

std::expected<void, Refusal> Notary::sign(const Checkpoint& checkpoint, std::int64_t time_ns) {
  const auto failed = [](std::string why) {
    return std::unexpected(Refusal{std::move(why), false});
  };
  auto answer = service_->sign(checkpoint, keys_, time_ns);
  if (!answer) return std::unexpected(std::move(answer.error()));
  if (!answer->keys.empty()) {
    if (auto taken = take_keys(std::move(answer->keys)); !taken) return failed(taken.error());
  }
  const auto& [number, signature] = answer->signature;
  if (number == 0 || number > keys_.size() ||
      !has_signed(keys_[number - 1].key, text_of(id_, checkpoint), signature)) {
    return failed("what the signer sent is no signature of this checkpoint");
  }
  if (auto done = append({checkpoint.sequence, number, signature}); !done) {
    return failed(done.error());
  }
  return {};
}

// Behind the ones that are known; another row would be another history.
Notary::Done Notary::take_keys(std::vector<Key> keys) {
  if (keys.size() < keys_.size() ||
      !std::ranges::equal(keys_, std::span(keys).first(keys_.size()))) {
    return std::unexpected("the signer's keys are not those that stand beside the journal");
  }
  if (auto written = killswitch::replace_file(directory_ / "keys", encode(id_, keys)); !written) {
    return written;
  }
  keys_ = std::move(keys);
  return {};
}

Notary::Done Notary::append(const SignatureEntry& entry) {
  const auto path = directory_ / "signatures";
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return std::unexpected(system_error("cannot open", path, errno));
  const auto bytes = encode(entry);
  const bool written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(bytes_)) ==
                           static_cast<ssize_t>(bytes.size()) &&
                       ::ftruncate(file, static_cast<off_t>(bytes_ + bytes.size())) == 0 &&
                       ::fdatasync(file) == 0;
  const int failed = errno;
  ::close(file);
  if (!written) return std::unexpected(system_error("cannot write", path, failed));
  bytes_ += bytes.size();
  return {};
}

}  // namespace interlock::audit

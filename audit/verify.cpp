#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "audit/fields.hpp"
#include "audit/reader.hpp"
#include "audit/scan.hpp"
#include "audit/signing_check.hpp"

namespace interlock::audit {
namespace {

// A signer is asked once a second; so many may wait for it before a journal that is being written
// is said to be unsigned.
constexpr std::size_t may_wait_for_a_signature = 60;

// What each start and reload says of its configuration.
class Configurations {
 public:
  explicit Configurations(const std::vector<std::string>& expected) : expected_(expected) {}
  void look_at(const Record& record) {
    if (record.kind != Kind::start && record.kind != Kind::reload && record.kind != Kind::policy) {
      return;
    }
    const auto hash = FieldReader(record.payload).text(Field::config_hash);
    if (!hash) return;
    const bool good = std::ranges::find(expected_, *hash) != expected_.end();
    if (good && expected_.size() == 1) differs_.clear();  // the last one decides
    if (good || (!differs_.empty() && expected_.size() > 1)) return;
    differs_ = fmt::format("record {}, {}: its configuration is {}", record.location.sequence,
                           name(record.kind), *hash);
  }
  [[nodiscard]] const std::string& differs() const { return differs_; }

 private:
  const std::vector<std::string>& expected_;
  std::string differs_;
};

void judge_signing(const SigningCheck& check, const VerifyOptions& options, Verification& found) {
  found.signed_sequence = check.signed_sequence;
  const auto say = [&](Finding finding, std::string where) {
    found.finding = finding;
    found.where = std::move(where);
  };
  const bool is_signed = !found.keys.empty() || check.signed_sequence > 0;
  const auto may_wait = found.is_being_written ? may_wait_for_a_signature : 0;
  if (check.finding != Finding::whole) {
    say(check.finding, check.where);
  } else if (!is_signed) {
    const bool wanted = options.must_be_signed || !options.keys.empty();
    if (wanted && found.records > 0) say(Finding::not_signed, "there is no key and no signature");
  } else if (check.unsigned_checkpoints > may_wait) {
    say(Finding::unsigned_tail, fmt::format("{} checkpoints behind record {} are not signed",
                                            check.unsigned_checkpoints, check.signed_sequence));
  }
}

Verification look(const std::filesystem::path& directory, const VerifyOptions& options, bool live) {
  Verification found;
  found.is_being_written = live;
  auto seal = read_seal(directory);
  if (live && seal && !seal->checkpoints.empty()) found.mark = seal->checkpoints.back().sequence;
  std::future<SigningCheck> signing;
  if (seal) {
    // By another thread: a signature takes as long as some hundred records.
    signing = std::async(std::launch::async, [&, id = seal->id] {
      const auto files = read_signing_files(directory, id);
      if (files.keys) {
        for (const auto& key : *files.keys) found.keys.push_back(fingerprint(key.key));
      }
      const auto sealed = read_seal(directory);
      return check_signing(files, sealed ? *sealed : *seal, options.keys);
    });
  }
  Configurations configurations(options.configs);
  const auto result = scan(directory, live, [&](const Record& record) {
    configurations.look_at(record);
    if (options.at != nullptr)
      options.at->store(record.location.sequence, std::memory_order_relaxed);
    return !live || record.location.sequence < found.mark;
  });
  found.finding = result.finding;
  found.where = result.where;
  found.last_good = result.sealed.sequence;
  found.records = result.last;
  if (result.sealed.sequence > 0) found.chain = to_hex(result.sealed.head);
  if (!signing.valid()) return found;
  const auto check = signing.get();
  const bool unsealed = found.finding == Finding::unsealed_tail;
  if (found.finding == Finding::whole || (unsealed && check.finding != Finding::whole)) {
    judge_signing(check, options, found);
  } else {
    found.signed_sequence = check.signed_sequence;
  }
  if (found.finding == Finding::whole && !options.configs.empty() &&
      !configurations.differs().empty()) {
    found.finding = Finding::config_differs;
    found.where = configurations.differs();
  }
  return found;
}

}  // namespace

std::string_view name(Finding finding) {
  switch (finding) {
    case Finding::whole:
      return "whole";
    case Finding::no_journal:
      return "no_journal";
    case Finding::bad_header:
      return "bad_header";
    case Finding::bad_crc:
      return "bad_crc";
    case Finding::bad_length:
      return "bad_length";
    case Finding::sequence_gap:
      return "sequence_gap";
    case Finding::time_goes_back:
      return "time_goes_back";
    case Finding::chain_differs:
      return "chain_differs";
    case Finding::checkpoint_missing:
      return "checkpoint_missing";
    case Finding::segment_missing:
      return "segment_missing";
    case Finding::unsealed_tail:
      return "unsealed_tail";
    case Finding::bad_signature:
      return "bad_signature";
    case Finding::bad_key:
      return "bad_key";
    case Finding::wrong_key:
      return "wrong_key";
    case Finding::other_key:
      return "other_key";
    case Finding::key_not_vouched:
      return "key_not_vouched";
    case Finding::unsigned_tail:
      return "unsigned_tail";
    case Finding::not_signed:
      return "not_signed";
    case Finding::config_differs:
      return "config_differs";
  }
  return {};
}

std::string_view meaning(Finding finding) {
  switch (finding) {
    case Finding::whole:
      return "every record is as it was written";
    case Finding::no_journal:
      return "there is no journal";
    case Finding::bad_header:
      return "a file's header is damaged, of another version, or of another journal";
    case Finding::bad_crc:
      return "a record is damaged";
    case Finding::bad_length:
      return "a record or file does not end where it must";
    case Finding::sequence_gap:
      return "a record is missing, repeated or in another place";
    case Finding::time_goes_back:
      return "a record's monotonic clock is behind the record before";
    case Finding::chain_differs:
      return "the records are not those that were sealed";
    case Finding::checkpoint_missing:
      return "the seal is missing or damaged";
    case Finding::segment_missing:
      return "a file of records is missing";
    case Finding::unsealed_tail:
      return "the end is not sealed: nothing proves it";
    case Finding::bad_signature:
      return "a signature is not that of its checkpoint";
    case Finding::bad_key:
      return "the list of keys is damaged";
    case Finding::wrong_key:
      return "a checkpoint was signed with a key of another time: history may have been written "
             "anew";
    case Finding::other_key:
      return "the first key is another one";
    case Finding::key_not_vouched:
      return "a key begins that the key before it has not signed: the signer was lost, or replaced";
    case Finding::unsigned_tail:
      return "the end is sealed and not signed";
    case Finding::not_signed:
      return "nothing is signed: the chain alone says that it is whole";
    case Finding::config_differs:
      return "a start or reload names another configuration";
  }
  return {};
}

Verification verify(const std::filesystem::path& directory, const VerifyOptions& options) {
  const bool live = is_being_written(directory);
  auto found = look(directory, options, live);
  // A writer may have started since: what looks like damage then is looked at again.
  if (!live && found.finding != Finding::whole && is_being_written(directory)) {
    return look(directory, options, true);
  }
  return found;
}

}  // namespace interlock::audit

#include "audit/signing_check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace interlock::audit {
namespace {

class Check {
 public:
  Check(const SigningFiles& files, const Seal& seal, const std::vector<std::string>& pins)
      : files_(files), seal_(seal), pins_(pins) {}

  SigningCheck run() {
    if (!files_.keys) return found(Finding::bad_key, files_.keys.error());
    if (!files_.signatures) return found(Finding::bad_signature, files_.signatures.error());
    for (const auto& key : *files_.keys) {
      if (!check(key)) return check_;
    }
    std::uint64_t before = 0;
    for (const auto& entry : files_.signatures->entries) {
      if (!check(entry, before)) return check_;
      check_.signed_sequence = before = entry.sequence;
    }
    if (files_.signatures->torn) {
      return found(Finding::bad_signature, "the last signature is not whole");
    }
    check_.unsigned_checkpoints = static_cast<std::size_t>(
        std::ranges::count_if(seal_.checkpoints, [&](const Checkpoint& checkpoint) {
          return checkpoint.sequence > check_.signed_sequence;
        }));
    return check_;
  }

 private:
  SigningCheck found(Finding finding, std::string where) {
    check_.finding = finding;
    check_.where = std::move(where);
    return check_;
  }

  const Checkpoint* checkpoint_at(std::uint64_t sequence) const {
    const auto at =
        std::ranges::lower_bound(seal_.checkpoints, sequence, {}, &Checkpoint::sequence);
    return at != seal_.checkpoints.end() && at->sequence == sequence ? &*at : nullptr;
  }

  [[nodiscard]] bool is_pinned(const Key& key) const {
    return std::ranges::find(pins_, fingerprint(key.key)) != pins_.end();
  }

  bool check(const Key& key) {
    const auto about = [&](std::string_view what) {
      return fmt::format("key {} ({}) {}", key.number, fingerprint(key.key), what);
    };
    if (key.number == 1 && !pins_.empty() && !is_pinned(key)) {
      found(Finding::other_key, about("is the first, and not the one that was asked for"));
    } else if (key.number > 1 && !key.by_former && !is_pinned(key)) {
      found(Finding::key_not_vouched, about("is not signed by the key before it"));
    } else if (const auto* at = checkpoint_at(key.sequence);
               at == nullptr || at->head != key.head) {
      found(Finding::bad_key, about(fmt::format("begins at record {}, of which the journal has "
                                                "no such checkpoint",
                                                key.sequence)));
    }
    return check_.finding == Finding::whole;
  }

  bool check(const SignatureEntry& entry, std::uint64_t before) {
    const auto about = [&](std::string_view what) {
      return fmt::format("the signature of record {} with key {} {}", entry.sequence, entry.key,
                         what);
    };
    const auto& keys = *files_.keys;
    const auto* at = checkpoint_at(entry.sequence);
    if (entry.sequence <= before || at == nullptr) {
      found(Finding::bad_signature, about("belongs to no checkpoint"));
    } else if (entry.key == 0 || entry.key > keys.size()) {
      found(Finding::bad_signature, about("is of a key that is not there"));
    } else if (entry.sequence < keys[entry.key - 1].sequence ||
               (entry.key < keys.size() && entry.sequence > keys[entry.key].sequence)) {
      found(Finding::wrong_key, about("is not from the time of that key"));
    } else if (!has_signed(keys[entry.key - 1].key, text_of(seal_.id, *at), entry.signature)) {
      found(Finding::bad_signature, about("does not fit"));
    }
    return check_.finding == Finding::whole;
  }

  const SigningFiles& files_;
  const Seal& seal_;
  const std::vector<std::string>& pins_;
  SigningCheck check_;
};

}  // namespace

SigningFiles read_signing_files(const std::filesystem::path& directory, const JournalId& id) {
  auto signatures = read_signatures(directory, id);
  return {.keys = read_keys(directory, id), .signatures = std::move(signatures)};
}

SigningCheck check_signing(const SigningFiles& files, const Seal& seal,
                           const std::vector<std::string>& pins) {
  return Check(files, seal, pins).run();
}

}  // namespace interlock::audit

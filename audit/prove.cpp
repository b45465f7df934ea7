#include "audit/prove.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "audit/keys.hpp"
#include "audit/merkle.hpp"
#include "killswitch/file.hpp"

namespace interlock::audit {
namespace {

constexpr std::string_view first_line = "c2sp.org/tlog-proof@v1\n";

struct Found {
  std::uint32_t segment = 0;
  std::uint32_t index = 0;  // of the record
  std::vector<Bytes> records;
};

// The records of the segment in which that one stands; `file` gets what they are views of.
std::expected<Found, std::string> find(const std::filesystem::path& directory,
                                       std::uint64_t sequence, std::string& file) {
  for (Found found{1, 0, {}};; ++found.segment) {
    auto bytes = killswitch::read_file(directory / segment_name(found.segment));
    if (!bytes) break;
    file = *std::move(bytes);
    const auto segment = bytes_of(file);
    const auto header = parse_header(segment);
    if (!header) return std::unexpected(header.error());
    if (sequence < header->first_sequence) break;
    auto at = segment_header_bytes;
    while (at + end_bytes <= segment.size()) {
      const auto length = length_at(segment.data() + at);
      if (length == 0 || length == end_of_segment) break;
      const auto record = parse_record(segment.subspan(at));
      if (!record) return std::unexpected(fmt::format("a record is damaged: `verify` says which"));
      found.records.push_back(record->padded);
      at += record->padded.size();
    }
    found.index = static_cast<std::uint32_t>(sequence - header->first_sequence);
    if (found.index < found.records.size()) return found;
    found.records.clear();
  }
  return std::unexpected(fmt::format("there is no record {}", sequence));
}

std::optional<std::string_view> line_of(std::string_view& text, std::string_view begin) {
  const auto end = text.find('\n');
  if (end == text.npos || !text.starts_with(begin)) return std::nullopt;
  const auto line = text.substr(begin.size(), end - begin.size());
  text.remove_prefix(end + 1);
  return line;
}

template <typename Number>
std::optional<Number> number_of(std::optional<std::string_view> digits) {
  Number number = 0;
  if (!digits) return std::nullopt;
  const auto* end = digits->data() + digits->size();
  const auto [at, failed] = std::from_chars(digits->data(), end, number);
  if (failed != std::errc() || at != end) return std::nullopt;
  return number;
}

std::optional<Hash> hash_of(std::optional<std::string_view> text) {
  const auto bytes = text ? from_base64(*text, sizeof(Hash)) : std::nullopt;
  if (!bytes) return std::nullopt;
  Hash hash;
  std::ranges::copy(bytes_of(*bytes), hash.begin());
  return hash;
}

std::optional<std::string> any_base64(std::optional<std::string_view> text) {
  if (!text || text->empty() || text->size() % 4 != 0) return std::nullopt;
  const auto padding = text->size() - text->find_last_not_of('=') - 1;
  return padding > 2 ? std::nullopt : from_base64(*text, text->size() / 4 * 3 - padding);
}

}  // namespace

std::expected<std::string, std::string> prove(const std::filesystem::path& directory,
                                              std::uint64_t sequence) {
  const auto seal = read_seal(directory);
  if (!seal) return std::unexpected(seal.error());
  const auto keys = read_keys(directory, seal->id);
  if (!keys) return std::unexpected(keys.error());
  const auto signatures = read_signatures(directory, seal->id);
  if (!signatures) return std::unexpected(signatures.error());
  std::string file;
  const auto found = find(directory, sequence, file);
  if (!found) return std::unexpected(found.error());
  for (auto entry = signatures->entries.rbegin(); entry != signatures->entries.rend(); ++entry) {
    const auto at =
        std::ranges::lower_bound(seal->checkpoints, entry->sequence, {}, &Checkpoint::sequence);
    if (at == seal->checkpoints.end() || at->sequence != entry->sequence ||
        at->segment != found->segment || at->sequence < sequence ||
        at->records > found->records.size() || entry->key == 0 || entry->key > keys->size()) {
      continue;
    }
    std::vector<Hash> leaves;
    for (const auto record : std::span(found->records).first(at->records)) {
      leaves.push_back(leaf_hash(record));
    }
    auto proof = fmt::format("{}extra {}\nindex {}\n", first_line,
                             to_base64(found->records[found->index]), found->index);
    for (const auto& hash : inclusion_path(leaves, found->index)) proof += to_base64(hash) + "\n";
    return proof + "\n" +
           note_of(text_of(seal->id, *at), seal->id,
                   {{(*keys)[entry->key - 1].key, entry->signature}});
  }
  return std::unexpected(
      fmt::format("no signed checkpoint of its segment covers record {}", sequence));
}

std::expected<VerifierKey, std::string> parse_verifier_key(std::string_view text) {
  constexpr std::string_view begin = "interlock/";
  const auto wrong = std::unexpected("this is no key as `interlock audit keys` prints them");
  const auto first = text.find('+'), second = text.find('+', first + 1);
  if (!text.starts_with(begin) || second == text.npos) return wrong;
  VerifierKey key;
  const auto id = from_hex(text.substr(begin.size(), first - begin.size()));
  const auto bytes = from_base64(text.substr(second + 1), 1 + key.key.size());
  if (id.size() != key.id.size() || !bytes) return wrong;
  std::ranges::copy(bytes_of(id), key.id.begin());
  std::ranges::copy(bytes_of(*bytes).subspan(1), key.key.begin());
  if (verifier_key(key.id, key.key) != text) return wrong;
  return key;
}

std::expected<Proven, std::string> check_proof(std::string_view proof, const VerifierKey& key) {
  if (!proof.starts_with(first_line)) return std::unexpected("this is no proof of that version");
  proof.remove_prefix(first_line.size());
  auto record = any_base64(line_of(proof, "extra "));
  const auto index = number_of<std::uint32_t>(line_of(proof, "index "));
  if (!record || !index) return std::unexpected("it has no record, or no index");
  std::vector<Hash> path;
  while (!proof.starts_with('\n')) {
    const auto hash = hash_of(line_of(proof, ""));
    if (!hash) return std::unexpected("a line of its path is no hash");
    path.push_back(*hash);
  }
  const auto note = parse_note(proof.substr(1));
  if (!note) return std::unexpected(note.error());
  if (!is_signed_by(*note, key.id, key.key)) {
    return std::unexpected("its checkpoint is not signed by that key");
  }
  std::string_view text = note->text;
  const auto segment = number_of<std::uint32_t>(line_of(text, journal_name(key.id) + "/"));
  const auto size = number_of<std::uint32_t>(line_of(text, ""));
  const auto root = hash_of(line_of(text, ""));
  if (!segment || !size || !root) return std::unexpected("what is signed is no checkpoint");
  const auto reached = root_by_path(leaf_hash(bytes_of(*record)), *index, *size, path);
  if (!reached) return std::unexpected(reached.error());
  if (*reached != *root) return std::unexpected("the record is not in what was signed");
  return Proven{.record = *std::move(record), .segment = *segment};
}

}  // namespace interlock::audit

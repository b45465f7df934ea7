#include "killswitch/stored.hpp"

#include <boost/crc.hpp>
#include <boost/endian/conversion.hpp>
#include <cstring>
#include <optional>

namespace interlock::killswitch {
namespace {

// A copy is: magic, version, CRC-32 of the payload, length of the payload, payload, zeros. The file
// is two copies and nothing else, so that the second is found at half of the file's size. It does
// not shrink or grow with each kill: what follows it is written where it stands.
constexpr std::string_view magic = "ILLATCH\n";
constexpr std::uint32_t version = 2;             // 1 knew no levels: doubt, so killed
constexpr std::size_t copy_multiple = 16 << 10;  // more than a hundred kills
constexpr std::size_t header_bytes = magic.size() + 4 + 4 + 8;

template <typename Number>
void put(std::string& bytes, Number number) {
  boost::endian::native_to_little_inplace(number);
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put_text(std::string& bytes, std::string_view text) {
  put(bytes, static_cast<std::uint64_t>(text.size()));
  bytes += text;
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <typename Number>
  Number number() {
    Number value{};
    const auto bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return boost::endian::little_to_native(value);
  }
  std::string text() { return std::string(take(number<std::uint64_t>())); }
  [[nodiscard]] bool ended_well() const { return good_ && rest_.empty(); }
  [[nodiscard]] bool good() const { return good_; }

 private:
  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      good_ = false;
      return {};
    }
    const auto piece = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return piece;
  }

  std::string_view rest_;
  bool good_ = true;
};

std::uint32_t checksum(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::string payload_of(const Stored& stored) {
  std::string bytes;
  put(bytes, stored.next_id);
  put(bytes, static_cast<std::uint8_t>(stored.clean_stop));
  put_text(bytes, stored.armed_identity);
  put(bytes, static_cast<std::uint64_t>(stored.kills.size()));
  for (const auto& kill : stored.kills) {
    put(bytes, kill.id);
    put(bytes, static_cast<std::uint8_t>(kill.scope.kind));
    put_text(bytes, kill.scope.id);
    put(bytes, static_cast<std::uint8_t>(kill.level));
    put(bytes, static_cast<std::uint8_t>(kill.source));
    put_text(bytes, kill.actor);
    put_text(bytes, kill.cause);
    put(bytes, kill.tripped_at_ns);
  }
  return bytes;
}

std::optional<Kill> kill_from(Reader& reader) {
  Kill kill;
  kill.id = reader.number<std::uint64_t>();
  kill.scope.kind = static_cast<ScopeKind>(reader.number<std::uint8_t>());
  kill.scope.id = reader.text();
  kill.level = static_cast<Level>(reader.number<std::uint8_t>());
  kill.source = static_cast<Source>(reader.number<std::uint8_t>());
  kill.actor = reader.text();
  kill.cause = reader.text();
  kill.tripped_at_ns = reader.number<std::int64_t>();
  if (!reader.good() || name(kill.scope.kind).empty() || name(kill.level).empty() ||
      name(kill.source).empty()) {
    return std::nullopt;
  }
  return kill;
}

std::expected<Stored, std::string> stored_from(std::string_view payload) {
  Reader reader(payload);
  Stored stored;
  stored.next_id = reader.number<std::uint64_t>();
  stored.clean_stop = reader.number<std::uint8_t>() == 1;
  stored.armed_identity = reader.text();
  const auto count = reader.number<std::uint64_t>();
  for (std::uint64_t read = 0; read < count; ++read) {
    auto kill = kill_from(reader);
    if (!kill) return std::unexpected("it names a kill that this build cannot read");
    stored.kills.push_back(std::move(*kill));
  }
  if (!reader.ended_well()) return std::unexpected("its content is not what its length says");
  return stored;
}

std::expected<std::string_view, std::string> payload_in(std::string_view copy) {
  if (copy.size() < header_bytes || !copy.starts_with(magic)) {
    return std::unexpected("it is not a latch file");
  }
  Reader header(copy.substr(magic.size(), header_bytes - magic.size()));
  const auto found_version = header.number<std::uint32_t>();
  const auto crc = header.number<std::uint32_t>();
  const auto length = header.number<std::uint64_t>();
  if (found_version != version) return std::unexpected("its version is not one of this build");
  if (length > copy.size() - header_bytes) return std::unexpected("its length is wrong");
  const auto payload = copy.substr(header_bytes, length);
  const auto rest = copy.substr(header_bytes + length);
  if (rest.find_first_not_of('\0') != std::string_view::npos)
    return std::unexpected("bytes stand behind it");
  if (crc != checksum(payload)) return std::unexpected("its checksum is wrong");
  return payload;
}

}  // namespace

std::string encode(const Stored& stored) {
  const auto payload = payload_of(stored);
  std::string copy(magic);
  put(copy, version);
  put(copy, checksum(payload));
  put(copy, static_cast<std::uint64_t>(payload.size()));
  copy += payload;
  copy.resize((copy.size() + copy_multiple - 1) / copy_multiple * copy_multiple);
  return copy + copy;
}

std::expected<Stored, std::string> decode(std::string_view bytes) {
  if (bytes.empty()) return std::unexpected("it is empty");
  if (bytes.size() % (2 * copy_multiple) != 0) return std::unexpected("its length is wrong");
  const auto first = payload_in(bytes.substr(0, bytes.size() / 2));
  const auto second = payload_in(bytes.substr(bytes.size() / 2));
  if (!first && !second) return std::unexpected(first.error());
  if (first && second && *first != *second) return std::unexpected("its two copies differ");
  return stored_from(first ? *first : *second);
}

}  // namespace interlock::killswitch

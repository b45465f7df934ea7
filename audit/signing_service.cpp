#include "audit/signing_service.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "audit/segments.hpp"
#include "audit/stored.hpp"

namespace interlock::audit {
namespace {

using Answered = std::expected<SigningService::Answer, Refusal>;

std::unexpected<Refusal> no(std::string why) {
  return std::unexpected(Refusal{std::move(why), false});
}

constexpr std::string_view magic = "ILSIGN1\n";
constexpr std::size_t request_bytes = 8 + 16 + 4 + checkpoint_bytes;
constexpr std::size_t answer_bytes = 1 + 4 + 64;
constexpr std::uint32_t message_bytes_max = 16 << 20;
constexpr timeval wait_for_a_piece{.tv_sec = 2, .tv_usec = 0};
// The first byte of an answer.
constexpr char has_signed_it = 'S', wants_keys = 'K', refuses = 'R', is_past = 'P';

// Whether a signer with these keys may go on where the journal stands.
std::expected<void, std::string> goes_on(const std::vector<Key>& mine, std::size_t known) {
  if (mine.size() >= known) return {};
  return std::unexpected(fmt::format(
      "the journal has {} keys, the signer knows {}: it was set back. Move its folder away", known,
      mine.size()));
}

class Ourselves final : public SigningService {
 public:
  Ourselves(std::filesystem::path directory, const JournalId& id, std::int64_t key_life_ns)
      : directory_(std::move(directory)), id_(id), key_life_ns_(key_life_ns) {}

  Answered sign(const Checkpoint& checkpoint, const std::vector<Key>& known,
                std::int64_t now_ns) override {
    if (!signer_) {
      auto opened = Signer::open(directory_, id_, key_life_ns_);
      if (!opened) return no(std::move(opened.error()));
      if ((*opened)->keys().empty() && !known.empty()) {
        auto adopted = (*opened)->adopt(encode(id_, known));
        if (!adopted) return no(std::move(adopted.error()));
      }
      signer_ = *std::move(opened);
    }
    if (auto good = goes_on(signer_->keys(), known.size()); !good) return no(good.error());
    auto signature = signer_->sign(checkpoint, now_ns);
    if (!signature) {
      signer_.reset();  // what its files hold is read again
      return std::unexpected(std::move(signature.error()));
    }
    if (signer_->keys().size() == known.size()) return Answer{*signature, {}};
    return Answer{*signature, signer_->keys()};
  }

 private:
  std::filesystem::path directory_;
  JournalId id_;
  std::int64_t key_life_ns_;
  std::unique_ptr<Signer> signer_;
};

class Connection {
 public:
  Connection() : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }
  [[nodiscard]] std::expected<std::string, std::string> ask(const std::filesystem::path& path,
                                                            std::string_view request) const {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof to.sun_path) return std::unexpected("its path is too long");
    std::ranges::copy(path.native(), to.sun_path);
    limit_waits(socket_);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      return std::unexpected(system_error("cannot reach the signer", path, errno));
    }
    if (auto sent = send_message(socket_, request); !sent) return std::unexpected(sent.error());
    return receive_message(socket_);
  }

 private:
  int socket_;
};

class Elsewhere final : public SigningService {
 public:
  Elsewhere(std::filesystem::path socket, const JournalId& id)
      : socket_(std::move(socket)), id_(id) {}

  Answered sign(const Checkpoint& checkpoint, const std::vector<Key>& known,
                std::int64_t) override {
    SigningRequest request{.id = id_,
                           .known = static_cast<std::uint32_t>(known.size()),
                           .checkpoint = checkpoint,
                           .key_notes = {}};
    auto bytes = Connection().ask(socket_, encode(request));
    if (bytes && bytes->starts_with(wants_keys)) {
      request.key_notes = encode(id_, known);
      bytes = Connection().ask(socket_, encode(request));
    }
    if (!bytes) return no(fmt::format("interlock-signer: {}", bytes.error()));
    return parse(*bytes);
  }

 private:
  Answered parse(std::string_view bytes) const {
    if (bytes.starts_with(refuses) || bytes.starts_with(is_past)) {
      return std::unexpected(Refusal{fmt::format("interlock-signer: {}", bytes.substr(1)),
                                     bytes.starts_with(is_past)});
    }
    if (!bytes.starts_with(has_signed_it) || bytes.size() < answer_bytes) {
      return no("interlock-signer: its answer cannot be read");
    }
    Answer answer;
    const auto raw = bytes_of(bytes);
    answer.signature.key = load<std::uint32_t>(raw.data() + 1);
    std::ranges::copy(raw.subspan(5, answer.signature.signature.size()),
                      answer.signature.signature.begin());
    auto keys = parse_keys(id_, bytes.substr(answer_bytes));
    if (!keys) return no(fmt::format("interlock-signer: {}", keys.error()));
    answer.keys = *std::move(keys);
    return answer;
  }

  std::filesystem::path socket_;
  JournalId id_;
};

}  // namespace

std::unique_ptr<SigningService> sign_ourselves(std::filesystem::path directory, const JournalId& id,
                                               std::int64_t key_life_ns) {
  return std::make_unique<Ourselves>(std::move(directory), id, key_life_ns);
}

std::unique_ptr<SigningService> sign_by(std::filesystem::path socket, const JournalId& id) {
  return std::make_unique<Elsewhere>(std::move(socket), id);
}

std::string encode(const SigningRequest& request) {
  std::string bytes(request_bytes, '\0');
  auto* to = reinterpret_cast<std::byte*>(bytes.data());
  std::memcpy(to, magic.data(), magic.size());
  std::ranges::copy(request.id, to + 8);
  store(to + 24, request.known);
  std::ranges::copy(encode(request.checkpoint), to + 28);
  return bytes + request.key_notes;
}

std::expected<SigningRequest, std::string> parse_request(std::string_view bytes) {
  if (bytes.size() < request_bytes || !bytes.starts_with(magic)) {
    return std::unexpected("this is no request of this version");
  }
  const auto raw = bytes_of(bytes);
  SigningRequest request{.known = load<std::uint32_t>(raw.data() + 24),
                         .checkpoint = {},
                         .key_notes = std::string(bytes.substr(request_bytes))};
  std::ranges::copy(raw.subspan(8, request.id.size()), request.id.begin());
  const auto checkpoint = decode_checkpoint(raw.subspan(28, checkpoint_bytes));
  if (!checkpoint) return std::unexpected("the checkpoint " + checkpoint.error());
  request.checkpoint = *checkpoint;
  return request;
}

std::string answer(Signer& signer, const SigningRequest& request, std::int64_t now_ns) {
  const auto refuse = [](const std::string& why) { return refuses + why; };
  if (signer.keys().empty() && request.known > 0) {
    if (request.key_notes.empty()) return std::string(1, wants_keys);
    if (auto adopted = signer.adopt(request.key_notes); !adopted) return refuse(adopted.error());
  }
  if (auto good = goes_on(signer.keys(), request.known); !good) return refuse(good.error());
  const auto signature = signer.sign(request.checkpoint, now_ns);
  if (!signature) {
    return (signature.error().is_past ? is_past : refuses) + signature.error().why;
  }
  std::string bytes(answer_bytes, has_signed_it);
  auto* to = reinterpret_cast<std::byte*>(bytes.data());
  store(to + 1, signature->key);
  std::ranges::copy(signature->signature, to + 5);
  if (signer.keys().size() > request.known) bytes += encode(request.id, signer.keys());
  return bytes;
}

void limit_waits(int socket) {
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait_for_a_piece, sizeof wait_for_a_piece);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait_for_a_piece, sizeof wait_for_a_piece);
}

std::expected<void, std::string> send_message(int socket, std::string_view bytes) {
  std::string whole(4, '\0');
  store(reinterpret_cast<std::byte*>(whole.data()), static_cast<std::uint32_t>(bytes.size()));
  whole += bytes;
  for (std::string_view rest = whole; !rest.empty();) {
    const auto sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) return std::unexpected("the other side does not take the message");
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

std::expected<std::string, std::string> receive_message(int socket) {
  const auto fill = [socket](char* to, std::size_t size) {
    while (size > 0) {
      const auto got = ::recv(socket, to, size, 0);
      if (got <= 0) return false;
      to += got;
      size -= static_cast<std::size_t>(got);
    }
    return true;
  };
  std::uint32_t size = 0;
  if (!fill(reinterpret_cast<char*>(&size), sizeof size)) {
    return std::unexpected("there is no answer");
  }
  if (size > message_bytes_max) return std::unexpected("the message is too long");
  std::string bytes(size, '\0');
  if (!fill(bytes.data(), bytes.size())) return std::unexpected("the answer does not end");
  return bytes;
}

}  // namespace interlock::audit

// interlock-signer, beside this program, and journals that ask it.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "audit/signing_service.hpp"
#include "tests/audit/signing_fixture.hpp"

using namespace interlock::audit;
using namespace interlock::audit::tests;
using interlock::tests::Scratch;

namespace {

class Program {
 public:
  explicit Program(const SignedJournal& journal, const std::string& folder = "signer") {
    const auto program =
        std::filesystem::read_symlink("/proc/self/exe").parent_path() / "interlock-signer";
    const std::string user = ::getpwuid(::geteuid())->pw_name;
    const std::vector<std::string> words{program.string(),
                                         "--socket",
                                         journal.socket.string(),
                                         "--directory",
                                         (journal.scratch / folder).string(),
                                         "--user",
                                         user};
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    int told[2];
    REQUIRE(::pipe2(told, O_CLOEXEC) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(told[1], STDERR_FILENO);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    ::close(told[1]);
    said_ = told[0];
    REQUIRE(hears("ready"));
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (pid_ > 0) end();
    ::close(said_);
  }
  int end() {
    ::kill(pid_, SIGTERM);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  // Waits until it has said that; it ends when the program does.
  bool hears(std::string_view words) {
    std::array<char, 512> piece;
    while (!heard_.contains(words)) {
      const auto got = ::read(said_, piece.data(), piece.size());
      if (got <= 0) return false;
      heard_.append(piece.data(), static_cast<std::size_t>(got));
    }
    return true;
  }

 private:
  pid_t pid_ = -1;
  int said_ = -1;
  std::string heard_;
};

struct JournalWithSigner : SignedJournal {
  JournalWithSigner() { socket = scratch / "socket"; }
};

std::string finding(const SignedJournal& journal) {
  const auto verified =
      verify(journal.folder(), {.keys = {}, .must_be_signed = true, .configs = {}});
  CAPTURE(verified.where);
  return std::string(name(verified.finding));
}

template <typename Condition>
void wait_until(Condition condition) {
  while (!condition()) std::this_thread::yield();
}

}  // namespace

TEST_CASE("interlock-signer: a journal is signed by another program, which keeps the key") {
  const JournalWithSigner journal;
  Program signer(journal);
  journal.write(200);
  CHECK(finding(journal) == "whole");
  CHECK(std::filesystem::exists(journal.scratch / "signer/key-1"));
  CHECK_FALSE(std::filesystem::exists(journal.keys()));
  CHECK(signer.end() == 0);
}

TEST_CASE("interlock-signer: while it is away nothing is signed, and then all is") {
  const JournalWithSigner journal;
  const auto open = journal.open();
  {
    Program signer(journal);
    add_many(*open, 5);
    REQUIRE(open->sync().has_value());
    wait_until([&] { return open->proofs().signed_sequence == 5; });
  }
  add_many(*open, 5);
  REQUIRE(open->sync().has_value());
  wait_until([&] { return !open->proofs().signing_problem.empty(); });
  CHECK(open->proofs().signing_problem.contains("cannot reach the signer"));
  CHECK(open->proofs().signed_sequence == 5);
  Program signer(journal);
  wait_until([&] { return open->proofs().signed_sequence == 10; });
  CHECK(open->proofs().signing_problem.empty());
  CHECK(finding(journal) == "whole");
  CHECK(journal.public_keys().size() == 1);
}

TEST_CASE("interlock-signer: one that does not answer holds no record up") {
  const JournalWithSigner journal;
  const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::ranges::copy(journal.socket.native(), at.sun_path);
  REQUIRE(::bind(listening, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(::listen(listening, 8) == 0);
  const auto open = journal.open();
  add_many(*open, 300);
  REQUIRE(open->sync().has_value());
  CHECK(open->proofs().signed_sequence == 0);
  wait_until([&] { return !open->proofs().signing_problem.empty(); });
  CHECK(open->proofs().signing_problem.contains("there is no answer"));
  ::close(listening);
}

TEST_CASE("interlock-signer: a stolen gateway cannot have another history signed") {
  const JournalWithSigner journal;
  Program signer(journal);
  journal.write(10);
  const auto seal = read_seal(journal.folder());
  const auto keys = journal.public_keys();
  REQUIRE(seal.has_value());
  const auto service = sign_by(journal.socket, seal->id);
  auto forged = seal->checkpoints.back();
  forged.head[0] ^= std::byte{1};
  const auto answer = service->sign(forged, keys, now);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().is_past);
  CHECK(answer.error().why.contains("history is not signed twice"));
  const auto other = sign_by(journal.socket, {})->sign(seal->checkpoints.back(), {}, now);
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().why.contains("signs for another journal"));
  CHECK(service->sign(seal->checkpoints.back(), keys, now).has_value());  // the very same, again
}

TEST_CASE("interlock-signer: one that has lost its folder goes on with a key that is named") {
  const JournalWithSigner journal;
  {
    Program signer(journal);
    journal.write(10);
  }
  Program signer(journal, "another folder");
  journal.write(10);
  CHECK(journal.public_keys().size() == 2);
  CHECK(finding(journal) == "key_not_vouched");
}

TEST_CASE("interlock-signer: another user is not heard") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can be another user");
    return;
  }
  const JournalWithSigner journal;
  Program signer(journal);
  std::filesystem::permissions(journal.scratch.path(), std::filesystem::perms::all);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::setuid(65534) != 0) ::_exit(2);
    const auto answer = sign_by(journal.socket, {})->sign({.sequence = 1, .segment = 1}, {}, now);
    ::_exit(answer ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(signer.hears("refused: process"));
  CHECK_FALSE(std::filesystem::exists(journal.scratch / "signer/keys"));
}

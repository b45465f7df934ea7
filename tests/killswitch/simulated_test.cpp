// The button that is pressed by writing to a socket, with real sockets.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "tests/killswitch/allocations.hpp"
#include "tests/killswitch/fake_kernel.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;
using namespace interlock::tests;

namespace {

class Person {
 public:
  explicit Person(const std::filesystem::path& path)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  Person(const Person&) = delete;
  Person& operator=(const Person&) = delete;
  ~Person() { ::close(fd_); }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] bool tries_to_say(std::string_view text) const {
    return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
           static_cast<ssize_t>(text.size());
  }
  void says(std::string_view text) const { REQUIRE(tries_to_say(text)); }
  // What came back so far; "end" when the other side has closed.
  [[nodiscard]] std::string hears() const {
    std::array<char, 4096> bytes;
    const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (size < 0) return errno == ECONNRESET ? "end" : "";
    return size == 0 ? "end" : std::string(bytes.data(), static_cast<std::size_t>(size));
  }

 private:
  int fd_;
  bool connected_ = false;
};

constexpr auto error = "error: understood are press, release, lose, find\n";

struct Bench {
  Scratch scratch;
  std::filesystem::path path = scratch / "button.sock";
  std::unique_ptr<ButtonSource> source = make_simulated({path});
};

}  // namespace

TEST_CASE("simulated: it is safe at the start, and pressed until it is released") {
  Bench bench;
  CHECK(look(*bench.source).contact == Contact::unknown);
  REQUIRE(bench.source->open());
  CHECK(look(*bench.source).contact == Contact::safe);
  const Person person(bench.path);
  person.says("press\n");
  auto sample = look(*bench.source);
  CHECK(sample.contact == Contact::pressed);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 1);
  CHECK(person.hears() == "ok\n");
  CHECK(look(*bench.source).contact == Contact::pressed);
  person.says("release\n");
  sample = look(*bench.source);
  CHECK(sample.contact == Contact::safe);
  CHECK_FALSE(sample.was_pressed);
  CHECK(sample.changes == 1);
  CHECK(person.hears() == "ok\n");
}

TEST_CASE("simulated: a press and a release between two looks were a press") {
  Bench bench;
  REQUIRE(bench.source->open());
  const Person person(bench.path);
  person.says("press\nrelease\n");
  const auto sample = look(*bench.source);
  CHECK(sample.contact == Contact::safe);
  CHECK(sample.was_pressed);
  CHECK(sample.changes == 2);
  CHECK(person.hears() == "ok\nok\n");
  CHECK_FALSE(look(*bench.source).was_pressed);
}

TEST_CASE("simulated: a press counts though the person has gone before it was read") {
  Bench bench;
  REQUIRE(bench.source->open());
  { Person(bench.path).says("press\nhalf a li"); }
  CHECK(look(*bench.source).contact == Contact::pressed);
  CHECK(look(*bench.source).contact == Contact::pressed);
  Person(bench.path).says("release\n");  // which is not the rest of that line
  CHECK(look(*bench.source).contact == Contact::safe);
}

TEST_CASE("simulated: a lost contact is unknown, and opens again when it is found") {
  Bench bench;
  REQUIRE(bench.source->open());
  const Person person(bench.path);
  person.says("press\nlose\n");
  const auto sample = look(*bench.source);
  CHECK(sample.contact == Contact::unknown);
  CHECK(sample.error == ENODEV);
  CHECK(sample.was_pressed);
  CHECK(person.hears() == "ok\nok\n");
  CHECK(bench.source->fd() == -1);
  CHECK_FALSE(bench.source->open());
  CHECK(errno == ENODEV);
  person.says("find\n");
  CHECK(bench.source->open());
  CHECK(person.hears() == "ok\n");
  CHECK(bench.source->fd() >= 0);
  CHECK(look(*bench.source).contact == Contact::pressed);
}

TEST_CASE("simulated: what is not understood is answered with what is, and changes nothing") {
  Bench bench;
  REQUIRE(bench.source->open());
  const Person person(bench.path);
  for (const auto* wrong : {"pres\n", "press \n", "PRESS\n", "\n", "press\r\n"}) {
    person.says(wrong);
    CHECK(look(*bench.source).contact == Contact::safe);
    CHECK(person.hears() == error);
  }
  person.says("pre");
  CHECK(look(*bench.source).contact == Contact::safe);
  CHECK(person.hears().empty());
  person.says("ss\n");
  CHECK(look(*bench.source).contact == Contact::pressed);
  CHECK(person.hears() == "ok\n");
}

TEST_CASE("simulated: a line without an end ends its connection") {
  Bench bench;
  REQUIRE(bench.source->open());
  const Person person(bench.path);
  person.says(std::string(200, 'x'));
  CHECK(look(*bench.source).contact == Contact::safe);
  CHECK(person.hears() == "end");
}

TEST_CASE("simulated: several people press, and one too many is sent away") {
  Bench bench;
  REQUIRE(bench.source->open());
  std::vector<std::unique_ptr<Person>> people;
  for (int i = 0; i < 9; ++i) {
    people.push_back(std::make_unique<Person>(bench.path));
    look(*bench.source);
  }
  CHECK(people[7]->hears().empty());
  CHECK(people[8]->hears() == "end");
  people[3]->says("press\n");
  CHECK(look(*bench.source).contact == Contact::pressed);
  people[7]->says("release\n");
  CHECK(look(*bench.source).contact == Contact::safe);
  people[0].reset();
  look(*bench.source);
  const Person late(bench.path);
  look(*bench.source);
  late.says("press\n");
  CHECK(look(*bench.source).contact == Contact::pressed);
}

TEST_CASE("simulated: a person who does not read the answers is sent away, and holds nobody up") {
  Bench bench;
  REQUIRE(bench.source->open());
  const Person person(bench.path);
  // Each line is answered with a longer one, until no more answers fit.
  bool away = false;
  for (int i = 0; i < 1'000'000 && !away; ++i) {
    away = !person.tries_to_say("x\n");
    look(*bench.source);
  }
  CHECK(away);
  const Person next(bench.path);
  next.says("press\n");
  CHECK(look(*bench.source).contact == Contact::pressed);
}

TEST_CASE("simulated: only its owner may press, and the socket of a run before is replaced") {
  Bench bench;
  REQUIRE(bench.source->open());
  struct stat status {};
  REQUIRE(::stat(bench.path.c_str(), &status) == 0);
  CHECK(S_ISSOCK(status.st_mode));
  CHECK((status.st_mode & 0777) == 0600);
  const auto next = make_simulated({bench.path});
  REQUIRE(next->open());
  Person(bench.path).says("press\n");
  CHECK(look(*next).contact == Contact::pressed);
  CHECK(look(*bench.source).contact == Contact::safe);
}

TEST_CASE("simulated: a file that is no socket is left alone") {
  Bench bench;
  put_bytes(bench.path, "precious");
  CHECK_FALSE(bench.source->open());
  CHECK(errno == EADDRINUSE);
  CHECK(bench.source->fd() == -1);
  bench.source.reset();
  CHECK(bytes_of(bench.path) == "precious");
}

TEST_CASE("simulated: a path that is too long or has no directory is an error") {
  Bench bench;
  CHECK_FALSE(make_simulated({bench.scratch / std::string(120, 'x')})->open());
  CHECK(errno == ENAMETOOLONG);
  CHECK_FALSE(make_simulated({bench.scratch / "none/button.sock"})->open());
  CHECK(errno == ENOENT);
}

TEST_CASE("simulated: at the end its file is gone") {
  Bench bench;
  REQUIRE(bench.source->open());
  CHECK(bench.source->about() == "simulated at " + bench.path.string());
  bench.source.reset();
  CHECK_FALSE(std::filesystem::exists(bench.path));
}

TEST_CASE("simulated: a look asks for no memory") {
  Bench bench;
  REQUIRE(bench.source->open());
  const Person person(bench.path);
  person.says("press\nwhat\n");
  const long before = allocations();
  CHECK(look(*bench.source).contact == Contact::pressed);
  CHECK(allocations() == before);
}

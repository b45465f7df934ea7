#include "killswitch/page.hpp"

#include <doctest/doctest.h>
#include <linux/magic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstring>

#include "killswitch/process.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;

namespace {

PageVenue venue(std::uint8_t last, std::uint16_t port) {
  return {AF_INET, 0, port, {192, 0, 2, last}};
}

std::unique_ptr<PageWriter> made(const std::filesystem::path& file,
                                 const std::vector<PageVenue>& venues = {}) {
  auto writer = PageWriter::create(file, venues);
  REQUIRE_MESSAGE(writer.has_value(), writer.error());
  return std::move(*writer);
}

}  // namespace

TEST_CASE("page: what the gateway writes is what the guard reads through a mapping of its own") {
  const interlock::tests::Scratch scratch;
  const auto file = scratch / "guard.page";
  const auto writer = made(file, {venue(7, 9878), venue(8, 9879)});
  PageReader reader(file);
  auto seen = reader.look();
  REQUIRE(seen.has_value());
  CHECK(seen->pid == static_cast<std::uint32_t>(::getpid()));
  CHECK(seen->started_ticks == facts_of(::getpid())->started_ticks);
  CHECK(seen->owner == ::geteuid());
  CHECK(seen->loop_ns == 0);
  CHECK_FALSE(seen->shut);
  REQUIRE(reader.venues().size() == 2);
  CHECK(reader.venues()[1].port == 9879);
  CHECK(reader.venues()[1].address[3] == 8);

  writer->loop_turn(11, true);
  writer->thread_tick(12);
  seen = reader.look();
  CHECK(seen->loop_ns == 11);
  CHECK(seen->thread_ns == 12);
  CHECK(seen->shut);
  CHECK_FALSE(seen->ended);
  writer->loop_turn(13, false);
  writer->ended();
  seen = reader.look();
  CHECK_FALSE(seen->shut);
  CHECK(seen->ended);
}

TEST_CASE("page: it is 4,096 bytes that the group may read, whatever the umask") {
  const interlock::tests::Scratch scratch;
  const mode_t before = ::umask(0077);
  const auto writer = made(scratch / "guard.page");
  ::umask(before);
  struct stat file {};
  REQUIRE(::stat((scratch / "guard.page").c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0640);
  CHECK(file.st_size == 4096);
  CHECK_FALSE(std::filesystem::exists(scratch / "guard.page.new"));
}

TEST_CASE("page: a gateway that starts again is followed, and the old page is as it was") {
  const interlock::tests::Scratch scratch;
  const auto file = scratch / "guard.page";
  const auto first = made(file, {venue(7, 1)});
  PageReader reader(file);
  first->loop_turn(1, true);
  REQUIRE(reader.look()->shut);
  const auto second = made(file, {venue(9, 2)});
  first->loop_turn(5, true);
  CHECK(reader.look()->loop_ns == 0);
  CHECK_FALSE(reader.look()->shut);
  CHECK(reader.venues()[0].address[3] == 9);
  second->loop_turn(6, false);
  CHECK(reader.look()->loop_ns == 6);
}

TEST_CASE("page: no file, a file of another size, a folder and other bytes are no page") {
  const interlock::tests::Scratch scratch;
  const auto file = scratch / "guard.page";
  PageReader reader(file);
  CHECK_FALSE(reader.look().has_value());
  for (const std::size_t size : {0, 8, 4095, 4097, 8192}) {
    CAPTURE(size);
    interlock::tests::put_bytes(file, std::string(size, 'I'));
    CHECK_FALSE(reader.look().has_value());
  }
  interlock::tests::put_bytes(file, std::string(4096, '\0'));
  CHECK_FALSE(reader.look().has_value());
  interlock::tests::put_bytes(file, std::string(4096, '\xff'));
  CHECK_FALSE(reader.look().has_value());
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  CHECK_FALSE(reader.look().has_value());
}

TEST_CASE("page: it is no page while the magic is not there, and with a pid that cannot be") {
  const interlock::tests::Scratch scratch;
  const auto writer = made(scratch / "guard.page");
  const std::string good = interlock::tests::bytes_of(scratch / "guard.page");
  const auto file = scratch / "forged.page";
  const auto read = [&](std::size_t at, std::uint32_t value) {
    std::string bytes = good;
    std::memcpy(bytes.data() + at, &value, sizeof value);
    interlock::tests::put_bytes(file, bytes);
    return PageReader(file).look().has_value();
  };
  CHECK(read(offsetof(Page, pid), 2));
  CHECK_FALSE(read(offsetof(Page, pid), 0));
  CHECK_FALSE(read(offsetof(Page, pid), 1));  // init
  CHECK_FALSE(read(offsetof(Page, pid), 0x80000000U));
  CHECK_FALSE(read(offsetof(Page, magic), 0));
  CHECK(read(offsetof(Page, venue_count), Page::venues_max));
  CHECK_FALSE(read(offsetof(Page, venue_count), Page::venues_max + 1));
}

TEST_CASE("page: one that is cut short, or goes, is no page, and the venues are remembered") {
  const interlock::tests::Scratch scratch;
  const auto file = scratch / "guard.page";
  const auto writer = made(file, {venue(7, 1)});
  PageReader reader(file);
  REQUIRE(reader.look().has_value());
  SUBCASE("cut short") { std::filesystem::resize_file(file, 0); }
  SUBCASE("gone") { std::filesystem::remove(file); }
  CHECK_FALSE(reader.look().has_value());
  CHECK(reader.venues().size() == 1);
  const auto next = made(file);
  CHECK(reader.look().has_value());
  CHECK(reader.venues().empty());
}

TEST_CASE("page: one on a disk is refused, since a disk that hangs would hold up the buttons") {
  std::string folder = "/var/tmp/interlock-page-XXXXXX";
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  struct statfs system {};
  REQUIRE(::statfs(folder.c_str(), &system) == 0);
  const auto writer = PageWriter::create(std::filesystem::path(folder) / "page", {});
  if (system.f_type == TMPFS_MAGIC) {
    MESSAGE("not shown: /var/tmp of this machine is in memory");
  } else {
    REQUIRE_FALSE(writer);
    CHECK(writer.error().find("is on a disk") != std::string::npos);
    CHECK(std::filesystem::is_empty(folder));
  }
  std::filesystem::remove_all(folder);
}

TEST_CASE("page: what cannot be made is said with its path and what to do") {
  const interlock::tests::Scratch scratch;
  const auto nowhere = PageWriter::create(scratch / "none/guard.page", {});
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().contains("none/guard.page: No such file or directory"));
  const auto many = PageWriter::create(scratch / "guard.page", std::vector<PageVenue>(129));
  REQUIRE_FALSE(many.has_value());
  CHECK(many.error().contains("129"));
  CHECK_FALSE(std::filesystem::exists(scratch / "guard.page"));
}

// Fault 30: log rotation, or a hand, takes away files of the journal that are in use.
#include "gateway/file_watch.hpp"

#include <doctest/doctest.h>

#include "tests/scratch.hpp"

namespace interlock::gateway {
namespace {

struct Journal {
  Journal() {
    for (const char* name : {"lock", "seal", "journal-00000001.seg", "journal-00000002.seg"})
      tests::put_bytes(scratch / name, "12345678");
    REQUIRE(watch.look() == "");
  }
  [[nodiscard]] bool finds(const std::string& words) {
    return watch.look().find(words) != std::string::npos;
  }
  tests::Scratch scratch;
  FileLook watch{scratch.path()};
};

}  // namespace

TEST_CASE("fault 30: what the writer does itself is no finding") {
  Journal journal;
  tests::put_bytes(journal.scratch / "spare", "1");
  tests::put_bytes(journal.scratch / "seal", "123456789");
  CHECK(journal.watch.look() == "");
  std::filesystem::rename(journal.scratch / "spare", journal.scratch / "journal-00000003.seg");
  CHECK(journal.watch.look() == "");
  std::filesystem::remove(journal.scratch / "journal-00000001.seg");  // closed, and moved away
  CHECK(journal.watch.look() == "");
}

TEST_CASE("fault 30: a segment in use that is moved, replaced or cut is found, once") {
  const auto newest = "journal-00000002.seg";
  Journal moved;
  std::filesystem::rename(moved.scratch / newest, moved.scratch / "journal-2.old");
  CHECK(moved.finds("00000002.seg is gone"));
  CHECK(moved.watch.look() == "");
  Journal replaced;
  tests::put_bytes(replaced.scratch / "copy", "12345678");
  std::filesystem::rename(replaced.scratch / "copy", replaced.scratch / newest);
  CHECK(replaced.finds("00000002.seg is another file"));
  CHECK(replaced.watch.look() == "");
  Journal cut;
  std::filesystem::resize_file(cut.scratch / newest, 4);
  CHECK(cut.finds("00000002.seg is shorter"));
}

TEST_CASE("fault 30: the seal and the lock, too") {
  Journal journal;
  std::filesystem::resize_file(journal.scratch / "seal", 0);
  CHECK(journal.finds("seal is shorter"));
  std::filesystem::remove(journal.scratch / "lock");
  CHECK(journal.finds("lock is gone"));
}

}  // namespace interlock::gateway

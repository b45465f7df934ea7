// What is written is looked through for what must not be there.
#include <doctest/doctest.h>

#include "scenarios/stage.hpp"
#include "tests/scratch.hpp"
#include "tests/source.hpp"

namespace interlock::scenarios {
namespace {

const std::filesystem::path configs = tests::source_dir() / "tests/scenarios/configs";

// Everything that stands in the files of a folder.
std::string written_in(const std::filesystem::path& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all += tests::bytes_of(entry.path());
  return all;
}

// A password in what a counterparty may send beside its logon: a change of it, an order and a
// report that carry one.
TEST_CASE("no secret reaches the files of the journal, in whatever message it comes") {
  const auto stage = in_process(configs, "desk");
  const Fields login{{553, "me"}, {554, "Hush1"}, {925, "Hush2"}};
  for (const char* name : {"R1", "X"}) {
    Player& player = stage->player(name);
    player.send("BE", login);
    stage->said(player);
    for (const char* type : {"D", "8", "BF"}) {
      player.send(type, {{11, "with-secret"}, {17, "e1"}, {554, "Hush9"}, {1404, "Hush10"}});
      stage->said(player);
    }
  }
  stage->quiet();
  const std::string written = written_in(journal_of(*stage));
  CHECK(written.contains("with-secret"));
  CHECK(written.contains("554=***"));
  const auto at = written.find("Hush");
  CHECK_MESSAGE(at == written.npos, written.substr(at == written.npos ? 0 : at - 200, 260));
}

}  // namespace
}  // namespace interlock::scenarios

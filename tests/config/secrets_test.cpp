#include "killswitch/secret.hpp"
#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

// The problem that an edit of the secrets file makes.
std::string problem_with(std::string_view passage, std::string_view instead) {
  const Folder folder;
  const auto files = sample_files("one", "two", "secret");
  folder.write("secrets.toml", Folder::edited(files.secrets, passage, instead),
               std::filesystem::perms{0600});
  return only_problem(folder.load());
}

}  // namespace

TEST_CASE("secrets: a file that others may read is refused") {
  const Folder folder;
  for (const unsigned mode : {0640u, 0604u, 0620u, 0601u}) {
    CAPTURE(mode);
    std::filesystem::permissions(folder.at("secrets.toml"), std::filesystem::perms{mode});
    CHECK(only_problem(folder.load()) == "others may read the secrets file");
  }
  std::filesystem::permissions(folder.at("secrets.toml"), std::filesystem::perms{0400});
  CHECK(folder.load().config.has_value());
  std::filesystem::remove(folder.at("secrets.toml"));
  CHECK(only_problem(folder.load()) == "cannot read the secrets file");
}

TEST_CASE("secrets: what is read matches what was hashed") {
  const Folder folder;
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  using interlock::killswitch::matches_secret;
  CHECK(matches_secret("token one", loaded.config->people.at(0).token_hash));
  CHECK(matches_secret("token two", loaded.config->people.at(1).token_hash));
  const auto& credentials = loaded.config->routers.at(0).credentials;
  REQUIRE(credentials.size() == 2);
  CHECK(credentials[0].tag == 553);
  CHECK(matches_secret("R1", credentials[0].hash));
  CHECK(credentials[1].tag == 554);
  CHECK(matches_secret("secret", credentials[1].hash));
}

TEST_CASE("secrets: each rule") {
  CHECK(problem_with("[person.first]\n", "[person.first]\nname = \"first\"\n") ==
        "unknown key 'name' in [person.first]");
  CHECK(problem_with("[person.first]\n", "[person.first]\n#") ==
        "[person.first] has no 'token': a person logs on with it");
  CHECK(problem_with("[router.R1]", "[router.R2]") == "unknown key 'R2' in [router]");
  CHECK(problem_with("[router.R1]",
                     "[venue.SIM]\nlogon = { 553 = \"a b\", 554 = \"c\" }\n"
                     "[router.R1]") == "0 problems:\n");
  CHECK(problem_with("[router.R1]", "[venue.SIM]\nlogon = { 108 = \"30\" }\n[router.R1]") ==
        "'108' is no text field of Logon in FIX.4.4");
  CHECK(problem_with("[router.R1]", "[venue.SIM]\nlogon = { 553 = \"a\\nb\" }\n[router.R1]") ==
        "553 = (hidden) is not 1 to 256 printable characters");
  CHECK(problem_with("\n553 = ", "\n553 = \"R1\" #") == "553 = (hidden) is not a salted hash");
  CHECK(problem_with("\n553 = ", "\n58 = ") == "'58' is no text field of Logon in FIX.4.4");
}

TEST_CASE("secrets: a problem never shows the line") {
  const Folder folder;
  folder.write("secrets.toml", "[venue.SIM]\nlogon = { 554 = hunter2 }\n",
               std::filesystem::perms{0600});
  const auto shown = render(folder.load().problems);
  CHECK(shown.find("secrets.toml:2:") != std::string::npos);
  CHECK(shown.find("hunter2") == std::string::npos);
}

TEST_CASE("secrets: a router on a network has to prove who it is") {
  const Folder folder;
  const auto files = sample_files("one", "two", "secret");
  const auto at = files.secrets.find("[router.R1]");
  folder.write("secrets.toml", files.secrets.substr(0, at), std::filesystem::perms{0600});
  CHECK(folder.load().config.has_value());
  CHECK(only_problem(folder.with("listen = \"127.0.0.1:9012\"",
                                 "listen = \"10.0.0.1:9012\"\nallow = [\"10.0.0.2\"]")) ==
        "router R1 listens on a network and has no credentials");
}

TEST_CASE("people: each rule") {
  check_each({
      {"[[person]]                     # re-arming takes two people\nname = \"second\"\nmay = "
       "[\"view\", \"kill\", \"rearm\", \"declare\", \"limits\", \"acknowledge\", \"release\"]",
       "[[person]]\nname = \"second\"\nmay = [\"view\", \"kill\"]",
       "fewer than two people may rearm: nothing could ever be armed again"},
      {"[[person]]                     # re-arming takes two people\nname = \"second\"\nmay = "
       "[\"view\", \"kill\", \"rearm\", \"declare\", \"limits\", \"acknowledge\", \"release\"]",
       "[[person]]\nname = \"second\"\nmay = [\"rearm\", \"limit\"]",
       "may = \"limit\" is not a known word"},
  });
}

TEST_CASE("people: a name is one person's, and the secrets know no other") {
  const Folder folder;
  CHECK(lines_of(folder.with("name = \"second\"", "name = \"first\"")) ==
        "name: person first is declared twice\n"
        ": unknown key 'second' in [person]\n");
}

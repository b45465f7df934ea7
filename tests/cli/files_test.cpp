#include <doctest/doctest.h>
#include <pwd.h>
#include <sys/stat.h>

#include <boost/json.hpp>

#include "config/sample.hpp"
#include "killswitch/secret.hpp"
#include "tests/cli/program.hpp"
#include "tests/source.hpp"

using interlock::tests::bytes_of;
using interlock::tests::put_bytes;
using interlock::tests::Scratch;

namespace {

std::string word_after(const std::string& text, const std::string& mark) {
  const auto start = text.find_first_not_of(' ', text.find(mark) + mark.size());
  return text.substr(start, text.find_first_of(" \n", start) - start);
}

}  // namespace

TEST_CASE("init: what it writes is good as it stands, and the tokens it shows are the people's") {
  const Scratch scratch;
  const auto folder = (scratch / "new").string();
  const auto init = interlock::tests::run({"init", folder});
  REQUIRE(init.exit == 0);
  struct stat facts {};
  REQUIRE(::stat((folder + "/secrets.toml").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  const auto secrets = bytes_of(folder + "/secrets.toml");
  const auto first = word_after(init.out, "the person first");
  CHECK(first.size() == 64);
  CHECK(secrets.find(first) == std::string::npos);
  const auto hash = word_after(secrets, "[person.first]\ntoken = \"");
  CHECK(interlock::killswitch::matches_secret(first, hash.substr(0, hash.size() - 1)));

  const auto check = interlock::tests::run({"check", folder + "/gateway.toml"});
  CAPTURE(check.err);
  CHECK(check.exit == 0);
  const auto effective = interlock::tests::run({"check", folder + "/gateway.toml", "--effective"});
  CHECK(effective.exit == 0);
  CHECK(effective.out.size() > check.out.size());
}

TEST_CASE("init: for the units of the package, state and journal are where they may write") {
  const std::string text = interlock::config::sample_of_a_host();
  CHECK(text.find("\nstate_dir = \"/var/lib/interlock\"") != std::string::npos);
  CHECK(text.find("\ndir = \"/var/lib/interlock/audit\"") != std::string::npos);
  CHECK(text.find("\nsigner = \"/run/interlock-signer/socket\"") != std::string::npos);
  const Scratch scratch;
  const auto init = interlock::tests::run({"init", "--installed", scratch.path().string()});
  if (::getpwnam("interlock") == nullptr) {
    CHECK(init.exit == 1);
    CHECK(init.complains("there is no user interlock"));
    CHECK(std::filesystem::is_empty(scratch.path()));
  }
}

TEST_CASE("init: overwrites nothing, and writes nothing when one file is there") {
  const Scratch scratch;
  put_bytes(scratch / "prices.txt", "mine");
  const auto init = interlock::tests::run({"init", scratch.path().string()});
  CHECK(init.exit == 1);
  CHECK(init.complains("prices.txt is there already"));
  CHECK(bytes_of(scratch / "prices.txt") == "mine");
  CHECK_FALSE(std::filesystem::exists(scratch / "gateway.toml"));
}

TEST_CASE("check: a bad configuration is exit 1 with its line; to run on it is exit 78") {
  const Scratch scratch;
  REQUIRE(interlock::tests::run({"init", scratch.path().string()}).exit == 0);
  const auto file = (scratch / "gateway.toml").string();
  put_bytes(file, bytes_of(file) + "\n[nonsense]\nx = 1\n");
  const auto check = interlock::tests::run({"check", file});
  CHECK(check.exit == 1);
  CHECK(check.complains("nonsense"));
  CHECK(check.complains("gateway.toml:"));
  const auto told = interlock::tests::run({"check", "--json", file});
  CHECK(told.exit == 1);
  const auto said = boost::json::parse(told.out).as_object();
  CHECK_FALSE(said.at("good").as_bool());
  const auto& problem = said.at("problems").at(0);
  CHECK(problem.at("severity").as_string() == "error");
  CHECK(problem.at("line").to_number<int>() > 100);
  CHECK(problem.at("text").as_string().find("nonsense") != std::string_view::npos);
  const auto run = interlock::tests::run({"run", file});
  CHECK(run.exit == 78);
  CHECK(run.complains("nonsense"));
  CHECK(interlock::tests::run({"run", (scratch / "none.toml").string()}).exit == 78);
}

TEST_CASE("secret: hashes a line of stdin") {
  const auto ran = interlock::tests::run({"secret"}, {}, "hunter2\n");
  REQUIRE(ran.exit == 0);
  CHECK(interlock::killswitch::matches_secret("hunter2", ran.out.substr(0, ran.out.size() - 1)));
  CHECK(interlock::tests::run({"secret"}, {}, "").exit == 2);
}

TEST_CASE("version: the build id is the program's own") {
  const auto ran = interlock::tests::run({"version", "--json"});
  REQUIRE(ran.exit == 0);
  const auto version = boost::json::parse(ran.out).as_object();
  CHECK(version.at("build_id").as_string().size() == 40);
  CHECK(version.at("version").as_string() == "0.1.0");
  CHECK_FALSE(version.at("git_revision").as_string().empty());
}

TEST_CASE("a wrong command line is exit 2") {
  CHECK(interlock::tests::run({}).exit == 2);
  CHECK(interlock::tests::run({"kil"}).exit == 2);
  CHECK(interlock::tests::run({"status", "--nope"}).exit == 2);
  CHECK(interlock::tests::run({"rearm", "begin", "x", "--reason", "y"}).exit == 2);
  CHECK(interlock::tests::run({"--help"}).exit == 0);
}

TEST_CASE("a mistyped command is named, with the nearest one that there is, at each level") {
  const auto complaint = [](const std::vector<std::string>& words) {
    const auto ran = interlock::tests::run(words);
    CHECK(ran.exit == 2);
    CHECK(ran.out.empty());
    return ran.err;
  };
  CHECK(complaint({"chekc", "gateway.toml"}) == "unknown command chekc: did you mean check?\n");
  CHECK(complaint({"chekc"}) == "unknown command chekc: did you mean check?\n");
  CHECK(complaint({"audit", "verfiy", "audit"}) ==
        "unknown command audit verfiy: did you mean audit verify?\n");
  CHECK(complaint({"session", "reset", "--in", "7"}) ==
        "unknown command session reset: `interlock session --help` lists them\n");
  CHECK(complaint({"frobnicate\x1b[2J"}) ==
        "unknown command frobnicate?[2J: `interlock --help` lists them\n");
  // What is missing, or is no command, is still said as it was.
  CHECK(complaint({}).starts_with("A subcommand is required"));
  CHECK(complaint({"audit"}).starts_with("A subcommand is required"));
  CHECK(complaint({"--verbose"}).find("command --verbose") == std::string::npos);
  CHECK(complaint({"version", "chekc"}).find("chekc") != std::string::npos);
}

TEST_CASE("explain: docs/controls.md is what the program prints, and a wrong name is an error") {
  const auto page = bytes_of(interlock::tests::source_dir() / "docs/controls.md");
  const auto printed = interlock::tests::run({"explain", "--markdown"});
  REQUIRE(printed.exit == 0);
  CHECK_MESSAGE(page.substr(page.find("## `")) == printed.out.substr(0, printed.out.size() - 1),
                "run scripts/write-controls");
  const auto one = interlock::tests::run({"explain", "PARENT_FILL"});
  CHECK(one.out.starts_with("parent-fill  (PARENT_FILL)\n"));
  CHECK(interlock::tests::run({"explain", "parent-fil"}).exit == 2);
}

#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

constexpr const char* tee = R"(
[[tee]]
id = "T1"
begin_string = "FIX.4.4"
listen = "127.0.0.1:9044"
comp_id = { ours = "GW", theirs = "OMS" }
for_router = "R1"
)";

constexpr const char* drop_copy = R"(
[[drop_copy]]
id = "D1"
begin_string = "FIX.4.4"
listen = "127.0.0.1:9045"
comp_id = { ours = "GW", theirs = "WATCH" }
)";

constexpr const char* venue_copy = R"(
[[venue_drop_copy]]
id = "C1"
begin_string = "FIX.4.4"
connect = ["127.0.0.1:9046"]
comp_id = { ours = "GW", theirs = "COPY" }
venue = "SIM"
max_differences = 3
)";

std::string with(const char* table, std::string_view passage = "", std::string_view instead = "") {
  const std::string edited = passage.empty() ? table : Folder::edited(table, passage, instead);
  return std::string(sample()) + edited;
}

std::string problem(const char* table, std::string_view passage, std::string_view instead) {
  return only_problem(Folder().parse(with(table, passage, instead)));
}

}  // namespace

TEST_CASE("copies: a tee is read, with what it does not say") {
  const auto loaded = Folder().parse(with(tee));
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  const Tee& read = loaded.config->tees.at(0);
  CHECK(read.for_router == "R1");
  REQUIRE(read.parent_keys.size() == 1);
  CHECK(read.parent_keys[0].tag == 11);
  CHECK(read.cancel_grace.ns == 2'000'000'000);
  CHECK(read.allow == std::vector<std::string>{"127.0.0.0/8", "::1"});
  const auto acceptors = loaded.config->acceptors();
  REQUIRE(acceptors.size() == 2);
  CHECK(acceptors[0]->id == "R1");
  CHECK(acceptors[1]->id == "T1");
}

TEST_CASE("copies: each rule for a tee") {
  CHECK(problem(tee, "for_router = \"R1\"", "") ==
        "tee T1 has no 'for_router': it is the copy of one router's orders");
  CHECK(problem(tee, "for_router = \"R1\"", "for_router = \"R9\"") ==
        "for_router = \"R9\" is not declared");
  CHECK(problem(tee, "for_router = \"R1\"", "for_router = \"R1\"\nparent_id_tag = 34") ==
        "parent_id_tag = 34 is not a tag of NewOrderSingle in this dialect");
  CHECK(problem(tee, "for_router = \"R1\"",
                "for_router = \"R1\"\nparent_id = [{ tag = 11, pattern = \"^(\" }]") ==
        "pattern = \"^(\" is not a regular expression with one group");
  CHECK(problem(tee, "for_router = \"R1\"", "for_router = \"R1\"\naccount = \"X\"") ==
        "account 'X' is not declared");
  CHECK(problem(tee, "for_router = \"R1\"", "for_router = \"R1\"\ncancel_grace = 2") ==
        "cancel_grace = 2 has no unit");
  CHECK(problem(tee, "id = \"T1\"", "id = \"R1\"") == "id 'R1' is used twice");
  const auto open = Folder().parse(with(tee, "listen = \"127.0.0.1:9044\"",
                                        "allow = [\"10.0.0.7\"]\nlisten = \"10.0.0.1:9044\""));
  CHECK(only_problem(open) == "tee T1 listens on a network and has no credentials");
}

TEST_CASE("copies: each rule for a drop copy") {
  const auto loaded = Folder().parse(with(drop_copy));
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  const DropCopy& read = loaded.config->drop_copies.at(0);
  CHECK(read.routers.empty());
  CHECK(read.accounts.empty());
  CHECK_FALSE(read.rejects);
  const auto more = [](std::string_view line) {
    return problem(drop_copy, "id = \"D1\"", fmt::format("id = \"D1\"\n{}", line));
  };
  CHECK(more("routers = [\"R9\"]") == "'R9' in routers is not declared");
  CHECK(more("accounts = [\"X\"]") == "'X' in accounts is not declared");
  CHECK(more("accounts = []") == "accounts is empty: nothing would be copied");
  CHECK(more("rejects = \"yes\"").starts_with("rejects = \"yes\" is not"));
  CHECK(problem(drop_copy, "begin_string = \"FIX.4.4\"", "begin_string = \"FIX.4.2\"") ==
        "drop copy D1 speaks FIX.4.2, and router R1 speaks FIX.4.4");
}

TEST_CASE("copies: each rule for a venue's drop copy") {
  const auto loaded = Folder().parse(with(venue_copy));
  REQUIRE_MESSAGE(loaded.config, render(loaded.problems));
  const VenueDropCopy& read = loaded.config->venue_drop_copies.at(0);
  CHECK(read.venue == "SIM");
  CHECK(read.wait.ns == 5'000'000'000);
  CHECK(read.max_differences == 3);
  CHECK(loaded.config->connectors().back()->id == "C1");
  CHECK(problem(venue_copy, "venue = \"SIM\"", "venue = \"DARK\"") ==
        "venue = \"DARK\" is not declared");
  CHECK(problem(venue_copy, "venue = \"SIM\"", "venue = \"SIM\"\nwait = 5") ==
        "wait = 5 has no unit");
  CHECK(problem(venue_copy, "max_differences = 3", "") ==
        "venue drop copy C1 has no 'max_differences': past it the venue is blocked; 0: the first "
        "one does");
  CHECK(problem(venue_copy, "max_differences = 3", "max_differences = -1")
            .starts_with("max_differences = -1 is not"));
}

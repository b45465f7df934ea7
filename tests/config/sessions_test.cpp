#include "tests/config/folder.hpp"

using namespace interlock::config;

namespace {

constexpr const char* second_router = R"(
[[router]]
id = "R2"
begin_string = "FIX.4.4"
listen = "127.0.0.1:9013"
comp_id = { ours = "GW", theirs = "R2" }
parent_id_tag = 526
on_disconnect = "keep"
)";

constexpr const char* second_venue = R"(
[[venue]]
id = "DARK"
begin_string = "FIX.4.4"
connect = ["127.0.0.1:9102"]
comp_id = { ours = "GW", theirs = "DARK" }
on_disconnect = "keep"
)";

std::string text_with(const std::string& more) { return std::string(sample()) + more; }

std::string route(const std::string& router, const std::string& venue, const std::string& by = "") {
  return fmt::format("\n[[route]]\nrouter = \"{}\"\nvenue = \"{}\"\n{}\n", router, venue, by);
}

}  // namespace

TEST_CASE("sessions: each rule for a router") {
  check_each({
      {"listen = \"127.0.0.1:9012\"", "listen = \"localhost:9012\"",
       "listen = \"localhost:9012\" is not an address and a port, in figures (no name is looked "
       "up)"},
      {"listen = \"127.0.0.1:9012\"", "listen = \"0.0.0.0:9012\"",
       "router R1 listens on a network, and lets anyone connect"},
      {"listen = \"127.0.0.1:9012\"", "allow = [\"10.0.0.0/33\"]\nlisten = \"127.0.0.1:9012\"",
       "allow = \"10.0.0.0/33\" is not an address or a network"},
      {"parent_id_tag = 526 ", "#",
       "router R1 has no 'parent_id_tag': it says which parent a child belongs to; a wrong one "
       "stops nothing"},
      {"parent_id_tag = 526 ", "parent_id_tag = \"526\"",
       "parent_id_tag = \"526\" is not a tag of NewOrderSingle in this dialect"},
      {"orders_without_parent = \"reject\"", "orders_without_parent = \"all\"",
       "orders_without_parent = \"all\" is not a known word"},
      {"orders_without_parent = \"reject\"", "orders_without_parent = \"from_tag\"",
       "router R1 has no 'parent_size_tag': orders_without_parent = \"from_tag\" reads it"},
      {"orders_without_parent = \"reject\"", "parent_size_tag = 210",
       "parent_size_tag is read only with from_tag"},
      {"orders_without_parent = \"reject\"",
       "orders_without_parent = \"from_tag\"\nparent_size_tag = 58",
       "tag 58 is no quantity in this dialect"},
      {"orders_without_parent = \"reject\"", "pass_header = [50, 49]",
       "pass_header = 49 is not a tag that a route may pass (50 57 115 116 128 129 142 143 144 "
       "145)"},
      {"orders_without_parent = \"reject\"", "account = \"7739\"",
       "account '7739' is not declared"},
      {"orders_without_parent = \"reject\"", "heartbeat = \"500 ms\"",
       "heartbeat = \"500 ms\" is not a duration in whole seconds"},
      {"orders_without_parent = \"reject\"", "sequence_reset = \"daily\"",
       "sequence_reset = \"daily\" without a schedule"},
      {"orders_without_parent = \"reject\"", "dialect = \"desk\"", "no dialect 'desk' is declared"},
      {"orders_without_parent = \"reject\"", "dialect = \"FIX.4.2\"",
       "dialect FIX.4.2 is of FIX.4.2, and the session speaks FIX.4.4"},
      {"orders_without_parent = \"reject\"", "version = \"FIX.4.4\"",
       "version is read only under FIXT.1.1"},
      {"orders_without_parent = \"reject\"", "reject_codes = \"extended\"",
       "FIX.4.4 has no extended codes"},
      {"orders_without_parent = \"reject\"", "reject_codes = \"all\"",
       "reject_codes = \"all\" is not a known word"},
      {"orders_without_parent = \"reject\"", "limits = { max_order = \"50 / 1 s\" }",
       "unknown key 'max_order' in limits of router R1"},
      {"orders_without_parent = \"reject\"", "limits = { max_order_qty = 5 }",
       "unknown key 'max_order_qty' in limits of router R1"},
  });
}

TEST_CASE("sessions: under FIXT.1.1 the version of the messages is stated") {
  const auto fixt = [](std::string_view more) {
    std::string text(sample());
    for (std::size_t at = 0; (at = text.find("begin_string = \"FIX.4.4\"", at)) != text.npos; ++at)
      text.replace(at, 24, fmt::format("begin_string = \"FIXT.1.1\"\n{}", more));
    return Folder().parse(text);
  };
  const auto loaded = fixt("version = \"FIX.5.0SP2\"");
  CHECK(render(loaded.problems) == "");
  REQUIRE(loaded.config.has_value());
  CHECK(loaded.config->routers.at(0).dialect->version == "FIX.5.0SP2");
  CHECK(loaded.config->routers.at(0).dialect->begin_string == "FIXT.1.1");
  CHECK(loaded.config->routers.at(0).reject_codes == RejectCodes::standard);
  CHECK(lines_of(fixt("")).find("no 'version': FIXT.1.1 carries messages of several versions") !=
        std::string::npos);
  CHECK(lines_of(fixt("version = \"FIX.5.0\"")).find("is not a known word") != std::string::npos);

  Folder folder;
  auto text = Folder::edited(sample(), "id = \"R1\"\nbegin_string = \"FIX.4.4\"",
                             "id = \"R1\"\nbegin_string = \"FIXT.1.1\"\nversion = \"FIX.5.0SP2\"\n"
                             "reject_codes = \"extended\"");
  CHECK(only_problem(folder.parse(text)) ==
        "router R1 speaks FIX.5.0SP2 and venue SIM speaks FIX.4.4");
}

TEST_CASE("sessions: a misspelt key is named, and so is the one that is missing for it") {
  const Folder folder;
  CHECK(lines_of(folder.with("theirs = \"R1\"", "their = \"R1\"")) ==
        "comp_id: comp_id of router R1 has no 'theirs': what they call themselves (56)\n"
        "comp_id: unknown key 'their' in comp_id of router R1\n");
}

TEST_CASE("sessions: each rule for a venue") {
  check_each({
      {"connect = [\"127.0.0.1:9101\"]", "#", "venue SIM has no 'connect': we connect to it"},
      {"connect = [\"127.0.0.1:9101\"]", "connect = \"127.0.0.1:9101\"",
       "connect = \"127.0.0.1:9101\" is not a list"},
      {"connect = [\"127.0.0.1:9101\"]", "connect = [\"127.0.0.1:0\"]",
       "port 0 is nowhere to connect to"},
      {"connect = [\"127.0.0.1:9101\"]", "connect = []", "venue SIM has nowhere to connect to"},
      {"on_disconnect = \"keep\"", "#",
       "venue SIM has no 'on_disconnect': what becomes of open orders is never a default"},
      {"schedule = \"always\"", "schedule = \"weekdays\"", "schedule is not a calendar"},
      {"schedule = \"always\"",
       "schedule = { open = \"09:30\", close = \"16:00\", zone = \"America/New_Yrok\" }",
       "zone = \"America/New_Yrok\" is not a time zone"},
      {"schedule = \"always\"", "schedule = { open = \"9:30\", close = \"16:00\", zone = \"UTC\" }",
       "open = \"9:30\" is not a time of day"},
      {"schedule = \"always\"", "schedule = { open = \"09:30\", zone = \"UTC\" }",
       "schedule of venue SIM has no 'close': when the day ends"},
      {"schedule = \"always\"", "cl_ord_id_max = 7",
       "cl_ord_id_max = 7 is not a whole number from 8 to 256"},
      {"schedule = \"always\"", "cut_after = \"soon\"",
       "cut_after = \"soon\" is not a duration or \"never\""},
      {"schedule = \"always\"", "mass_cancel = \"yes\"",
       "mass_cancel = \"yes\" is not true or false"},
      {"schedule = \"always\"", "order_status = false\nmass_status = true",
       "it answers no order_status, and mass_status needs both"},
      {"schedule = \"always\"", "no_cancel = [{ from = \"15:59:50\" }]",
       "no_cancel of venue SIM has no 'to': it takes cancels again from then on"},
      {"schedule = \"always\"", "no_cancel = [{ from = \"16:00\", to = \"16:00\" }]",
       "from and to are the same time"},
      {"environment = \"test\"", "environment = \"demo\"", "0 problems:\n"},
  });
  const Folder folder;
  std::string old = std::string(sample());
  for (auto at = old.find("FIX.4.4"); at != std::string::npos; at = old.find("FIX.4.4"))
    old.replace(at, 7, "FIX.4.2");
  CHECK(lines_of(folder.parse(Folder::edited(old, "schedule = \"always\"", "mass_cancel = true")))
            .contains("FIX.4.2 has no OrderMassCancelRequest (q)"));
  CHECK(lines_of(folder.parse(Folder::edited(old, "schedule = \"always\"", "mass_status = true")))
            .contains("FIX.4.2 has no OrderMassStatusRequest (AF)"));
  const auto text = Folder::edited(sample(), "environment = \"test\"", "environment = \"demo\"");
  CHECK(only_problem(folder.parse(Folder::edited(text, "127.0.0.1:9101", "10.0.0.1:9101"))) ==
        "venue SIM is not on this machine, and environment is \"demo\"");
}

TEST_CASE("sessions: what is written is what is read") {
  const Folder folder;
  auto text = Folder::edited(sample(), "schedule = \"always\"",
                             "schedule = { open = \"04:00\", close = \"20:00\", zone = "
                             "\"America/New_York\", weekdays = [\"Mon\", \"Fri\"], holidays = "
                             "[2026-11-26] }\nsequence_reset = \"daily\"\nheartbeat = \"10 s\"\n"
                             "reconnect = \"3 s\"\ncl_ord_id_max = 16\nex_destination = \"N\"\n"
                             "out_buffer = \"256 KiB\"\ncut_after = \"2 s\"\nstalled_after = \"9 "
                             "ms\"\nmass_cancel = true\nmass_status = true\n"
                             "no_cancel = [{ from = \"15:59:50\", to = \"16:00\" }]\n"
                             "limits = { max_orders = \"7 / 1 s\", "
                             "why = \"w\", owner = \"o\", review = 2027-01-01 }");
  text = Folder::edited(text, "listen = \"127.0.0.1:9012\"",
                        "listen = \"0.0.0.0:9012\"\nallow = [\"10.0.0.0/24\", \"10.1.0.1\"]\n"
                        "pass_header = [50, 57]\naccount = \"7731\"\nlogon_deadline = \"2 s\"\n"
                        "connections_max = 1\nlimits = { max_gross_notional = \"none\", "
                        "why = \"w\", owner = \"o\", review = 2027-01-01 }");
  const auto loaded = folder.parse(text);
  CHECK(render(loaded.problems) == "");
  REQUIRE(loaded.config.has_value());
  const auto& venue = loaded.config->venues.at(0);
  CHECK_FALSE(venue.schedule.always);
  CHECK(venue.schedule.open_s == 4 * 3600);
  CHECK(venue.schedule.weekdays == 0b0010001);
  CHECK(venue.schedule.holidays == std::vector<LocalDate>{{2026, 11, 26}});
  CHECK(venue.sequence_reset == SequenceReset::daily);
  CHECK(venue.heartbeat_s == 10);
  CHECK(venue.reconnect_s == 3);
  CHECK(venue.cl_ord_id_max == 16);
  CHECK(venue.ex_destination == "N");
  CHECK(venue.out_buffer_max == 256 << 10);
  CHECK(venue.cut_after == interlock::risk::seconds(2));
  CHECK(venue.stalled_after == interlock::risk::milliseconds(9));
  CHECK(venue.mass_cancel);
  CHECK(venue.mass_status);
  CHECK(venue.order_status);
  CHECK(venue.no_cancel.at(0).to_s - venue.no_cancel.at(0).from_s == 10);
  CHECK(venue.on_disconnect == OnDisconnect::keep);
  CHECK(loaded.config->limits.venues.at(0).order_rate.value.count == 7);
  const auto& router = loaded.config->routers.at(0);
  CHECK(router.allow == std::vector<std::string>{"10.0.0.0/24", "10.1.0.1"});
  CHECK(router.pass_header == std::vector<Tag>{50, 57});
  CHECK(router.account == "7731");
  CHECK(router.logon_deadline == interlock::risk::seconds(2));
  CHECK(router.connections_max == 1);
  CHECK(router.on_disconnect == OnDisconnect::cancel);
  using Gross = interlock::risk::Limit<interlock::risk::Money>;
  CHECK(loaded.config->limits.routers.at(0).gross_notional.state == Gross::State::none);
  CHECK(loaded.config->limits.routers.at(0).order_rate.value.count == 500);
}

TEST_CASE("sessions: an id, or an address with CompIDs, is used once") {
  const Folder folder;
  auto twice = Folder::edited(second_router, "\"R2\"\nbegin", "\"R1\"\nbegin");
  CHECK(only_problem(folder.parse(text_with(twice))) == "id 'R1' is used twice");
  twice = Folder::edited(second_router, "\"R2\"\nbegin", "\"SIM\"\nbegin");
  CHECK(lines_of(folder.parse(text_with(twice))).find("id 'SIM' is used twice") !=
        std::string::npos);
  auto same = Folder::edited(second_router, "theirs = \"R2\"", "theirs = \"R1\"");
  same = Folder::edited(same, ":9013", ":9012") + route("R2", "SIM");
  CHECK(only_problem(folder.parse(text_with(same))) ==
        "router R2 and R1 have the same address and CompIDs");
  same = Folder::edited(second_venue, "theirs = \"DARK\"", "theirs = \"SIM\"");
  CHECK(only_problem(folder.parse(text_with(Folder::edited(same, ":9102", ":9101")))) ==
        "venue DARK and SIM have the same address and CompIDs");
  const auto shared_port = Folder::edited(second_router, ":9013", ":9012") + route("R2", "SIM");
  CHECK(only_problem(folder.parse(text_with(shared_port))) == "0 problems:\n");
  const auto asks_all = Folder::edited(text_with(shared_port), "on_disconnect = \"keep\"         #",
                                       "mass_status = true\non_disconnect = \"keep\"  #");
  CHECK(lines_of(folder.parse(asks_all))
            .contains("venue SIM has mass_status, and several routers share its session"));
}

TEST_CASE("routes: both ends exist, and speak one version") {
  check_each({
      {"venue = \"SIM\"", "#", "a route has no 'venue': a route has two ends"},
      {"venue = \"SIM\"", "venue = \"XNAS\"", "no venue 'XNAS'"},
      {"venue = \"SIM\"", "venue = \"SIM\"\nby = \"symbol\"",
       "by = \"symbol\" is not a known word"},
  });
  const Folder folder;
  const auto loaded = folder.with("venue = \"SIM\"", "venue = \"XNAS\"");
  REQUIRE(loaded.problems.size() == 1);
  CHECK(loaded.problems[0].hint == "venues: SIM");
  const auto other = Folder::edited(Folder::edited(second_router, "FIX.4.4", "FIX.4.2"),
                                    "parent_id_tag = 526", "parent_id_tag = 109");
  CHECK(only_problem(folder.parse(text_with(other + route("R2", "SIM")))) ==
        "router R2 speaks FIX.4.2 and venue SIM speaks FIX.4.4");
}

TEST_CASE("routes: a router without one is an error, and several go by ExDestination") {
  const Folder folder;
  CHECK(only_problem(folder.parse(text_with(second_router))) == "router R2 has no route");
  const std::string both = std::string(second_router) + second_venue;
  const std::string by = "by = \"ExDestination\"";
  CHECK(lines_of(folder.parse(text_with(both + route("R2", "SIM", by) + route("R2", "DARK")))) ==
        "[[route]]: router R2 has 2 routes, and this one is fixed\n");
  CHECK(lines_of(folder.parse(text_with(both + route("R2", "SIM", by) + route("R2", "SIM", by))))
            .ends_with("router R2 has two routes for ExDestination SIM\n"));
  const auto loaded =
      folder.parse(text_with(both + route("R2", "SIM", by) + route("R2", "DARK", by)));
  CHECK(render(loaded.problems) == "");
  REQUIRE(loaded.config.has_value());
  CHECK(loaded.config->routes.at(2).by_ex_destination);
  CHECK_FALSE(loaded.config->routes.at(0).by_ex_destination);
  CHECK(loaded.config->venues.at(0).shared);
  CHECK_FALSE(loaded.config->venues.at(1).shared);
}

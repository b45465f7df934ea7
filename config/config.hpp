// The configuration: one TOML file becomes topology and policy, or a list of problems; never half
// of it.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/dialect.hpp"
#include "config/identity.hpp"
#include "config/parent_keys.hpp"
#include "config/problem.hpp"
#include "config/schedule.hpp"
#include "killswitch/button.hpp"
#include "killswitch/lights.hpp"
#include "risk/limits.hpp"
#include "risk/verdict.hpp"

namespace interlock::config {

struct Address {
  std::string host;  // literal IPv4/IPv6; names are refused: a name server is not a risk control
  std::uint16_t port = 0;
};

struct CompIds {
  std::string ours;
  std::string theirs;
};

enum class OnDisconnect : std::uint8_t { cancel, keep };  // what becomes of a router's open orders
enum class SequenceReset : std::uint8_t { never, daily, on_logon };
enum class ChildWithoutParent : std::uint8_t {
  reject,
  from_tag,  // the size tag on the child, first write wins
  cap,       // every parent that nobody declared has the router's default_parent_cap
};

// What a Logon has to carry besides CompIDs: tag and salted hash (killswitch/secret.hpp) from the
// secrets file.
struct Credential {
  Tag tag = 0;       // 553, 554, or a declared tag
  std::string hash;  // of the value; for 553 too
};

// Of refusals in FIX 5.0SP2: `standard` keeps to the codes of the first 5.0SP2, which all engines
// know; `extended` uses those of later extension packs where they say more.
enum class RejectCodes : std::uint8_t { standard, extended };

// What every FIX session has, whoever opens its connection.
struct Session {
  std::string id;
  std::shared_ptr<const Dialect> dialect;
  CompIds comp_id;
  SequenceReset sequence_reset = SequenceReset::never;
  Schedule schedule;
  std::uint32_t heartbeat_s = 30;    // an acceptor takes up to this from a Logon; our own limit
  std::uint64_t out_buffer_max = 0;  // bytes; a counterparty that does not read is cut here
  std::uint32_t line = 0;
};

struct Acceptor : Session {  // they connect to us
  Address listen;
  std::vector<std::string> allow;  // addresses (CIDR or literal) that may connect
  std::vector<Credential> credentials;
  risk::Duration logon_deadline;      // default 5 s
  std::uint32_t connections_max = 2;  // simultaneous, an address, before logon
};

struct Connector : Session {     // we connect to them
  std::vector<Address> connect;  // in order of preference: failover
  std::vector<std::pair<Tag, std::string>>
      logon_fields;  // from the secrets file: 553, 554, ... sent in our Logon
  std::uint32_t reconnect_s = 5;
};

struct Router : Acceptor {
  std::vector<ParentKey> parent_keys;  // asked in order; the first that finds a name wins
  risk::Duration late_raise_wait;      // for a child that a coming raise would make fit
  ChildWithoutParent orders_without_parent = ChildWithoutParent::reject;
  Tag parent_size_tag = 0;            // with from_tag
  risk::Quantity default_parent_cap;  // with cap
  risk::Duration late_parent_wait;  // for a child that overtakes its parent; zero: refused at once
  OnDisconnect on_disconnect = OnDisconnect::cancel;
  std::vector<Tag> pass_header;  // of 50 57 115 116 128 129 ...: only these pass to the venue
  RejectCodes reject_codes = RejectCodes::standard;
  std::string account;  // of orders that carry no tag 1; empty: they are refused
  AttributionKey algo, trader, desk;
};

struct Venue : Connector {
  OnDisconnect on_disconnect = OnDisconnect::keep;  // cancel: the venue cancels by itself; orders
                                                    // still count until it says so
  std::uint32_t cl_ord_id_max = 20;                 // bytes that the venue takes in 11
  std::string ex_destination;  // value of tag 100 that means this venue; empty: its id
  bool shared = false;         // derived: more than one router has a route to it
  // A kill's cancels that have not left this machine by then are dropped, with all that waits, and
  // the connection is reset; nullopt: never.
  std::optional<risk::Duration> cut_after;
  // With bytes waiting for it for so long and none leaving, it gets no new orders.
  risk::Duration stalled_after = risk::milliseconds(50);
  bool mass_cancel = false;            // it takes q (530=7) for all that is ours
  bool order_status = true;            // it answers OrderStatusRequest (H)
  bool mass_status = false;            // it answers AF (585=7) with all that is ours
  std::vector<DailyPeriod> no_cancel;  // in its schedule's zone: it refuses cancels then
};

// A copy of the session between the OMS and a router: the parents, from a source that the router
// cannot influence.
struct Tee : Acceptor {
  std::string for_router;  // whose copy it is
  // What names the parent; a plain 11: its first ClOrdID, and what 41 chains to it.
  std::vector<ParentKey> parent_keys;
  std::string account;          // of parents that carry no tag 1; empty: they are not declared
  risk::Duration cancel_grace;  // after the parent's F its open children are cancelled
};

// One who receives a copy of every ExecutionReport: surveillance, a risk desk.
struct DropCopy : Acceptor {
  std::vector<std::string> routers;   // whose reports; empty: all, and those of nobody
  std::vector<std::string> accounts;  // empty: all
  bool rejects = false;               // OrderCancelReject (9) too
};

// A venue's own account of what executed there, compared with what its order session said.
struct VenueDropCopy : Connector {
  std::string venue;
  risk::Duration wait;                // what the order session has not told by then is a difference
  std::uint32_t max_differences = 0;  // more of them since the start block the venue
};

struct Route {
  std::string router;
  std::string venue;               // fixed
  bool by_ex_destination = false;  // the venue is chosen by tag 100 among this router's routes
  std::uint32_t line = 0;
};

struct PersonEntry {
  std::string name;
  std::string token_hash;  // from the secrets file
  bool may_view = false;
  bool may_kill = false;
  bool may_rearm = false;
  bool may_declare = false;
  bool may_limits = false;       // reload the policy, raise a limit for a time
  bool may_acknowledge = false;  // alerts
  bool may_release = false;      // one refused order
  bool may_prices = false;       // reference prices and rates
};

struct Http {
  Address console;
  Address metrics;
  std::vector<std::string> hosts;  // Host header values accepted; default: the console address
};

// A line of the start-of-day positions.
struct PositionEntry {
  risk::AccountId account;
  risk::SymbolId symbol;
  risk::Quantity quantity;  // below zero: short
  risk::Price cost;         // per share
};

// Shares that a lender holds for short sales of one day.
struct LocateEntry {
  risk::AccountId account;
  risk::SymbolId symbol;
  risk::Quantity quantity;
  std::string id;
};

struct ParentEntry {  // from the parents file
  std::string parent, account, symbol;
  char side = '1';
  risk::Quantity size;
  std::uint32_t line = 0;
};

// Why a table of limits is as it is, who answers for it, and when it has to be looked at again.
struct Rationale {
  std::string why;
  std::string owner;
  LocalDate review;
  std::uint32_t line = 0;  // of `review`
};

// What a record of the journal has to have reached before its order may leave.
enum class Durability : std::uint8_t {
  process,  // a mapped file: the crash of the program loses nothing
  power,    // the disk: neither does a power cut
};

// What a clock that may be wrong by more than `max_error` does.
struct ClockWatch {
  risk::Duration max_error = risk::milliseconds(100);
  bool blocks = false;  // the firm; else it is an alarm
};

// Where the event loop's thread runs, and how it waits.
struct LoopThread {
  std::optional<std::uint32_t> pin;  // a processor of this host: config/pin.hpp
  std::uint32_t pin_line = 0;
  risk::Duration busy_poll;  // after its last input it asks for more so long before it sleeps
};

struct Config {
  std::filesystem::path file;
  std::filesystem::path base;  // of relative paths in it
  std::string hash;  // SHA-256 of the file and of each dialect, hex: names the config on every host
  std::string node;
  std::string environment;
  std::string currency;             // of every amount in the policy: "USD"
  std::filesystem::path state_dir;  // latch, journal
  std::filesystem::path secrets_file;
  std::vector<Router> routers;  // order = RouterId
  std::vector<Venue> venues;    // order = VenueId
  std::vector<Tee> tees;
  std::vector<DropCopy> drop_copies;
  std::vector<VenueDropCopy> venue_drop_copies;
  std::vector<Route> routes;
  std::vector<std::string> accounts;  // order = AccountId
  std::vector<std::string> symbols;   // order = SymbolId
  std::vector<std::string> algos;     // order = AlgoId
  std::vector<std::string> traders;   // order = TraderId
  std::vector<std::string> desks;     // order = DeskId
  Identities identities;              // of accounts and symbols on the wire
  risk::Limits limits;
  std::map<std::uint32_t, Rationale> rationales;  // by the line of each limit
  std::filesystem::path prices_file;
  std::vector<std::string> currencies;    // order = CurrencyId; the policy's own is the first
  std::filesystem::path currencies_file;  // empty: every symbol is in the policy's currency
  std::filesystem::path positions_file;   // at the start of a day; empty: none
  std::filesystem::path restricted_file;  // read into limits.restrictions; empty: none
  std::filesystem::path locates_file;     // empty: none
  Trading trading;
  Schedule day;  // begins at the day roll and lasts until the next: next_change() is the next roll
  std::filesystem::path parents_file;  // empty: none
  std::vector<ParentEntry> parents;    // read from it
  bool resume_if_unchanged = true;
  risk::Duration cancel_timeout;
  std::vector<killswitch::ButtonSettings> buttons;
  std::vector<killswitch::LightSettings> lights;
  std::filesystem::path touch_file;      // kills everything while it exists
  std::filesystem::path guard_page;      // what the guard reads; empty: there is none
  bool hardware_rearm_anywhere = false;  // a kill by a button may be re-armed over the network
  std::filesystem::path audit_dir;
  std::uint64_t audit_segment_bytes = 64ull << 20;
  Durability durability = Durability::process;
  std::filesystem::path audit_copy_dir;  // closed segments are copied there; empty: nowhere
  std::filesystem::path signer;          // socket of interlock-signer; empty: we sign ourselves
  risk::Duration key_life = risk::seconds(86'400);  // of the key with which we do
  ClockWatch clock_watch;
  LoopThread loop;
  Http http;
  std::vector<PersonEntry> people;
  risk::Duration drain;  // at SIGTERM
  bool cancel_on_stop = true;

  std::string dialects_hash;  // of all [[dialect]] tables

  // Of the limit that stands in this line; nullptr when none does.
  [[nodiscard]] const Rationale* rationale_of(std::uint32_t line) const;
  // Every session that others open: routers in the order of their ids, then the rest.
  [[nodiscard]] std::vector<const Acceptor*> acceptors() const;
  // Every session that we open: venues in the order of their ids, then the rest.
  [[nodiscard]] std::vector<const Connector*> connectors() const;
  // Names in the order of the ids.
  [[nodiscard]] risk::Directory directory() const;
};

struct Loaded {
  std::optional<Config> config;   // absent when any problem is an error
  std::vector<Problem> problems;  // all of them, in one run
};
[[nodiscard]] Loaded load(const std::filesystem::path& file);
// The same from text, for tests and the demo; relative paths are taken from `base`.
[[nodiscard]] Loaded parse(std::string_view text, const std::filesystem::path& name,
                           const std::filesystem::path& base);

// A line a symbol: `SYMBOL PRICE [UTC timestamp 2026-11-21T09:30:00Z]`; the file's mtime where no
// time is given.
[[nodiscard]] std::expected<risk::References, std::vector<Problem>> load_prices(
    const std::filesystem::path& file, const risk::Directory& directory);

// The other files. Each is read whole, or not at all; names that are not in the directory are
// errors, but for currencies: the file may hold all of them.
template <class T>
using FromFile = std::expected<std::vector<T>, std::vector<Problem>>;
// `EUR 1.0831 [time]`: what one unit is worth in the policy's currency; by CurrencyId.
[[nodiscard]] FromFile<std::optional<risk::ReferencePrice>> load_rates(
    const std::filesystem::path& file, const risk::Directory& directory);
// account,symbol,quantity,cost
[[nodiscard]] FromFile<PositionEntry> load_positions(const std::filesystem::path& file,
                                                     const risk::Directory& directory);
// account,symbol,what: `*` is all of them; what is all, opening or short_sale
[[nodiscard]] FromFile<risk::Restriction> load_restrictions(const std::filesystem::path& file,
                                                            const risk::Directory& directory);
// account,symbol,quantity,id
[[nodiscard]] FromFile<LocateEntry> load_locates(const std::filesystem::path& file,
                                                 const risk::Directory& directory);

// Each limit with the scope it holds for, the line it came from and who answers for it, for
// `interlock check --effective`.
[[nodiscard]] std::string effective_limits(const Config& config);

}  // namespace interlock::config

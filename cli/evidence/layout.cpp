// What a pack holds: its sections and tables in order, before anything is filled in.
#include <fmt/format.h>

#include "cli/evidence/pack.hpp"

namespace interlock::cli::evidence {
namespace {

Section records() {
  return {
      "records",
      "The records, and whether they are whole",
      "15c3-5(b); 17a-4(f)(2)(i)(A), (f)(2)(ii); RTS 6 art. 9(1)",
      {"Each journal was read from its first byte: every record has a checksum, a number without "
       "a gap, and a place in a chain of SHA-256 heads. A record behind the last checkpoint is "
       "unsealed: it is counted here, and used nowhere below.",
       "The head proves nothing against those who can write all files of a host, unless it was "
       "kept elsewhere: compare it with the copies that you keep off the host."},
      {{"journals",
        "Journals",
        "One line a journal that was given. `used to` is the last record that this pack rests on. "
        "`keys` are the fingerprints of those that signed the checkpoints; `signed to` 0: nobody "
        "did.",
        {"host", "finding", "being_written", "records", "unsealed", "where", "first_at", "used_to",
         "used_to_at", "sealed_to", "head", "signed_to", "keys"}},
       {"signing",
        "Keys of the checkpoints",
        "Records `signing`: a key was changed, or the signer was lost or came back.",
        {"host", "record", "at", "key", "public_key", "says"}},
       {"gaps",
        "Declared gaps",
        "Times that the records do not cover, or cover with doubt: the gateway was stopped, had "
        "crashed, was not there yet; segments are missing; the clock was in doubt.",
        {"host", "kind", "from", "until", "seconds", "says"}}}};
}

Section configuration() {
  return {"configuration",
          "Configuration: its history, and what was in force at the end",
          "15c3-5(b), (d), (e); RTS 6 art. 11, art. 15(4)-(5)",
          {"The configuration file is not needed: each start and each reload writes every setting "
           "to the journal."},
          {{"changes",
            "Changes of the configuration",
            "One line a setting. `how` is reload (while it ran) or start (the file had changed "
            "between two runs; `people` are those who re-armed under it, and so approved it). "
            "RATIONALE: the value stayed, why, owner or review date changed. "
            "LOOSENED, ADDED and REMOVED may let something pass that was refused before.",
            {"host", "record", "at", "how", "people", "direction", "scope_kind", "scope", "key",
             "before", "after", "why", "owner", "review", "reason", "config_hash"}},
           {"limits",
            "Limits in force at the end, and their use",
            "`overdue` is yes where the review date was over at the last record. The peak is the "
            "fullest that the control's limit of that scope was in the year, from records `use`, "
            "which are written hourly and at an orderly stop: a crash loses those of its hour.",
            {"host", "scope_kind", "scope", "key", "value", "line", "why", "owner", "review",
             "overdue", "peak_control", "peak_used", "peak_limit", "peak_percent", "peak_at"}},
           {"people",
            "People and their rights",
            "Who might do what, from when until when. Tokens are kept as salted hashes and never "
            "stand in a record.",
            {"host", "person", "rights", "from", "until"}}}};
}

Section controls() {
  return {
      "controls",
      "The controls",
      "15c3-5(c), (e); RTS 6 art. 15, art. 16, art. 17",
      {"A control is armed on a day when its gateway let orders through for at least a second of "
       "it, and a limit of it was set. Where a person wrote \"none\", there is no limit."},
      {{"controls",
        "Controls",
        "`kills` are the latches that the control closed by itself, at whatever level. The last "
        "test is the latest statement of a person that names the control.",
        {"host", "control", "rule", "limits_set", "days_armed", "refusals", "kills", "last_test",
         "result", "tested_by"}},
       {"refusals",
        "Refusals by code",
        "All codes, those of controls and of states. docs/rejects.md says what each means.",
        {"host", "code", "refusals"}}}};
}

Section kills() {
  return {
      "kills",
      "Kills, buttons and re-arming",
      "15c3-5(c)(1); RTS 6 art. 12",
      {},
      {{"kills",
        "Kills",
        "`gate_us` is the time from the trip to the shut gate. `residual` are orders of its scope "
        "that could still execute when the gate shut; `cancels` are the messages that were sent "
        "for it. A kill that is still in force was not re-armed.",
        {"host",  "kill",       "record",     "level",     "scope_kind", "scope",      "source",
         "actor", "cause",      "tripped_at", "closed_at", "gate_us",    "residual",   "cancels",
         "cuts",  "rearmed_at", "rearmed_by", "shut_s",    "reason",     "signed_off", "identity"}},
       {"drills",
        "Drills of buttons",
        "Each drill that ended. The latency is from the contact to the shut gate.",
        {"host", "record", "at", "button", "person", "result", "latency_us", "says"}}}};
}

Section overrides() {
  return {"overrides",
          "Overrides",
          "15c3-5(d); RTS 6 art. 15(5), 15(6)",
          {},
          {{"raises",
            "Limits raised for a time",
            "By two people, with an end.",
            {"host", "record", "at", "people", "scope_kind", "scope", "key", "before", "after",
             "until", "ended_at", "ended_by", "reason"}},
           {"releases",
            "Refused orders released",
            "By a named person, once, within a minute. `used_by` is the record of the order that "
            "passed under it; empty where none did.",
            {"host", "record", "at", "person", "router", "cl_ord_id", "refused_as", "refusal",
             "used_by", "reason"}},
           {"parent_changes",
            "Parents changed by people",
            "A larger size takes two people.",
            {"host", "record", "at", "people", "parent", "change", "before", "after", "reason"}},
           {"prices",
            "Reference prices given by people",
            "Beside those of the file.",
            {"host", "record", "at", "person", "of", "before", "after"}},
           {"sequence_numbers",
            "Sequence numbers of sessions set by people",
            "By two people, while the session was down. Numbers that were passed over may have "
            "carried reports that were never learned.",
            {"host", "record", "at", "people", "session", "before", "after", "reason"}}}};
}

Section paths() {
  return {
      "paths",
      "Every path from a router to a venue",
      "15c3-5(c)(1), (d)",
      {"Nothing goes to a venue but through the gateway's own sessions. What the firm sends to "
       "venues by other ways is not in these records."},
      {{"routes",
        "Configured routes, and what went over them",
        "`messages` went from the router's session to the venue's in the year; `without_verdict` "
        "of them carry no verdict of the controls, and have to be none. A route that is not "
        "configured is named as such.",
        {"host", "router", "venue", "configured", "messages", "without_verdict"}},
       {"sessions",
        "Sessions",
        "Configured ones, and any that the records speak of and no configuration has.",
        {"host", "session", "configured", "settings", "logons", "first_at", "last_at"}},
       {"refused_logons",
        "Refused logons",
        "Who tried, and why not, counted.",
        {"host", "peer", "why", "times", "last_at"}}}};
}

Section running() {
  return {"running",
          "Builds and clocks",
          "15c3-5(b); RTS 6 art. 8, art. 11; RTS 25",
          {},
          {{"builds",
            "Builds by host and day",
            "On each day that it ran: build and configuration. Two lines of one day: it changed.",
            {"host", "day", "build", "config_hash", "starts"}},
           {"clock",
            "Clock against UTC, by day",
            "What the kernel said of the host's clock, from records `clock`. Offsets are absolute.",
            {"host", "day", "readings", "offset_ns_max", "error_ns_max", "not_synchronised"}}}};
}

Section stress() {
  return {
      "stress",
      "Peaks and stress tests",
      "RTS 6 art. 10",
      {"Art. 10 asks for tests with twice the highest number of messages and twice the highest "
       "volume of trading of the last six months. Peaks are of one host each: a firm that "
       "stresses several hosts as one system adds them."},
      {{"stress",
        "Twice the peak, and what was tested",
        "`tested` is the highest figure of that name that a person stated of a passed stress test "
        "in the year.",
        {"host", "of", "from", "until", "peak", "peak_at", "twice", "tested", "enough"}},
       {"traffic",
        "Traffic by day",
        "Application messages received and sent, and executions; the highest count within one "
        "second.",
        {"host", "day", "messages", "messages_per_second", "messages_at", "trades",
         "trades_per_second", "trades_at"}}}};
}

Section people() {
  return {
      "statements",
      "What people saw to, and what they state",
      "15c3-5(e); RTS 6 art. 9, art. 16(5)",
      {},
      {{"alerts",
        "Alerts",
        "One that is open counts up instead of being raised again.",
        {"host", "alert", "at", "severity", "kind", "scope_kind", "scope", "says", "times",
         "acknowledged_by", "after_s", "reason"}},
       {"statements",
        "Statements",
        "Tests and reviews that a named person put on record. That they happened is that "
        "person's word.",
        {"host", "record", "at", "person", "subject", "result", "controls", "figures", "says"}}}};
}

Section missing() {
  return {
      "missing",
      "What this pack does not show",
      "",
      {"Whether these journals are of all hosts: the firm has to name its hosts.",
       "Orders that went to a venue by a way that does not lead through the gateway.",
       "Whether limits are right for the business, and whether those who own them reviewed them: "
       "a review date is what a person wrote.",
       "Surveillance for market abuse (RTS 6 art. 13), reconciliation with venues and clearers "
       "(art. 17), business continuity (art. 14), capital, suitability of people.",
       "It is no legal advice, and having it is not compliance."},
      {}};
}

}  // namespace

Pack blank_pack(int year) {
  Pack pack;
  pack.year = year;
  pack.sections = {records(), configuration(), controls(), kills(),  overrides(),
                   paths(),   running(),       stress(),   people(), missing()};
  return pack;
}

}  // namespace interlock::cli::evidence

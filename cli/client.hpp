// Talks to the gateway of this host through its Unix socket: a request, a JSON answer.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <string>
#include <string_view>

namespace interlock::cli {

// How the user names the gateway: --socket, INTERLOCK_SOCKET, --config, or the usual place.
struct Where {
  std::string socket, config;
};
void add_where(CLI::App& command, Where& where);
[[nodiscard]] std::filesystem::path socket_of(const Where& where);

// For what takes a named person: a token from a file or from INTERLOCK_TOKEN, never from a command
// line, which every user of the host can read.
void add_token(CLI::App& command, std::string& token_file);
[[nodiscard]] std::string token_of(const std::string& token_file);

// The answer's object. A Failure when nobody answers (exit 3), or with the gateway's own words when
// it says no (2, 4, 1).
[[nodiscard]] boost::json::object get(const Where& where, std::string_view target);
[[nodiscard]] boost::json::object send(const Where& where, std::string_view method,
                                       std::string_view target, const boost::json::object& body,
                                       const std::string& token);
[[nodiscard]] boost::json::object post(const Where& where, std::string_view target,
                                       const boost::json::object& body,
                                       const std::string& token = {});
// For people, or as it is: what an answer says of a change that a second person may have to
// approve, and by which command he does.
void tell(const boost::json::object& answer, bool as_json, std::string_view approve);

}  // namespace interlock::cli

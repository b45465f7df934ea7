// A request and an answer as HTTP/1.1: what is taken, what is refused, and what every answer says
// to a browser.
#pragma once

#include <boost/beast/http.hpp>
#include <cstdint>
#include <optional>

#include "console/api.hpp"

namespace interlock::console {

inline constexpr std::uint32_t header_bytes_max = 8 * 1024;
inline constexpr std::uint64_t body_bytes_max = 16 * 1024;

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

// The answer to bytes that could not be read as a request; nullopt: the peer is gone.
[[nodiscard]] std::optional<Answer> unreadable(const boost::system::error_code& error);
// The refusal of what proxies may read differently than we do.
[[nodiscard]] std::optional<Answer> ambiguous(const HttpRequest& message);
[[nodiscard]] Request to_request(HttpRequest message, Door door);
[[nodiscard]] HttpResponse to_response(Answer answer);

}  // namespace interlock::console

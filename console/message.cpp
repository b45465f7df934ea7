#include "console/message.hpp"

#include <fmt/format.h>

namespace interlock::console {
namespace {

namespace http = boost::beast::http;

// Of what a browser shows: only what this address serves, no markup from text, and in no frame.
constexpr std::string_view page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

}  // namespace

using boost::system::error_code;

std::optional<Answer> unreadable(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return error_answer(431, "header_too_large", "the header of the request is too large",
                        fmt::format("at most {} bytes", header_bytes_max));
  }
  if (error == http::error::body_limit) {
    return error_answer(413, "body_too_large", "the body of the request is too large",
                        fmt::format("at most {} bytes", body_bytes_max));
  }
  const bool peer_is_gone =
      error == http::error::end_of_stream || error == http::error::partial_message;
  if (peer_is_gone || error.category() != make_error_code(http::error::bad_method).category()) {
    return std::nullopt;
  }
  return error_answer(400, "bad_request", fmt::format("not HTTP: {}", error.message()),
                      "HTTP/1.1, one request a connection, no Transfer-Encoding");
}

// What proxies may read differently than we do is refused, not guessed.
std::optional<Answer> ambiguous(const HttpRequest& message) {
  if (message.version() != 11) {
    return error_answer(505, "bad_version", "only HTTP/1.1 is spoken here", "use HTTP/1.1");
  }
  const bool clear =
      message.count(http::field::transfer_encoding) == 0 &&
      message.count(http::field::content_length) <= 1 && message.count(http::field::host) == 1 &&
      message.count(http::field::origin) <= 1 && message.count(http::field::content_type) <= 1 &&
      message.count(http::field::authorization) <= 1;
  if (clear) return std::nullopt;
  return error_answer(400, "bad_request", "the header can be read in two ways",
                      "send Host and Content-Length once, and no Transfer-Encoding");
}

Request to_request(HttpRequest message, Door door) {
  const auto field = [&](http::field name) { return std::string{message[name]}; };
  return {door,
          std::string{message.method_string()},
          std::string{message.target()},
          field(http::field::host),
          field(http::field::origin),
          field(http::field::authorization),
          field(http::field::content_type),
          std::move(message.body()),
          {}};
}

HttpResponse to_response(Answer answer) {
  HttpResponse response{static_cast<http::status>(answer.status), 11};
  response.set(http::field::content_type, answer.content_type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Content-Security-Policy", page_policy);
  response.set("X-Frame-Options", "DENY");
  response.set("Referrer-Policy", "same-origin");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
  if (answer.status == 401) response.set(http::field::www_authenticate, "Bearer");
  response.keep_alive(false);
  response.body() = std::move(answer.body);
  response.prepare_payload();
  return response;
}

}  // namespace interlock::console

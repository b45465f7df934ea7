// The members of a POST's body, read strictly: what is not understood is an error in words.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace interlock::console {

// The body as one object, with no other keys than these, and none of them twice.
[[nodiscard]] std::expected<boost::json::object, std::string> read_object(
    std::string_view body, std::initializer_list<std::string_view> keys);
// The text of a key, empty when it is absent.
[[nodiscard]] std::expected<std::string, std::string> text_of(const boost::json::object& object,
                                                              std::string_view key);
// The same, short and printable.
[[nodiscard]] std::expected<std::string, std::string> name_of(const boost::json::object& object,
                                                              std::string_view key);
// A list of such; empty when it is absent.
[[nodiscard]] std::expected<std::vector<std::string>, std::string> names_of(
    const boost::json::object& object, std::string_view key);
// ... and not empty.
[[nodiscard]] std::expected<std::string, std::string> required(const boost::json::object& object,
                                                               std::string_view key);
[[nodiscard]] std::expected<std::uint64_t, std::string> number_of(const boost::json::object& object,
                                                                  std::string_view key);
// Why a person does it: never left out.
[[nodiscard]] std::expected<std::string, std::string> reason_of(const boost::json::object& object);
[[nodiscard]] bool printable(std::string_view text);
[[nodiscard]] bool only_spaces(std::string_view text);
// Words of people: cut, not refused, and never able to break a line of a report.
[[nodiscard]] std::string words(std::string text);

}  // namespace interlock::console

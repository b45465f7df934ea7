#include "config/forms.hpp"

#include "config/values.hpp"

namespace interlock::config {
namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

std::optional<std::uint32_t> parse_seconds(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration || duration->ns % ns_per_s != 0) return std::nullopt;
  return static_cast<std::uint32_t>(duration->ns / ns_per_s);
}

}  // namespace

Form<Address> address_form() {
  return text_form<Address>("an address and a port, in figures (no name is looked up)",
                            "\"127.0.0.1:9012\"", parse_address);
}

Form<risk::Duration> duration_form() {
  return text_form<risk::Duration>("a duration", "\"500 ms\", \"30 s\"", parse_duration, true);
}

Form<std::uint32_t> seconds_form() {
  return text_form<std::uint32_t>("a duration in whole seconds", "\"30 s\"", parse_seconds, true);
}

Form<std::uint64_t> bytes_form() {
  return text_form<std::uint64_t>("a size", "\"64 MiB\"", parse_bytes, true);
}

Form<std::uint8_t> percent_form() {
  return text_form<std::uint8_t>("a percentage", "\"75 %\"", parse_percent, true);
}

}  // namespace interlock::config

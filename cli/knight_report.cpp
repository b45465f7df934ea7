#include "cli/knight_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace interlock::cli::knight {
namespace {

boost::json::value nullable(const std::optional<double>& value) {
  return value ? boost::json::value(*value) : boost::json::value(nullptr);
}

boost::json::value nullable(const std::string& text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

boost::json::object object_of(const Figures& of) {
  return {{"name", of.name},
          {"ran", of.ran},
          {"first_refusal_ms", nullable(of.first_refusal_ms)},
          {"kill_ms", nullable(of.kill_ms)},
          {"latch", nullable(of.latch)},
          {"reason", nullable(of.reason)},
          {"roll_back_kill_ms", nullable(of.roll_back_kill_ms)},
          {"child_orders_out", of.child_orders_out},
          {"child_orders_refused", of.child_orders_refused},
          {"executions", of.executions},
          {"shares", of.shares},
          {"shares_beyond_parents", of.shares_beyond_parents},
          {"dollars_beyond_parents", of.dollars_beyond_parents},
          {"bought_dollars", of.bought_dollars},
          {"sold_dollars", of.sold_dollars},
          {"estimated_loss", of.estimated_loss},
          {"honest_orders_out", of.honest_orders_out},
          {"honest_refusals", of.honest_refusals}};
}

std::string grouped(double value) {
  const std::string digits = fmt::format("{:.0f}", value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

// "0.41 s", "12 min", "before the open".
std::string words(const std::optional<double>& milliseconds) {
  if (!milliseconds) return "never";
  if (*milliseconds < 0) return "before the open";
  if (*milliseconds < 1'000) return fmt::format("{:.0f} ms", *milliseconds);
  if (*milliseconds < 120'000) return fmt::format("{:.1f} s", *milliseconds / 1'000);
  return fmt::format("{:.1f} min", *milliseconds / 60'000);
}

std::string millions(double value) {
  if (value == 0) return "0";
  if (value < 1e5) return grouped(value);
  return fmt::format("{:.1f} m", value / 1e6);
}

}  // namespace

std::string as_text(const Figures& of) {
  return fmt::format(
      "{:20}  refuses {:>15}  stops R8 {:>15}  {:>9} children out  {:>11} shares beyond  "
      "loss ${:>11}  honest refused {}\n",
      of.name, words(of.first_refusal_ms), words(of.kill_ms),
      grouped(static_cast<double>(of.child_orders_out)),
      grouped(static_cast<double>(of.shares_beyond_parents)), grouped(of.estimated_loss),
      of.honest_refusals);
}

std::string as_json(const std::vector<Figures>& all) {
  boost::json::array controls;
  for (const Figures& of : all) controls.emplace_back(object_of(of));
  return boost::json::serialize(boost::json::object{
      {"loss_model", "shares beyond the parents at 1.16 dollars each"}, {"controls", controls}});
}

std::string as_markdown(const std::vector<Figures>& all) {
  std::string text =
      "| control | first refusal | stops R8 | shares beyond | loss | refusals of honest routers |\n"
      "|---|---|---|---|---|---|\n";
  for (const Figures& of : all) {
    text += fmt::format("| `{}` | {} | {} | {} | ${} | {} |\n", of.name, words(of.first_refusal_ms),
                        words(of.kill_ms), millions(static_cast<double>(of.shares_beyond_parents)),
                        millions(of.estimated_loss), of.honest_refusals);
  }
  return text;
}

}  // namespace interlock::cli::knight

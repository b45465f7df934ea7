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
          {"stop_ms", nullable(of.stop_ms)},
          {"kill_ms", nullable(of.kill_ms)},
          {"latch", nullable(of.latch)},
          {"reason", nullable(of.reason)},
          {"roll_back_stop_ms", nullable(of.roll_back_stop_ms)},
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

// What is left of the loss without any control; the first of `all` where that is "none".
std::string of_the_loss(const Figures& of, const std::vector<Figures>& all) {
  const Figures& none = all.front();
  if (none.name != "none" || none.shares_beyond_parents == 0 || &of == &none) return "";
  const auto share = static_cast<double>(of.shares_beyond_parents) /
                     static_cast<double>(none.shares_beyond_parents);
  if (of.shares_beyond_parents == 0) return " (none of it)";
  if (share > 0.995) return " (**no help**)";
  return share < 0.001 ? " (less than 0.1 %)" : fmt::format(" ({:.1f} %)", share * 100);
}

// "0.41 s", or with the level where it is not a kill: "0.41 s, block".
std::string stop_words(const Figures& of) {
  if (of.kill_ms) return words(of.kill_ms);
  return of.stop_ms ? words(of.stop_ms) + ", block" : "never";
}

std::string roll_back_words(const Figures& of) {
  if (!of.has_roll_back) return "no roll-back";
  if (of.roll_back_kill_ms) return words(of.roll_back_kill_ms);
  return of.roll_back_stop_ms ? words(of.roll_back_stop_ms) + ", block" : "never";
}

}  // namespace

std::string as_text(const Figures& of) {
  return fmt::format(
      "{:20}  refuses {:>15}  stops R8 {:>15}  kills it {:>15}  {:>9} children out  {:>11} shares "
      "beyond  loss ${:>11}  honest refused {}\n",
      of.name, words(of.first_refusal_ms), words(of.stop_ms), words(of.kill_ms),
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
      "| control | first refusal | kills R8 | the seven, after the roll-back | children out | "
      "shares beyond the parents | loss | honest orders refused |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const Figures& of : all) {
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | ${}{} | {} |\n", of.name,
                        words(of.first_refusal_ms), stop_words(of), roll_back_words(of),
                        grouped(static_cast<double>(of.child_orders_out)),
                        millions(static_cast<double>(of.shares_beyond_parents)),
                        millions(of.estimated_loss), of_the_loss(of, all), of.honest_refusals);
  }
  return text;
}

}  // namespace interlock::cli::knight

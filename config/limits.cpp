#include "config/limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/forms.hpp"
#include "config/values.hpp"

namespace interlock::config {
namespace {

constexpr std::int64_t shares_max = 9'000'000'000'000;  // fits risk::Quantity

// 0 where it means "not one share".
Form<risk::Quantity> shares_form(std::int64_t least) {
  return {"a whole number of shares", "100_000", false,
          [least](const toml::node& node) -> std::optional<risk::Quantity> {
            const auto* number = node.as_integer();
            if (number == nullptr || number->get() < least || number->get() > shares_max)
              return std::nullopt;
            return risk::Quantity::of(number->get());
          }};
}

bool may_be_none_at_all(std::string_view key) {
  return key == "max_over_fill" || key == "max_orphan_shares";
}

// After an unreadable [node] currency, which is reported once, an amount may be in any.
std::string_view currency_in(std::string_view text, std::string_view currency) {
  return currency.empty() ? text.substr(text.rfind(' ') + 1) : currency;
}

Form<risk::Money> form_of(const risk::Limit<risk::Money>&, std::string_view currency) {
  return text_form<risk::Money>(
      fmt::format("an amount in {}", currency), fmt::format("\"5 M {}\"", currency),
      [=](std::string_view text) { return parse_money(text, currency_in(text, currency)); }, true);
}

Form<risk::Collar> form_of(const risk::Limit<risk::Collar>&, std::string_view currency) {
  return text_form<risk::Collar>(
      "a distance from the reference price", fmt::format("\"3 %\" or \"0.03 {}\"", currency),
      [=](std::string_view text) { return parse_collar(text, currency_in(text, currency)); }, true);
}

Form<risk::MoneyRate> form_of(const risk::Limit<risk::MoneyRate>&, std::string_view currency) {
  return text_form<risk::MoneyRate>(
      fmt::format("an amount in {} in a time", currency), fmt::format("\"5 M {} / 1 s\"", currency),
      [=](std::string_view text) {
        return parse_money_rate(text, currency_in(text.substr(0, text.find(" /")), currency));
      },
      true);
}

Form<risk::Count> form_of(const risk::Limit<risk::Count>&, std::string_view) {
  return {"a whole number", "200", false, [](const toml::node& node) -> std::optional<risk::Count> {
            const auto* number = node.as_integer();
            if (number == nullptr || number->get() < 0 || number->get() > UINT32_MAX)
              return std::nullopt;
            return risk::Count{static_cast<std::uint32_t>(number->get())};
          }};
}

Form<risk::Ratio> form_of(const risk::Limit<risk::Ratio>&, std::string_view) {
  return text_form<risk::Ratio>("a percentage", "\"500 %\"", parse_ratio, true);
}

Form<risk::Forbidden> form_of(const risk::Limit<risk::Forbidden>&, std::string_view) {
  return text_form<risk::Forbidden>(
      "\"refuse\"", "\"refuse\"",
      [](std::string_view text) -> std::optional<risk::Forbidden> {
        if (text != "refuse") return std::nullopt;
        return risk::Forbidden{};
      },
      true);
}

Form<risk::Rate> form_of(const risk::Limit<risk::Rate>&, std::string_view) {
  return text_form<risk::Rate>("a rate", "\"500 / 1 s\"", parse_rate, true);
}

template <class T>
void read_limit(Section& section, std::string_view key, std::string_view currency,
                risk::Limit<T>& limit) {
  const auto* node = section.find(key);
  if (node == nullptr) return;
  const auto line = node->source().begin.line;
  limit = risk::Limit<T>::none(line);
  if (const auto* text = node->as_string(); text != nullptr && text->get() == "none") return;
  T value{};
  const auto form = [&] {
    if constexpr (std::is_same_v<T, risk::Quantity>) {
      return shares_form(may_be_none_at_all(key) ? 0 : 1);
    } else {
      return form_of(limit, currency);
    }
  }();
  if (section.read(key, value, form)) limit = risk::Limit<T>::of(value, line);
}

// Why the limits in these lines are as they are.
void read_rationale(Section& section, const std::set<std::uint32_t>& lines,
                    std::map<std::uint32_t, Rationale>& rationales) {
  if (lines.empty()) {
    for (const auto* key : {"why", "owner", "review"})
      if (section.find(key) != nullptr)
        section.error(key,
                      fmt::format("{} sets no limit that '{}' could be of", section.name(), key),
                      "leave it out");
    return;
  }
  Rationale rationale;
  section.require("why", rationale.why, printable_form(200), "a limit has a reason");
  section.require("owner", rationale.owner, printable_form(64), "somebody answers for a limit");
  section.require("review", rationale.review, date_form(), "a limit is looked at again");
  rationale.line = section.line("review");
  for (const auto line : lines)
    if (!rationales.emplace(line, rationale).second)
      section.error({}, fmt::format("another table sets limits in line {} too", line),
                    "write a line a table: a limit is known by its line");
}

std::string where_to_write(risk::ScopeKind kind, std::string_view scope) {
  using Kind = risk::ScopeKind;
  const auto name = risk::name(kind);
  if (kind == Kind::firm || kind == Kind::parent) return fmt::format("in [{}]", name);
  if (kind == Kind::router || kind == Kind::venue)
    return fmt::format("in [defaults.{}], or in limits of {}", name, scope);
  return fmt::format("in [defaults.{}], or in [{}.{}]", name, name, scope);
}

}  // namespace

void read_limits(Section& section, risk::ScopeKind kind, Config& config,
                 risk::ScopeLimits& limits) {
  std::set<std::uint32_t> lines;
  each_limit(kind, limits, [&](std::string_view key, auto& limit) {
    if (section.find(key) == nullptr) return;
    lines.insert(section.line(key));
    read_limit(section, key, config.currency, limit);
  });
  read_rationale(section, lines, config.rationales);
}

std::optional<std::string> set_limit(risk::ScopeKind kind, std::string_view key,
                                     std::string_view value, std::string_view currency,
                                     risk::ScopeLimits& limits) {
  bool carries = false;
  each_limit(kind, limits,
             [&](std::string_view known, const auto&) { carries = carries || known == key; });
  if (!carries) return fmt::format("a {} has no limit '{}'", risk::name(kind), key);
  const bool clean = std::ranges::all_of(
      value, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
  if (!clean) return "the value has a character that no limit has";
  const bool is_count = value.find_first_not_of("0123456789_") == std::string_view::npos;
  std::vector<Problem> problems;
  Source source(
      "the value",
      is_count ? fmt::format("{} = {}", key, value) : fmt::format("{} = \"{}\"", key, value),
      problems);
  risk::ScopeLimits changed = limits;
  if (source.root() != nullptr) {
    Section section(source, *source.root(), "the value");
    each_limit(kind, changed, [&](std::string_view known, auto& limit) {
      if (known != key) return;
      const auto line = limit.line;
      read_limit(section, key, currency, limit);
      limit.line = line;
    });
  }
  if (!problems.empty()) return problems.front().text;
  limits = changed;
  return std::nullopt;
}

void check_complete(Source& source, risk::ScopeKind kind, const std::vector<LimitedScope>& scopes) {
  std::map<std::string_view, std::vector<const LimitedScope*>> lacking;
  for (const auto& scope : scopes)
    each_limit(kind, *scope.limits, [&](std::string_view key, const auto& limit) {
      using Limit = std::remove_cvref_t<decltype(limit)>;
      if (limit.state == Limit::State::unset) lacking[key].push_back(&scope);
    });
  for (const auto& [key, without] : lacking) {
    std::string names;
    for (const auto* scope : without) names += fmt::format(" {},", scope->name);
    names.pop_back();
    if (without.front()->name.empty()) names.clear();
    source.error(without.front()->declared->source(),
                 fmt::format("{} is set nowhere for {}{}: a limit is never unlimited unsaid", key,
                             risk::name(kind), names),
                 fmt::format("write it {}; \"none\" means no limit",
                             where_to_write(kind, without.front()->name)));
  }
}

}  // namespace interlock::config

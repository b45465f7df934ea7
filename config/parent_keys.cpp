#include "config/parent_keys.hpp"

#include <fmt/format.h>

#include <boost/regex.hpp>

#include "config/build.hpp"
#include "config/forms.hpp"

namespace interlock::config {
namespace {

Form<risk::Quantity> cap_form() {
  return {"a whole number of shares", "1_000", false,
          [](const toml::node& node) -> std::optional<risk::Quantity> {
            const auto* number = node.as_integer();
            if (number == nullptr || number->get() < 1 || number->get() > 9'000'000'000'000)
              return std::nullopt;
            return risk::Quantity::of(number->get());
          }};
}

Form<Pattern> pattern_form() {
  return text_form<Pattern>(
      "a regular expression with one group", "\"^([^-]+)-\"",
      [](std::string_view text) { return Pattern::compile(std::string(text)); });
}

void read_key(Section& key, const Dialect& dialect, std::vector<ParentKey>& keys) {
  ParentKey read;
  key.require("tag", read.tag, order_tag_form(dialect), "its value names the parent");
  key.read("pattern", read.pattern, pattern_form());
  const bool has_where = key.read("where", read.where, order_tag_form(dialect));
  const bool has_value = key.read("is", read.is, printable_form(64));
  if (has_where != has_value)
    key.error(has_where ? "where" : "is", "where and is go together",
              "write where = 1081, is = \"9\"");
  keys.push_back(std::move(read));
}

}  // namespace

struct Pattern::Compiled {
  boost::regex expression;
};

std::optional<Pattern> Pattern::compile(const std::string& text) {
  try {
    Pattern pattern;
    boost::regex expression(text, boost::regex::perl);
    if (expression.mark_count() != 1) return std::nullopt;
    pattern.text_ = text;
    pattern.compiled_ = std::make_shared<const Compiled>(Compiled{std::move(expression)});
    return pattern;
  } catch (const boost::regex_error&) {
    return std::nullopt;
  }
}

std::optional<std::string_view> Pattern::find(std::string_view text) const {
  if (text.size() > text_max) return std::nullopt;
  try {
    boost::cmatch found;
    const auto* const end = text.data() + text.size();
    if (!boost::regex_search(text.data(), end, found, compiled_->expression)) return std::nullopt;
    if (!found[1].matched) return std::nullopt;
    return std::string_view(found[1].first, found[1].second);
  } catch (const std::runtime_error&) {  // it would have taken too many steps
    return std::nullopt;
  }
}

Form<Tag> order_tag_form(const Dialect& dialect) {
  return {"a tag of NewOrderSingle in this dialect", "526", false,
          [&dialect](const toml::node& node) -> std::optional<Tag> {
            const auto* number = node.as_integer();
            const auto* order = dialect.message("D");
            if (number == nullptr || number->get() < 1 || number->get() > 99999)
              return std::nullopt;
            const auto tag = static_cast<Tag>(number->get());
            return order->body.contains(tag) ? std::optional{tag} : std::nullopt;
          }};
}

void read_parent_id(Section& section, const Dialect& dialect, std::vector<ParentKey>& keys) {
  if (section.find("parent_id") == nullptr) {
    ParentKey key;
    if (section.read("parent_id_tag", key.tag, order_tag_form(dialect)))
      keys.push_back(std::move(key));
    return;
  }
  if (section.find("parent_id_tag") != nullptr)
    section.error("parent_id_tag", "parent_id and parent_id_tag say the same",
                  "leave one of them out");
  const auto tables = section.tables("parent_id");
  if (tables.empty()) section.error("parent_id", "no key: no order could name its parent");
  for (const auto* table : tables) {
    Section key(section.source(), *table, "parent_id of " + section.name());
    read_key(key, dialect, keys);
  }
}

void read_parent_keys(Section& section, Router& router) {
  if (section.find("parent_id") == nullptr && section.find("parent_id_tag") == nullptr)
    section.missing("parent_id_tag", "526",
                    "it says which parent a child belongs to; a wrong one stops nothing");
  read_parent_id(section, *router.dialect, router.parent_keys);
  section.read("orders_without_parent", router.orders_without_parent,
               choice_form<ChildWithoutParent>({{"reject", ChildWithoutParent::reject},
                                                {"from_tag", ChildWithoutParent::from_tag},
                                                {"cap", ChildWithoutParent::cap}}));
  section.read("parent_size_tag", router.parent_size_tag, order_tag_form(*router.dialect));
  const auto* size = router.dialect->field(router.parent_size_tag);
  if (size != nullptr && size->type != FieldType::quantity)
    section.error("parent_size_tag",
                  fmt::format("tag {} is no quantity in this dialect", router.parent_size_tag));
  const bool from_tag = router.orders_without_parent == ChildWithoutParent::from_tag;
  if (from_tag && section.find("parent_size_tag") == nullptr)
    section.missing("parent_size_tag", "5001", "orders_without_parent = \"from_tag\" reads it");
  if (!from_tag && router.parent_size_tag != 0)
    section.error("parent_size_tag", "parent_size_tag is read only with from_tag",
                  "write orders_without_parent = \"from_tag\", or leave it out");
  const bool cap = router.orders_without_parent == ChildWithoutParent::cap;
  const bool has_cap = section.read("default_parent_cap", router.default_parent_cap, cap_form());
  if (cap && section.find("default_parent_cap") == nullptr)
    section.missing("default_parent_cap", "1_000", "orders_without_parent = \"cap\" reads it");
  if (!cap && has_cap)
    section.error("default_parent_cap", "default_parent_cap is read only with cap",
                  "write orders_without_parent = \"cap\", or leave it out");
  section.read("late_parent_wait", router.late_parent_wait, duration_form());
  section.read("late_raise_wait", router.late_raise_wait, duration_form());
}

}  // namespace interlock::config

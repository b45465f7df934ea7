#include "gateway/identity.hpp"

#include <fmt/format.h>

#include "risk/asking.hpp"

namespace interlock::gateway {
namespace {

using risk::Reason;

std::unexpected<Untranslatable> no(Reason reason, std::string fact) {
  return std::unexpected(Untranslatable{reason, std::move(fact)});
}

// An id of a source, against what the policy knows of the symbol.
std::optional<Untranslatable> other_id(std::string_view symbol, std::string_view id,
                                       std::string_view source, Tag tag,
                                       const config::Identities& identities) {
  const auto known = identities.id(symbol, source);
  if (known == id) return std::nullopt;
  return Untranslatable{
      Reason::unknown_symbol,
      known ? fmt::format("{} in tag {} is not {}, whose id is {}", id, tag, symbol, *known)
            : fmt::format("the policy has no id of source '{}' of {}, tag {} gives one", source,
                          symbol, tag)};
}

// 454: each 455 stands before its 456.
std::optional<Untranslatable> other_alternative(const Parsed& message, std::string_view symbol,
                                                const config::Identities& identities) {
  std::string_view id;
  for (const FieldView& field : message.fields) {
    if (field.tag == 455) id = field.value;
    if (field.tag != 456 || id.empty()) continue;
    if (auto other = other_id(symbol, std::exchange(id, {}), field.value, 455, identities))
      return other;
  }
  if (id.empty()) return std::nullopt;
  return other_id(symbol, id, "", 455, identities);
}

// What the order says in that place; empty: nothing. An error: two of that role.
std::expected<std::string_view, Untranslatable> decider(const Parsed& message,
                                                        const config::AttributionKey& key,
                                                        std::string_view kind) {
  if (key.role.empty()) return message.get(key.tag).value_or("");
  std::string_view party, found;
  for (const FieldView& field : message.fields) {
    if (field.tag == 448) party = field.value;
    if (field.tag != 452 || field.value != key.role) continue;
    if (!found.empty() || party.empty())
      return no(Reason::unknown_attribution,
                fmt::format("the order does not name one {} of role {}", kind, key.role));
    found = std::exchange(party, {});
  }
  return found;
}

std::string place_of(const config::AttributionKey& key) {
  return key.role.empty() ? fmt::format("tag {}", key.tag) : fmt::format("party role {}", key.role);
}

template <class IdType>
std::optional<Untranslatable> attribute(const Parsed& message, const config::AttributionKey& key,
                                        const risk::Names<IdType>& names, std::string_view kind,
                                        bool is_required, IdType& id) {
  if (!key.is_used()) return std::nullopt;
  const auto name = decider(message, key, kind);
  if (!name) return name.error();
  if (name->empty() && !is_required) return std::nullopt;
  if (name->empty())
    return Untranslatable{Reason::unknown_attribution,
                          fmt::format("the order names no {} in {}", kind, place_of(key))};
  id = names.find(*name);
  if (id.known()) return std::nullopt;
  return Untranslatable{Reason::unknown_attribution,
                        fmt::format("the {} in {} is not in the policy", kind, place_of(key))};
}

}  // namespace

risk::AccountId account_named(std::string_view wire, const config::Config& config,
                              const risk::Directory& directory) {
  return directory.accounts.find(config.identities.account(wire));
}

risk::SymbolId symbol_named(const Parsed& message, const config::Config& config,
                            const risk::Directory& directory) {
  return directory.symbols.find(
      config.identities.symbol(message.get(55).value_or(""), message.get(65).value_or("")));
}

std::optional<Untranslatable> contradiction(const Parsed& message, const config::Config& config,
                                            const risk::Directory& directory) {
  const risk::SymbolId id = symbol_named(message, config, directory);
  if (!id.known()) return std::nullopt;  // the controls say so
  const std::string_view symbol = directory.symbols.name(id);
  if (const auto security = message.get(48)) {
    if (auto other =
            other_id(symbol, *security, message.get(22).value_or(""), 48, config.identities))
      return other;
  }
  if (auto other = other_alternative(message, symbol, config.identities)) return other;
  const std::string_view currency =
      directory.currencies.name(risk::traits_of(config.limits, id).currency);
  const auto named = message.get(15);
  if (!named || *named == currency) return std::nullopt;
  return Untranslatable{Reason::unsupported,
                        fmt::format("Currency 15 is {}, {} is in {}", *named, symbol, currency)};
}

std::expected<risk::Attributions, Untranslatable> attributions_of(const Parsed& message,
                                                                  const config::Router& router,
                                                                  const risk::Directory& directory,
                                                                  bool is_required) {
  risk::Attributions by;
  const auto problems = {
      attribute(message, router.algo, directory.algos, "algo", is_required, by.algo),
      attribute(message, router.trader, directory.traders, "trader", is_required, by.trader),
      attribute(message, router.desk, directory.desks, "desk", is_required, by.desk)};
  for (const auto& problem : problems)
    if (problem) return std::unexpected(*problem);
  return by;
}

}  // namespace interlock::gateway

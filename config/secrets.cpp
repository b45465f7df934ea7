// People and credentials: who may do what, and the separate file that holds what proves it.
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "config/build.hpp"
#include "config/values.hpp"
#include "killswitch/secret.hpp"

namespace interlock::config {
namespace {

constexpr mode_t others = S_IRWXG | S_IRWXO;

Form<std::string> hash_form() {
  return text_form<std::string>("a salted hash", "what `interlock secret` prints",
                                [](std::string_view text) -> std::optional<std::string> {
                                  if (!killswitch::readable_hash(text)) return std::nullopt;
                                  return std::string(text);
                                });
}

void read_tokens(Build& build, Source& source, Section& root) {
  const auto* table = root.table("person");
  std::optional<Section> people;
  if (table != nullptr) people.emplace(source, *table, "[person]");
  for (auto& person : build.config.people) {
    const auto* own = people ? people->table(person.name) : nullptr;
    if (own == nullptr) {
      root.error("person", fmt::format("person {} has no token", person.name),
                 fmt::format("write [person.{}] token = a hash", person.name));
      continue;
    }
    Section section(source, *own, fmt::format("[person.{}]", person.name));
    section.require("token", person.token_hash, hash_form(), "a person logs on with it");
  }
}

// The fields of a Logon that `section` holds, by tag.
std::vector<std::pair<Tag, std::string>> read_logon(Section& section, const toml::table& table,
                                                    const Dialect& dialect,
                                                    const Form<std::string>& form) {
  constexpr std::array<Tag, 4> ours{98, 108, 141, 383};  // EncryptMethod, HeartBtInt, ...
  std::vector<std::pair<Tag, std::string>> fields;
  for (const auto& [key, node] : table) {
    const auto text = key.str();
    std::string value;
    if (!section.read(text, value, form)) continue;
    Tag tag = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tag);
    const auto* rule = dialect.field(tag);
    if (error != std::errc{} || end != text.data() + text.size() || rule == nullptr ||
        !dialect.message("A")->body.contains(tag) || rule->type != FieldType::string ||
        std::ranges::find(ours, tag) != ours.end()) {
      section.error(text, fmt::format("'{}' is no text field of Logon in {}", text, dialect.name),
                    "a dialect may add one: [[dialect]] add = { A = [...] }");
      continue;
    }
    fields.emplace_back(tag, std::move(value));
  }
  return fields;
}

// What a counterparty that connects to us proves itself with; `kind` is the table's name.
template <class Kind>
void read_acceptor_secrets(Source& source, Section& root, std::string_view kind,
                           std::vector<Kind>& all) {
  const auto* table = root.table(kind);
  std::optional<Section> sessions;
  if (table != nullptr) sessions.emplace(source, *table, fmt::format("[{}]", kind));
  for (auto& session : all) {
    if (const auto* own = sessions ? sessions->table(session.id) : nullptr) {
      Section section(source, *own, fmt::format("[{}.{}]", kind, session.id));
      for (auto& [tag, hash] : read_logon(section, *own, *session.dialect, hash_form()))
        session.credentials.push_back({tag, std::move(hash)});
    }
    if (session.credentials.empty() && !session.listen.host.empty() &&
        !is_loopback(session.listen.host))
      root.error(kind,
                 fmt::format("{} {} listens on a network and has no credentials", kind, session.id),
                 fmt::format("write [{}.{}] 554 = a hash", kind, session.id));
  }
}

// What we prove ourselves with to a counterparty that we connect to.
template <class Kind>
void read_connector_secrets(Source& source, Section& root, std::string_view kind,
                            std::vector<Kind>& all) {
  const auto* table = root.table(kind);
  if (table == nullptr) return;
  Section sessions(source, *table, fmt::format("[{}]", kind));
  for (auto& session : all) {
    const auto* own = sessions.table(session.id);
    if (own == nullptr) continue;
    Section section(source, *own, fmt::format("[{}.{}]", kind, session.id));
    const auto* logon = section.table("logon");
    if (logon == nullptr) continue;
    Section fields(source, *logon, fmt::format("[{}.{}] logon", kind, session.id));
    session.logon_fields = read_logon(fields, *logon, *session.dialect, printable_form(256));
  }
}

bool readable_by_others(const std::filesystem::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 && (status.st_mode & others) != 0;
}

}  // namespace

void read_people(Build& build, Section& root) {
  std::map<std::string, std::uint32_t> lines;
  for (const auto* table : root.tables("person")) {
    Section section(build.source, *table, "a person");
    PersonEntry person;
    section.require("name", person.name, name_form(), "the journal says who it was");
    section.rename("person " + person.name);
    if (const auto [other, first] = lines.emplace(person.name, section.line()); !first)
      section.error("name", fmt::format("person {} is declared twice", person.name),
                    fmt::format("first in line {}", other->second));
    std::vector<bool PersonEntry::*> rights;
    if (section.find("may") == nullptr)
      section.missing("may", "[\"view\", \"kill\"]", "nobody may anything unsaid");
    section.read_list(
        "may", rights,
        choice_form<bool PersonEntry::*>({{"view", &PersonEntry::may_view},
                                          {"kill", &PersonEntry::may_kill},
                                          {"rearm", &PersonEntry::may_rearm},
                                          {"declare", &PersonEntry::may_declare},
                                          {"limits", &PersonEntry::may_limits},
                                          {"acknowledge", &PersonEntry::may_acknowledge},
                                          {"release", &PersonEntry::may_release},
                                          {"prices", &PersonEntry::may_prices}}));
    for (const auto right : rights) person.*right = true;
    build.config.people.push_back(std::move(person));
  }
  if (std::ranges::count(build.config.people, true, &PersonEntry::may_rearm) < 2)
    root.error("person", "fewer than two people may rearm: nothing could ever be armed again",
               "re-arming takes two; write may = [\"rearm\"] for another [[person]]");
}

void read_secrets(Build& build) {
  const auto& file = build.config.secrets_file;
  if (file.empty()) return;  // reported already
  const auto text = read_file(file);
  if (!text) {
    build.problems.push_back(problem_of(file, "cannot read the secrets file"));
    return;
  }
  if (readable_by_others(file))
    build.problems.push_back(problem_of(file, "others may read the secrets file",
                                        fmt::format("chmod 600 {}", file.string())));
  Source source(file.string(), *text, build.problems, Source::Excerpts::hidden);
  if (source.root() == nullptr) return;
  Section root(source, *source.root(), "the secrets file");
  read_tokens(build, source, root);
  read_acceptor_secrets(source, root, "router", build.config.routers);
  read_acceptor_secrets(source, root, "tee", build.config.tees);
  read_acceptor_secrets(source, root, "drop_copy", build.config.drop_copies);
  read_connector_secrets(source, root, "venue", build.config.venues);
  read_connector_secrets(source, root, "venue_drop_copy", build.config.venue_drop_copies);
}

}  // namespace interlock::config

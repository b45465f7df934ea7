// fix: what FIX logs tell of parents, without a gateway and without its journal.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "audit/print.hpp"
#include "cli/command.hpp"
#include "config/tag_names.hpp"
#include "gateway/fix_log.hpp"
#include "gateway/fix_parents.hpp"

namespace interlock::cli {
namespace {

using gateway::FixParents;
using gateway::ParentSheet;
using risk::Quantity;

struct FixOptions {
  std::vector<std::string> files, sizes, comp_ids;
  std::vector<config::Tag> parent_tags;
  std::string sizes_file;
  bool as_json = false;
};

struct Closes {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, Closes>;

File open_to_read(const std::string& name) {
  File file(name == "-" ? stdin : std::fopen(name.c_str(), "rb"));
  if (!file) throw Failure(exit_usage, fmt::format("{}: {}", name, std::strerror(errno)));
  return file;
}

void set_size(FixParents::Settings& settings, std::string_view parent, std::string_view size,
              std::string_view where) {
  const auto quantity = Quantity::parse(size);
  if (parent.empty() || !quantity || quantity->raw() < 0)
    throw Failure(exit_usage, fmt::format("{}: a size is PARENT and a quantity", where));
  settings.sizes.insert_or_assign(std::string(parent), *quantity);
}

// `parent,size` a line; a first line that is no size names the columns.
void read_sizes(FixParents::Settings& settings, const std::string& name) {
  const File file = open_to_read(name);
  std::string text;
  char part[4096];
  while (const auto count = std::fread(part, 1, sizeof part, file.get())) text.append(part, count);
  std::string_view rest = text;
  for (int line = 1; !rest.empty(); ++line) {
    auto row = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(row.size() + 1, rest.size()));
    while (row.ends_with('\r') || row.ends_with(' ')) row.remove_suffix(1);
    const auto comma = std::min(row.find(','), row.size());
    const auto size = row.substr(std::min(comma + 1, row.size()));
    if (row.empty() || (line == 1 && !Quantity::parse(size))) continue;
    set_size(settings, row.substr(0, comma), size, fmt::format("{}:{}", name, line));
  }
}

FixParents::Settings settings_of(const FixOptions& options) {
  FixParents::Settings settings;
  settings.parent_tags = options.parent_tags;
  settings.comp_ids = {options.comp_ids.begin(), options.comp_ids.end()};
  if (!options.sizes_file.empty()) read_sizes(settings, options.sizes_file);
  for (const std::string& each : options.sizes) {
    const auto equals = std::min(each.rfind('='), each.size());
    set_size(settings, each.substr(0, equals), each.substr(std::min(equals + 1, each.size())),
             "--size " + each);
  }
  return settings;
}

std::string said(std::string_view text) { return audit::for_people(text); }

std::vector<std::string> flags(const ParentSheet& sheet) {
  std::vector<std::string> all;
  const auto note = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) all.push_back(fmt::format("{} {}", count, what));
  };
  if (sheet.beyond > 0) {
    all.push_back(fmt::format("{} beyond its size {}: {} was the first, making {}", sheet.beyond,
                              sheet.size->text(), said(sheet.first_beyond), sheet.would_be.text()));
  }
  if (sheet.size && sheet.filled > *sheet.size) {
    all.push_back(fmt::format("filled {} beyond its size {}", (sheet.filled - *sheet.size).text(),
                              sheet.size->text()));
  }
  if (sheet.over_orders.is_positive())
    all.push_back(fmt::format("filled {} beyond its orders", sheet.over_orders.text()));
  note(sheet.orphans, "executions of no order in the log");
  note(sheet.repeated_ids, "orders under a ClOrdID that was used before");
  note(sheet.repeated_executions, "executions came again (same ExecID), counted once");
  note(sheet.poss_dups, "messages were marked as possible duplicates");
  note(sheet.silent_executions, "orders of which CumQty says more than the executions here");
  return all;
}

void print_text(const FixParents& parents) {
  fmt::print("{:<20} {:>8} {:>8} {:>8} {:>12} {:>12} {:>12}  {}\n", "parent", "children",
             "replaces", "rejected", "sent", "filled", "open, worst", "from, to");
  for (const ParentSheet& sheet : parents.sheets()) {
    fmt::print("{:<20} {:>8} {:>8} {:>8} {:>12} {:>12} {:>12}  {} {}\n", said(sheet.parent),
               sheet.children, sheet.replaces, sheet.rejected, sheet.sent.text(),
               sheet.filled.text(), sheet.open.text(), said(sheet.first), said(sheet.last));
    for (const std::string& flag : flags(sheet)) fmt::print("    {}\n", flag);
  }
}

void print_hints(const FixOptions& options, const FixParents& parents) {
  const auto sessions = parents.order_sessions();
  if (sessions.size() > 1 && options.comp_ids.empty()) {
    fmt::print(
        "orders of several sessions, {}: --comp-id counts those of one; {} were recognised "
        "as passed on\n",
        said(fmt::format("{}", fmt::join(sessions, ", "))), parents.passed_on());
  }
  if (!options.parent_tags.empty()) return;
  for (const auto& [tag, orders] : parents.shared_tags()) {
    fmt::print("no --parent-tag, so each order is alone; {} orders share a value of {} ({})\n",
               orders + 1, tag, config::tag_name(tag));
  }
}

boost::json::object json_of(const ParentSheet& sheet) {
  boost::json::object object{{"parent", said(sheet.parent)},
                             {"symbol", said(sheet.symbol)},
                             {"side", said(sheet.side)},
                             {"first", said(sheet.first)},
                             {"last", said(sheet.last)},
                             {"children", sheet.children},
                             {"replaces", sheet.replaces},
                             {"cancels", sheet.cancels},
                             {"rejected", sheet.rejected},
                             {"sent", sheet.sent.text()},
                             {"filled", sheet.filled.text()},
                             {"open_worst", sheet.open.text()},
                             {"over_orders", sheet.over_orders.text()},
                             {"repeated_executions", sheet.repeated_executions},
                             {"poss_dups", sheet.poss_dups},
                             {"repeated_cl_ord_ids", sheet.repeated_ids},
                             {"orphan_executions", sheet.orphans},
                             {"orders_with_missing_executions", sheet.silent_executions},
                             {"flagged", sheet.is_flagged()}};
  if (!sheet.size) return object;
  object["size"] = sheet.size->text();
  object["beyond"] = sheet.beyond;
  object["first_beyond"] = said(sheet.first_beyond);
  object["would_be"] = sheet.would_be.text();
  return object;
}

void print_json(const FixParents& parents, std::uint64_t incomplete) {
  boost::json::array sheets, sessions;
  for (const ParentSheet& sheet : parents.sheets()) sheets.push_back(json_of(sheet));
  for (const std::string& session : parents.order_sessions()) sessions.emplace_back(said(session));
  fmt::print("{}\n", boost::json::serialize(
                         boost::json::object{{"messages", parents.messages()},
                                             {"repeated_lines", parents.repeated_lines()},
                                             {"passed_on", parents.passed_on()},
                                             {"incomplete", incomplete},
                                             {"order_sessions", std::move(sessions)},
                                             {"parents", std::move(sheets)}}));
}

int fix(const FixOptions& options) {
  FixParents parents(settings_of(options));
  std::uint64_t incomplete = 0;
  for (const std::string& name :
       options.files.empty() ? std::vector<std::string>{"-"} : options.files) {
    const File file = open_to_read(name);
    const auto each = [&](std::string_view frame) { parents.take(frame); };
    gateway::FixLog log;
    char part[1 << 16];
    while (const auto count = std::fread(part, 1, sizeof part, file.get()))
      log.feed({part, count}, each);
    if (std::ferror(file.get()) != 0)
      throw Failure(exit_usage, fmt::format("{}: {}", name, std::strerror(errno)));
    log.end(each);
    incomplete += log.incomplete();
  }
  if (options.as_json) {
    print_json(parents, incomplete);
  } else {
    print_text(parents);
    print_hints(options, parents);
    fmt::print("{} messages, {} lines twice, {} messages incomplete\n", parents.messages(),
               parents.repeated_lines(), incomplete);
  }
  if (parents.messages() == 0) throw Failure(exit_no, "there is no FIX message in it");
  const auto sheets = parents.sheets();
  return std::ranges::any_of(sheets, &ParentSheet::is_flagged) ? exit_no : exit_done;
}

}  // namespace

void add_fix(CLI::App& app, int& exit) {
  const auto options = std::make_shared<FixOptions>();
  auto* command = app.add_subcommand(
      "fix", "What FIX logs tell of parents; exit 1 if something would not have passed");
  command->add_option("FILE", options->files, "Logs of any engine; none, or -: standard input");
  command->add_option("--parent-tag", options->parent_tags,
                      "Whose value names the parent; again for a second choice");
  command->add_option("--size", options->sizes, "PARENT=QUANTITY: what its children may fill");
  command->add_option("--sizes", options->sizes_file, "A CSV of parent,size");
  command->add_option("--comp-id", options->comp_ids,
                      "Only messages from or to this CompID (49, 56)");
  command->add_flag("--json", options->as_json, "One object");
  command->callback([=, &exit] { exit = fix(*options); });
}

}  // namespace interlock::cli

#include "gateway/day.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "config/values.hpp"

namespace interlock::gateway {
namespace {

using audit::Field;
using audit::FieldReader;
using audit::FieldWriter;
using audit::Kind;

constexpr std::string_view a_position = "position";
constexpr std::string_view a_locate = "locate";

// What a record says the day begins with; each ends with its last field.
struct Line {
  std::string_view what;
  risk::AccountId account;
  risk::SymbolId symbol;
  risk::Quantity quantity;
};

}  // namespace

void Day::tick() {
  const std::string today = config::text_of(floor_.config.day.trading_day(floor_.clock.utc));
  if (today <= day_) return;
  FieldWriter record;
  record.put(Field::text, today);
  put_positions(record);
  put_locates(record);
  if (!floor_.append(Kind::day, "interlock", record)) return;
  rolled(FieldReader(record.bytes()), floor_.clock.utc);
}

void Day::put_positions(FieldWriter& record) {
  if (floor_.config.positions_file.empty()) return;
  const auto positions = config::load_positions(floor_.config.positions_file, floor_.directory);
  if (!positions) {
    return floor_.alert(
        "interlock", {Severity::critical, "positions-file", {}, config::render(positions.error())});
  }
  for (const config::PositionEntry& entry : *positions) {
    record.put(Field::event, a_position);
    record.put(Field::account, floor_.directory.accounts.name(entry.account));
    record.put(Field::symbol, floor_.directory.symbols.name(entry.symbol));
    record.put(Field::quantity, entry.quantity.text()).put(Field::price, entry.cost.text());
  }
}

void Day::put_locates(FieldWriter& record) {
  if (floor_.config.locates_file.empty()) return;
  const auto locates = config::load_locates(floor_.config.locates_file, floor_.directory);
  if (!locates) {
    return floor_.alert("interlock",
                        {Severity::critical, "locates-file", {}, config::render(locates.error())});
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, risk::Quantity> together;
  for (const config::LocateEntry& entry : *locates) {
    risk::Quantity& sum = together[{entry.account.value, entry.symbol.value}];
    sum = sum + entry.quantity;
  }
  for (const auto& [holding, quantity] : together) {
    record.put(Field::event, a_locate);
    record.put(Field::account, floor_.directory.accounts.name({holding.first}));
    record.put(Field::symbol, floor_.directory.symbols.name({holding.second}));
    record.put(Field::quantity, quantity.text());
  }
}

void Day::rolled(const FieldReader& fields, risk::Time at) {
  day_ = fields.text(Field::text).value_or("");
  floor_.books.roll_day(at);
  const auto items = fields.items();
  if (!items) return;
  Line line;
  for (const auto& item : *items) {
    if (item.field == Field::event) {
      line = Line{};
      line.what = item.bytes;
    }
    if (item.field == Field::account) line.account = floor_.directory.accounts.find(item.bytes);
    if (item.field == Field::symbol) line.symbol = floor_.directory.symbols.find(item.bytes);
    if (item.field == Field::quantity) {
      line.quantity = risk::Quantity::parse(item.bytes).value_or(risk::Quantity{});
      if (line.what == a_locate) floor_.books.load_locate(line.account, line.symbol, line.quantity);
    }
    if (item.field == Field::price && line.what == a_position) {
      static_cast<void>(
          floor_.books.load_position(line.account, line.symbol, line.quantity,
                                     risk::Price::parse(item.bytes).value_or(risk::Price{})));
    }
  }
}

}  // namespace interlock::gateway

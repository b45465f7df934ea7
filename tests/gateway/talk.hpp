// One order session in any version, in real FIX messages: read strictly, translated, booked.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <string>

#include "gateway/list.hpp"
#include "gateway/translate.hpp"
#include "risk/books.hpp"
#include "tests/gateway/frames.hpp"

namespace interlock::gateway {

inline constexpr std::array<const char*, 3> versions{"FIX.4.2", "FIX.4.4", "FIX.5.0SP2"};

// What a venue says of an order, as 150 and, in 4.2, 20.
enum class Says : char {
  acknowledged = '0',
  filled = 'F',
  done_for_day = '3',
  cancelled = '4',
  replaced = '5',
  pending_cancel = '6',
  stopped = '7',
  rejected = '8',
  suspended = '9',
  pending_new = 'A',
  calculated = 'B',
  expired = 'C',
  restated = 'D',
  pending_replace = 'E',
  corrected = 'G',
  busted = 'H',
  status = 'I',
};

// Router R1, venue X, account ACC, symbol IBM, parent P1: buy 1000.
class Talk {
 public:
  explicit Talk(std::string version) : version_(std::move(version)) {
    config.accounts = {"ACC"};
    config.symbols = {"IBM"};
    config.currencies = {"USD"};
    config.limits.symbol_traits.resize(1);
    config.routers.emplace_back().id = "R1";
    config.routers[0].parent_keys.emplace_back().tag = is_42() ? 109 : 526;
    config.venues.emplace_back().id = "X";
    directory = config.directory();
    parent = directory.parents.intern("P1");
    books.size_for(directory, config.limits);
    REQUIRE(books.declare({parent,
                           {0},
                           {0},
                           risk::Side::buy,
                           risk::Quantity::of(1000),
                           risk::ParentSource::declared},
                          {1}) == risk::Declared::added);
  }

  [[nodiscard]] bool is_42() const { return version_ == "FIX.4.2"; }

  // What the gatekeeper says of a D with these fields; an empty text: it reads.
  [[nodiscard]] std::string unread(const std::string& fields) const {
    const std::string frame = asked("D", fields + "55=IBM|60=20261121-14:30:00|");
    const auto parsed = parse_strict(frame, dialect());
    return parsed ? "" : parsed.error().text;
  }
  // What the gate makes of a D's fields; those that each order needs are added.
  std::expected<Translated, Untranslatable> understood(const std::string& fields) {
    return request("D", fields + "55=IBM|60=20261121-14:30:00|");
  }
  risk::OrderId order(const std::string& id, int quantity, const std::string& more = "") {
    return enter(understood(
        fmt::format("11={}|1=ACC|{}54=1|38={}|40=2|44=10|{}", id, names_parent(), quantity, more)));
  }
  void replace(const std::string& id, const std::string& orig, int quantity) {
    enter(
        request("G", fmt::format("11={}|41={}|{}55=IBM|54=1|38={}|40=2|44=10|60=20261121-14:30:00|",
                                 id, orig, is_42() ? "21=1|" : "", quantity)));
  }
  void cancel(const std::string& id, const std::string& orig) {
    enter(request("F",
                  fmt::format("11={}|41={}|55=IBM|54=1|38=100|60=20261121-14:30:00|", id, orig)));
  }

  // A list whose orders all enter.
  void list(const std::string& fields) {
    const std::string frame =
        framed(begin(), fmt::format("35=E|34=2|49=R1|56=GATE|52=20261121-14:30:00.123|{}", fields));
    const auto parsed = parse_strict(frame, dialect());
    REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text));
    const auto orders = orders_in(*parsed);
    REQUIRE(orders.has_value());
    for (const Parsed& order : *orders)
      enter(translate_request(order, config, {0}, {0}, directory));
  }
  [[nodiscard]] std::string names_parent() const {
    return fmt::format("{}=P1|", is_42() ? 109 : 526);
  }

  struct Execution {
    std::string exec_id;
    int last = 0, cum = 0, leaves = 0;
    std::string more = {};  // further fields
  };
  [[nodiscard]] risk::Report said(Says what, const std::string& id, const Execution& execution) {
    const bool is_correction =
        what == Says::corrected || what == Says::busted || what == Says::status;
    std::string kind = fmt::format("150={}|", static_cast<char>(what));
    if (is_42()) {
      const bool trades = is_correction || what == Says::filled;
      const char transaction = what == Says::busted      ? '1'
                               : what == Says::corrected ? '2'
                               : what == Says::status    ? '3'
                                                         : '0';
      kind = fmt::format("20={}|150={}|", transaction, trades ? '1' : static_cast<char>(what));
    }
    return heard("8", fmt::format("37=v1|17={}|{}39=1|11={}|55=IBM|54=1|32={}|31=10|151={}|14={}|"
                                  "6=10|{}",
                                  execution.exec_id, kind, id, execution.last, execution.leaves,
                                  execution.cum, execution.more));
  }
  risk::Learned says(Says what, const std::string& id, const Execution& execution) {
    return books.learn(said(what, id, execution), {++now_});
  }
  // An OrderCancelReject: 434 is 1 for a cancel, 2 for a replace.
  risk::Learned rejects(const std::string& id, const std::string& orig, char of,
                        const std::string& reason = "0") {
    return books.learn(
        heard("9", fmt::format("37=v1|11={}|41={}|39=1|434={}|102={}|", id, orig, of, reason)),
        {++now_});
  }
  // A report in these fields, as it is booked.
  risk::Report heard(const std::string& type, const std::string& fields,
                     const std::string& header = "52=20261121-14:30:00.123|") {
    const std::string frame =
        framed(begin(), fmt::format("35={}|34=2|49=X|56=GATE|{}{}", type, header, fields));
    const Lenient read = parse_lenient(frame, dialect());
    REQUIRE_MESSAGE(!read.trouble.has_value(), read.trouble->text);
    risk::Report report = translate_report(read.parsed, {0}, config, directory);
    const std::string id(read.parsed.get(11).value_or(""));
    if (known_.contains(id))
      restore(report, read.parsed, {{0}, id, read.parsed.get(41).value_or(""), known_[id]});
    return report;
  }

  // "quantity/executed/open": of the order that has or had this ClOrdID.
  [[nodiscard]] std::string counts(const std::string& id) const {
    const risk::Order& order = books.order(books.find({0}, id));
    return fmt::format("{}/{}/{}", order.quantity.text(), order.cum.text(), order.open.text());
  }
  [[nodiscard]] bool has_ended(const std::string& id) const {
    return books.order(books.find({0}, id)).state == risk::OrderState::ended;
  }
  // What the parent has used: executed and open.
  [[nodiscard]] std::string used() const {
    const risk::Parent& of = *books.parent(parent);
    return fmt::format("{}+{}", of.cum.text(), of.open.text());
  }

  config::Config config;
  risk::Directory directory;
  risk::Books books;
  risk::ParentId parent;

 private:
  [[nodiscard]] const config::Dialect& dialect() const { return config::built_in(version_); }
  [[nodiscard]] std::string begin() const {
    return version_ == "FIX.5.0SP2" ? "FIXT.1.1" : version_;
  }
  [[nodiscard]] std::string asked(const std::string& type, const std::string& fields) const {
    const std::string more = type == "D" && is_42() ? "21=1|" : "";
    return framed(begin(), fmt::format("35={}|34=2|49=R1|56=GATE|52=20261121-14:30:00.123|{}{}",
                                       type, fields, more));
  }
  std::expected<Translated, Untranslatable> request(const std::string& type,
                                                    const std::string& fields) {
    const std::string frame = asked(type, fields);
    const auto parsed = parse_strict(frame, dialect());
    REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().text));
    const bool good_till_cancel = parsed->get(59) == "1";
    known_[std::string(parsed->get(11).value_or(""))] = good_till_cancel;
    return translate_request(*parsed, config, {0}, {0}, directory);
  }
  risk::OrderId enter(const std::expected<Translated, Untranslatable>& translated) {
    REQUIRE_MESSAGE(translated.has_value(), (translated ? "" : translated.error().fact));
    return books.enter(translated->request, {++now_});
  }

  std::string version_;
  std::map<std::string, bool> known_;  // ClOrdIDs that the router used: good till cancel?
  std::int64_t now_ = 1;
};

}  // namespace interlock::gateway

#include "config/sample.hpp"

#include "tests/config/folder.hpp"

using namespace interlock::config;

TEST_CASE("sample: it loads unchanged beside the files that init writes, without a word") {
  const Folder folder;
  const auto loaded = folder.load();
  CHECK(render(loaded.problems).empty());
  REQUIRE(loaded.config.has_value());
  CHECK(load_prices(loaded.config->prices_file, loaded.config->directory()).has_value());
}

TEST_CASE("sample: every limit in it is one that a reader can find") {
  const Folder folder;
  const auto loaded = folder.load();
  REQUIRE(loaded.config.has_value());
  const auto& config = *loaded.config;
  CHECK(config.node == "interlock-01");
  CHECK(config.currency == "USD");
  CHECK(config.state_dir == folder.at("state"));
  CHECK(config.audit_dir == folder.at("audit"));
  CHECK(config.accounts == std::vector<std::string>{"7731", "7732"});
  CHECK(config.symbols == std::vector<std::string>{"ACME", "NVDA"});
  REQUIRE(config.routers.size() == 1);
  REQUIRE(config.routers[0].parent_keys.size() == 1);
  CHECK(config.routers[0].parent_keys[0].tag == 526);
  CHECK(config.routers[0].credentials.size() == 2);
  CHECK(config.routers[0].allow == std::vector<std::string>{"127.0.0.0/8", "::1"});
  CHECK(config.routers[0].dialect->name == "FIX.4.4");
  REQUIRE(config.venues.size() == 1);
  CHECK(config.venues[0].connect.at(0).port == 9101);
  CHECK_FALSE(config.venues[0].shared);
  CHECK(config.venues[0].ex_destination == "SIM");
  REQUIRE(config.parents.size() == 1);
  CHECK(config.parents[0].size == interlock::risk::Quantity::of(1200));
  CHECK(config.parents[0].line == 2);
  CHECK(config.people.size() == 2);
  CHECK(config.people[0].may_rearm);
  CHECK(config.http.hosts == std::vector<std::string>{"127.0.0.1:8443"});
  CHECK(config.resume_if_unchanged);
  CHECK(config.cancel_on_stop);
  CHECK(config.limits.symbols.at(1).order_qty.value == interlock::risk::Quantity::of(10'000));
  CHECK(config.limits.symbols.at(0).order_qty.value == interlock::risk::Quantity::of(100'000));
  CHECK(config.limits.accounts.at(1).order_notional.value == interlock::risk::Money::of(1'000'000));
  CHECK(config.limits.symbols.at(1).price_collar.value.parts_per_million == 20'000);
  CHECK(config.limits.symbols.at(0).order_rate.line < config.limits.symbols.at(1).order_qty.line);
  CHECK(config.limits.parent.order_rate.value.count == 50);
  CHECK(config.limits.version != 0);
}

TEST_CASE("sample: cut off anywhere it is an error, and never a crash or half a policy") {
  const Folder folder;
  const auto text = sample();
  for (std::size_t size = 0; size + 1 < text.size(); size += 37) {
    CAPTURE(size);
    const auto loaded = folder.parse(text.substr(0, size));
    CHECK_FALSE(loaded.config.has_value());
    CHECK(any_error(loaded.problems));
  }
}

TEST_CASE("sample: a flipped byte never crashes the reader") {
  const Folder folder;
  for (std::size_t at = 0; at < sample().size(); at += 37) {
    CAPTURE(at);
    std::string text(sample());
    text[at] = static_cast<char>(text[at] ^ (1 << at % 8));
    const auto loaded = folder.parse(text);
    CHECK(loaded.config.has_value() == !any_error(loaded.problems));
  }
}

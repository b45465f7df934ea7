#include "config/config.hpp"

#include "tests/config/folder.hpp"

using namespace interlock::config;

TEST_CASE("config: ten mistakes are ten errors, each with its line, in one run") {
  const Folder folder;
  std::string text(sample());
  const auto edit = [&](std::string_view passage, std::string_view instead) {
    text = Folder::edited(text, passage, instead);
  };
  edit("currency = \"USD\" ", "currency = \"usd\" ");
  edit("warn_at = \"75 %\"", "warn_at = 75");
  edit("max_order_qty = 10_000", "max_order_qtty = 10_000");
  edit("price_collar = \"2 %\"", "price_collar = 2");
  edit("on_disconnect = \"cancel\"", "#");
  edit("parent_id_tag = 526 ", "parent_id_tag = 5267 ");
  edit("connect = [\"127.0.0.1:9101\"]", "connect = [\"venue.example:9101\"]");
  edit("venue = \"SIM\"", "venue = \"SIMM\"");
  edit("on_start = \"resume_if_unchanged\"", "on_start = \"armed\"");
  edit("segment = \"64 MiB\"", "segment = \"64 MB\"");
  const auto loaded = folder.parse(text);
  CHECK_FALSE(loaded.config.has_value());
  CHECK(
      lines_of(loaded) ==
      std::vector<std::string>{
          "9: currency = \"usd\" is not a currency",
          "17: warn_at = 75 has no unit",
          "56: unknown key 'max_order_qtty' in [symbol.NVDA]",
          "57: price_collar = 2 has no unit",
          "65: router R1 has no 'on_disconnect': what becomes of open orders is never a default",
          "70: parent_id_tag = 5267 is not a tag of NewOrderSingle in this dialect",
          "78: connect = \"venue.example:9101\" is not an address and a port, in figures (no name "
          "is looked up)",
          "85: no venue 'SIMM'",
          "90: on_start = \"armed\" is not a known word",
          "101: segment = \"64 MB\" is not a size",
      });
}

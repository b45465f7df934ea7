// The forms of a pack: no text of a record can become more than text in any of them.
#include "cli/evidence/pack.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <set>

#include "risk/decide.hpp"
#include "tests/evidence/well_formed.hpp"
#include "tests/source.hpp"

namespace interlock::cli::evidence {
namespace {

using tests::ill_formed;

Pack with_alert(const std::string& text) {
  Pack pack = blank_pack(2026);
  Table& alerts = pack.table("alerts");
  std::vector<Cell> row(alerts.columns.size(), std::string("x"));
  row.at(7) = text;
  row.at(8) = std::int64_t{3};
  alerts.add(std::move(row));
  pack.note(text);
  return pack;
}

std::string last_line(const std::string& csv) {
  const auto begin = csv.rfind("\r\n", csv.size() - 3);
  return csv.substr(begin + 2, csv.size() - begin - 4);
}

TEST_CASE("page: it is well formed, and what a record says stays text") {
  CHECK(ill_formed(html(blank_pack(2026))) == "");
  for (const std::string text :
       {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</td></table>", "&lt;",
        "a & b > c < d", "'", "\x01\x1b[31m\xff\xc0\x80", "\xe2\x82\xac"}) {
    CAPTURE(text);
    const std::string page = html(with_alert(text));
    CHECK(ill_formed(page) == "");
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("<img") == std::string::npos);
    CHECK(page.find('\x1b') == std::string::npos);
    CHECK(page.find('\xff') == std::string::npos);
  }
  CHECK(html(with_alert("\xe2\x82\xac")).find("\xe2\x82\xac") != std::string::npos);
  CHECK(html(with_alert("<b>")).find("<td>&lt;b&gt;</td>") != std::string::npos);
}

TEST_CASE("page: the check finds what is ill formed") {
  const std::string begin = "<!DOCTYPE html>\n";
  CHECK(ill_formed(begin + "<p class=\"a\">x &amp; y<br/></p>") == "");
  for (const std::string wrong : {"<p>", "<p></b>", "<p>a & b</p>", "<p>a > b</p>",
                                  "<p class=a></p>", "<p class=\"a></p>", "<P></P>", "</p>"})
    CHECK_MESSAGE(ill_formed(begin + wrong) != "", wrong);
}

TEST_CASE("page: it needs nothing from elsewhere, and runs nothing") {
  const std::string page = html(blank_pack(2026));
  for (const auto* word : {"<script", "http:", "https:", "src=", "@import", "url(", " on"}) {
    const bool is_handler = std::string_view(word) == " on";
    CHECK_MESSAGE(page.find(is_handler ? " onclick" : word) == std::string::npos, word);
  }
}

TEST_CASE("csv: a spreadsheet takes no text for a formula") {
  const auto line = [](const std::string& text) {
    return last_line(csv(with_alert(text).table("alerts")));
  };
  CHECK(line("plain").find(",plain,3,") != std::string::npos);
  CHECK(line("=1+1").find(",'=1+1,") != std::string::npos);
  CHECK(line("+1").find(",'+1,") != std::string::npos);
  CHECK(line("-1").find(",'-1,") != std::string::npos);
  CHECK(line("@SUM(A1)").find(",'@SUM(A1),") != std::string::npos);
  CHECK(line("a,b \"c\"").find(",\"a,b \"\"c\"\"\",") != std::string::npos);
  CHECK(line("a\r\n=b").find('\n') == std::string::npos);
  CHECK(line("\t=b").find(",\\x09=b,") != std::string::npos);
}

TEST_CASE("json: each table is a list of objects by column, and texts are whole") {
  const auto all = boost::json::parse(json(with_alert("<\"\\\x02>"))).as_object();
  CHECK(all.at("year").as_int64() == 2026);
  const auto& alert = all.at("tables").at("alerts").at(0);
  CHECK(alert.at("says").as_string() == "<\"\\\\x02>");
  CHECK(alert.at("times").as_int64() == 3);
  CHECK(all.at("tables").as_object().size() > 20);
}

TEST_CASE("pack: a row has a cell a column, and no table stands twice") {
  Pack pack = blank_pack(2026);
  CHECK_THROWS(pack.table("alerts").add({"one"}));
  CHECK_THROWS(static_cast<void>(pack.table("nothing")));
  std::set<std::string> ids;
  for (const Section& section : pack.sections)
    for (const Table& table : section.tables) CHECK(ids.insert(table.id).second);
}

TEST_CASE("templates: they say what they are, and leave blanks") {
  for (const Template& each : templates(2026)) {
    CHECK(each.text.find("template. It is no legal advice") != std::string::npos);
    CHECK(each.text.find("____") != std::string::npos);
  }
}

}  // namespace
}  // namespace interlock::cli::evidence

#include "gateway/names.hpp"

#include <doctest/doctest.h>

namespace interlock::gateway {
namespace {

Named named(std::uint32_t router, std::string cl_ord_id, std::string venue_cl_ord_id,
            bool own = false) {
  Named out;
  out.router = {router};
  out.venue = {0};
  out.cl_ord_id = std::move(cl_ord_id);
  out.venue_cl_ord_id = std::move(venue_cl_ord_id);
  out.own = own;
  return out;
}

TEST_CASE(
    "names: two routers may both say 1; the venue hears two names and each comes back to its own") {
  ClOrdIds names;
  names.add(named(0, "1", "C1"));
  names.add(named(1, "1", "C2"));
  CHECK(names.by_router({0}, "1")->venue_cl_ord_id == "C1");
  CHECK(names.by_router({1}, "1")->venue_cl_ord_id == "C2");
  CHECK(names.by_venue({0}, "C2")->router == risk::RouterId{1});
  CHECK(names.by_venue({0}, "1") == nullptr);
  CHECK(names.by_venue({1}, "C1") == nullptr);
}

TEST_CASE("names: our own cancel is known to the venue's side only") {
  ClOrdIds names;
  names.add(named(0, "a", "a"));
  names.add(named(0, "a", "ILK7", true));
  CHECK(names.by_router({0}, "a")->venue_cl_ord_id == "a");
  CHECK(names.by_venue({0}, "ILK7")->own);
}

TEST_CASE("names: an id of one kind runs into no text of another") {
  ClOrdIds names;
  names.add(named(0x31, "x", "x"));
  CHECK(names.by_router({0}, "1x") == nullptr);
}

TEST_CASE("base36: shortest, capitals, exact") {
  CHECK(base36(0) == "0");
  CHECK(base36(35) == "Z");
  CHECK(base36(36) == "10");
  CHECK(base36(UINT64_MAX) == "3W5E11264SGSF");
}

}  // namespace
}  // namespace interlock::gateway

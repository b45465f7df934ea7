#include <doctest/doctest.h>

#include <cstdlib>
#include <new>

#include "killswitch/latch.hpp"
#include "tests/killswitch/allocations.hpp"
#include "tests/scratch.hpp"

using namespace interlock::killswitch;

namespace {
constexpr std::int64_t now = 1'795'253'400'000'000'000;
thread_local long allocations_left = -1;  // below zero: no end
thread_local long allocations_made = 0;
}  // namespace

long interlock::tests::allocations() { return allocations_made; }

void* operator new(std::size_t size) {
  ++allocations_made;
  if (allocations_left == 0) throw std::bad_alloc();
  if (allocations_left > 0) --allocations_left;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

TEST_CASE("latch memory: whichever allocation fails, the trip shuts and never throws") {
  const interlock::tests::Scratch scratch;
  {
    Latch latch(scratch / "latch", now);
    REQUIRE(latch.clear(latch.active().front().id, now).has_value());
  }
  bool persisted = false;
  for (long allocations = 0; !persisted; ++allocations) {
    CAPTURE(allocations);
    const auto path = scratch / "copy";
    std::filesystem::copy_file(scratch / "latch", path,
                               std::filesystem::copy_options::overwrite_existing);
    Latch latch(path, now);
    Scope scope{ScopeKind::router, "a router with a name that needs memory of its own"};
    std::string actor = "an actor with a name that needs memory of its own";
    std::string cause = "a cause that needs memory of its own";
    allocations_left = allocations;
    const auto tripped =
        latch.trip(std::move(scope), Source::breach, std::move(actor), std::move(cause), now);
    allocations_left = -1;
    persisted = tripped.persisted;
    const bool noted = latch.active().size() == 1;
    CHECK((noted || Latch::firm_killed(latch.word())));
    if (!persisted) CHECK_FALSE(tripped.problem.empty());
    REQUIRE(allocations < 1000);
  }
}

TEST_CASE("latch memory: a kill that could not be noted keeps the firm shut") {
  const interlock::tests::Scratch scratch;
  Latch latch(scratch / "latch", now);
  const auto start = latch.active().front().id;
  Scope scope{ScopeKind::router, "a router with a name that needs memory of its own"};
  allocations_left = 0;
  const auto tripped = latch.trip(std::move(scope), Source::breach, "R1", "fan-out", now);
  allocations_left = -1;
  CHECK(tripped.problem == "out of memory");
  CHECK(latch.clear(start, now).has_value());
  CHECK(latch.active().empty());
  CHECK(Latch::firm_killed(latch.word()));
}

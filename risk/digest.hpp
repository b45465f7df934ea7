// A 64-bit digest of values, to compare two books or two reports; it protects against nobody.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "risk/ids.hpp"
#include "risk/units.hpp"
#include "risk/wide.hpp"

namespace interlock::risk {

class Digest {
 public:
  Digest& add(std::uint64_t value) {
    // The finaliser of SplitMix64: each bit of the input reaches each bit of the result.
    std::uint64_t mixed = value_ + 0x9e3779b97f4a7c15u + value;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    value_ = mixed ^ (mixed >> 31);
    return *this;
  }
  Digest& add(std::string_view text) {
    add(text.size());
    for (const char c : text) add(std::uint64_t{static_cast<unsigned char>(c)});
    return *this;
  }
  Digest& add(Wide value) {
    return add(static_cast<std::uint64_t>(value)).add(static_cast<std::uint64_t>(value >> 64));
  }
  Digest& add(Time time) { return add(static_cast<std::uint64_t>(time.ns)); }
  template <class Kind>
  Digest& add(Id<Kind> id) {
    return add(std::uint64_t{id.value});
  }
  template <class Kind, int Decimals>
  Digest& add(Fixed<Kind, Decimals> value) {
    return add(static_cast<std::uint64_t>(value.raw()));
  }
  template <class Value>
  Digest& add(const std::optional<Value>& value) {
    add(std::uint64_t{value.has_value()});
    return value ? add(*value) : *this;
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace interlock::risk

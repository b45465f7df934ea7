// Numbers in mapped bytes, little endian: the one way in which this room writes and reads them.
#pragma once

#include <boost/endian/conversion.hpp>
#include <cstddef>
#include <cstring>

namespace interlock::audit {

static_assert(boost::endian::order::native == boost::endian::order::little,
              "numbers are stored in one piece, in the order of the processor");

template <typename Number>
void store(std::byte* to, Number number) {
  std::memcpy(to, &number, sizeof number);
}

template <typename Number>
[[nodiscard]] Number load(const std::byte* from) {
  Number number;
  std::memcpy(&number, from, sizeof number);
  return number;
}

}  // namespace interlock::audit

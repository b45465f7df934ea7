// CRC-32C (Castagnoli), the checksum of records: by the processor's own instruction where it has
// one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace interlock::audit {

// `before` is the checksum of what precedes, so that pieces may be given one after the other.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0);

// The same by table, for processors without the instruction.
[[nodiscard]] std::uint32_t crc32c_by_table(std::span<const std::byte> bytes,
                                            std::uint32_t before = 0);

}  // namespace interlock::audit

#include "console/identity.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace interlock::console {
namespace {

constexpr std::size_t aligned(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

// A note segment: headers, each followed by a name and a value, both padded to four bytes.
std::string find_build_id(std::span<const std::byte> notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) header;
    std::memcpy(&header, notes.data(), sizeof header);
    notes = notes.subspan(sizeof header);
    const std::size_t name_size = aligned(header.n_namesz);
    const std::size_t size = name_size + aligned(header.n_descsz);
    if (size > notes.size()) return {};
    const std::string_view name{reinterpret_cast<const char*>(notes.data()), header.n_namesz};
    if (header.n_type == NT_GNU_BUILD_ID && name == std::string_view{"GNU\0", 4}) {
      std::string hex;
      for (const std::byte byte : notes.subspan(name_size, header.n_descsz)) {
        hex += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
      }
      return hex;
    }
    notes = notes.subspan(size);
  }
  return {};
}

// The first object that the loader lists is the program itself.
int read_program(dl_phdr_info* info, std::size_t, void* result) {
  auto& build_id = *static_cast<std::string*>(result);
  for (const auto& header : std::span{info->dlpi_phdr, info->dlpi_phnum}) {
    if (header.p_type != PT_NOTE || !build_id.empty()) continue;
    const auto* start = reinterpret_cast<const std::byte*>(info->dlpi_addr + header.p_vaddr);
    build_id = find_build_id({start, header.p_memsz});
  }
  return 1;
}

}  // namespace

std::string running_build_id() {
  std::string build_id;
  dl_iterate_phdr(read_program, &build_id);
  return build_id.empty() ? "unknown" : build_id;
}

}  // namespace interlock::console

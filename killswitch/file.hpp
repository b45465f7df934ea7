// Small files that must survive a power cut: replaced as a whole, or not at all.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace interlock::killswitch {

// Writes beside `path`, syncs, renames over it and syncs the directory. After an error the old file
// stands, except when the directory could not be synced: then either of the two may.
[[nodiscard]] std::expected<void, std::string> replace_file(const std::filesystem::path& path,
                                                            std::string_view bytes);

// The same in space that is there already, so that it succeeds on a full disk: writes over
// `path`.reserve, syncs it, lets the two change places and syncs the directory. The first call
// makes both files; later ones need more space only for more bytes. An error leaves the old file as
// `replace_file` does.
[[nodiscard]] std::expected<void, std::string> exchange_file(const std::filesystem::path& path,
                                                             std::string_view bytes);

// The whole file; the error is the system's, in words.
[[nodiscard]] std::expected<std::string, std::string> read_file(const std::filesystem::path& path);

}  // namespace interlock::killswitch

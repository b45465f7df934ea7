# Writes OUTPUT, a source file that defines the text of INPUT as a std::string_view named after it
# (FIX.4.2.toml becomes FIX_4_2_toml) in NAMESPACE.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
get_filename_component(file ${INPUT} NAME)
string(MAKE_C_IDENTIFIER ${file} identifier)
file(WRITE ${OUTPUT} "#include <string_view>
namespace ${NAMESPACE} {
static constexpr char bytes_${identifier}[] = {${bytes}'\\0'};
extern const std::string_view ${identifier};
const std::string_view ${identifier}{bytes_${identifier}, sizeof bytes_${identifier} - 1};
}
")

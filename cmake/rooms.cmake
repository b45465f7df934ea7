# What `room`, `program` and `tests` in the root CMakeLists.txt mean.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
find_program(CCACHE ccache)
if(CCACHE)  # the same in every checkout; and what it wants said before it keeps what uses a precompiled header
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true CCACHE_DEPEND=true
                                  CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(tomlplusplus REQUIRED)
find_package(date REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(doctest REQUIRED)

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow=local -Wconversion -Wno-sign-conversion
                    -fstack-protector-strong -fno-omit-frame-pointer)
add_link_options(-Wl,--build-id=sha1 -Wl,-z,relro -Wl,-z,now)

# scripts/shipped builds twice: `write` counts which way the code goes, `use` lays it out by the counts.
# What was not run is compiled as without; what was changed since has no counts.
set(INTERLOCK_PROFILE "" CACHE STRING "write, use, or nothing")
if(INTERLOCK_PROFILE STREQUAL "write")
  add_compile_options(-fprofile-generate -fprofile-update=prefer-atomic)
  add_link_options(-fprofile-generate)
elseif(INTERLOCK_PROFILE STREQUAL "use")
  add_compile_options(-fprofile-use -fprofile-partial-training -Wno-missing-profile -Wno-coverage-mismatch)
elseif(INTERLOCK_PROFILE)
  message(FATAL_ERROR "INTERLOCK_PROFILE is write, use or nothing, and not ${INTERLOCK_PROFILE}")
endif()

# precompiled(TARGET [header...]): in build/dev alone, half of whose time went into reading the same headers
# anew; the other builds keep it honest, since there each file has only what it includes.
function(precompiled target)
  if(INTERLOCK_PRECOMPILED)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <atomic> <chrono> <cstdint> <expected> <filesystem>
      <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <thread> <utility> <variant> <vector>
      <boost/container/small_vector.hpp> <boost/unordered/unordered_flat_map.hpp> <fmt/format.h> ${ARGN})
  endif()
endfunction()

# room(NAME source... [USES rooms] [LINKS libraries] [EMBEDS files]): the library of one folder.
# Each source is NAME/source.cpp. EMBEDS compiles files of the folder in, as text (see cmake/embed.cmake).
function(room name)
  cmake_parse_arguments(ROOM "" "" "USES;LINKS;EMBEDS" ${ARGN})
  set(sources "")
  foreach(source ${ROOM_UNPARSED_ARGUMENTS})
    list(APPEND sources ${name}/${source}.cpp)
  endforeach()
  foreach(file ${ROOM_EMBEDS})
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded/${name}/${file}.cpp)
    add_custom_command(OUTPUT ${generated}
      COMMAND ${CMAKE_COMMAND} -DINPUT=${CMAKE_CURRENT_SOURCE_DIR}/${name}/${file} -DOUTPUT=${generated}
              -DNAMESPACE=interlock::${name}::embedded -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/embed.cmake
      DEPENDS ${name}/${file} cmake/embed.cmake VERBATIM)
    list(APPEND sources ${generated})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ROOM_USES} ${ROOM_LINKS} fmt::fmt Boost::headers Threads::Threads)
  precompiled(${name})
endfunction()

# The one library that includes QuickFIX, whose headers are C++14 only (throw specifications).
function(quickfix_adapter)
  add_library(quickfix_adapter STATIC ${ARGN})
  set_target_properties(quickfix_adapter PROPERTIES CXX_STANDARD 14)
  target_compile_options(quickfix_adapter PRIVATE -Wno-deprecated -Wno-conversion -Wno-overloaded-virtual)
  target_include_directories(quickfix_adapter PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(quickfix_adapter PUBLIC quickfix)
endfunction()

# program(NAME main.cpp USES rooms [LINKS libraries])
function(program name main)
  cmake_parse_arguments(PROGRAM "" "" "USES;LINKS" ${ARGN})
  set(revision ${CMAKE_CURRENT_BINARY_DIR}/revision.cpp)
  if(NOT TARGET revision)
    add_custom_target(revision BYPRODUCTS ${revision}
      COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_CURRENT_SOURCE_DIR} -DOUTPUT=${revision}
              -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/revision.cmake VERBATIM)
  endif()
  add_executable(${name} ${main} ${revision})
  add_dependencies(${name} revision)
  target_link_libraries(${name} PRIVATE ${PROGRAM_USES} ${PROGRAM_LINKS})
  target_compile_definitions(${name} PRIVATE INTERLOCK_VERSION="${PROJECT_VERSION}")
endfunction()

# One doctest program a room, of tests/ROOM/*_test.cpp; one file a behaviour. And one of the rules that
# the whole code keeps, tests/tidy.
function(tests)
  enable_testing()
  add_library(test_main OBJECT tests/main.cpp)
  target_link_libraries(test_main PUBLIC doctest::doctest)
  target_compile_definitions(test_main PRIVATE SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
  target_include_directories(test_main PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  add_library(tidy INTERFACE)
  target_link_libraries(tidy INTERFACE risk)
  add_library(knight INTERFACE)  # the replay of cli/knight*
  target_link_libraries(knight INTERFACE cli)
  foreach(name ${ARGN} tidy knight)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tests/${name}/*_test.cpp)
    add_executable(test_${name} ${sources})
    target_link_libraries(test_${name} PRIVATE ${name} test_main)
    target_compile_options(test_${name} PRIVATE $<$<CONFIG:Debug>:-O0>)  # a third less time to build
    precompiled(test_${name} <doctest/doctest.h>)
    add_test(NAME ${name} COMMAND test_${name})
  endforeach()
  target_sources(test_knight PRIVATE tests/knight/ordinary_day.cpp)
  target_sources(test_risk PRIVATE tests/heap_asked.cpp)
  foreach(name cli knight)
    add_dependencies(test_${name} interlock)  # it runs the program beside it
  endforeach()
  add_dependencies(test_killswitch interlock-guard)
  add_dependencies(test_audit interlock-signer)
endfunction()

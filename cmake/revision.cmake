# Writes OUTPUT, a source file that defines interlock::cli::source_revision as git names SOURCE ("unknown" outside
# of git). Run at every build; the file changes only when the revision does.
execute_process(COMMAND git --no-optional-locks -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(revision unknown)
endif()
set(text "namespace interlock::cli {\nextern const char* const source_revision;\n")
string(APPEND text "const char* const source_revision = \"${revision}\";\n}\n")
set(old "")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT text STREQUAL old)
  file(WRITE ${OUTPUT} "${text}")
endif()

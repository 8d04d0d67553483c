# What every target of the project is compiled with.
add_library(timescape_options INTERFACE)
target_compile_options(timescape_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  $<$<C_COMPILER_ID:Clang>:-Wreserved-identifier> $<$<BOOL:${TIMESCAPE_WERROR}>:-Werror>
  -ffp-contract=off  # a product and a sum are rounded one by one, as in docs/numerics.md
  -fno-math-errno)  # nobody looks at errno behind mathematics, and so llrint is one instruction
target_compile_definitions(timescape_options INTERFACE _GNU_SOURCE)
target_include_directories(timescape_options INTERFACE
  ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
if(TIMESCAPE_SANITIZE)
  target_compile_options(timescape_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(timescape_options INTERFACE -fsanitize=address,undefined)
endif()

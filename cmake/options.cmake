# How every target of this project is compiled, as one interface target: isotherm_options.
add_library(isotherm_options INTERFACE)
target_include_directories(isotherm_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_features(isotherm_options INTERFACE cxx_std_20)
target_compile_options(isotherm_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wnon-virtual-dtor;-Woverloaded-virtual>
  # gcc 12 sees overlapping copies in `"text" + std::string` where there are none (GCC bug 105651).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<COMPILE_LANGUAGE:CXX>>:-Wno-restrict>
  $<$<AND:$<BOOL:${ISOTHERM_WERROR}>,$<COMPILE_LANGUAGE:CXX>>:-Werror>)
if(ISOTHERM_ASSERTIONS)
  target_compile_options(isotherm_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-UNDEBUG>)
endif()
if(ISOTHERM_SANITIZE)
  target_compile_options(isotherm_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${ISOTHERM_SANITIZE};-fno-omit-frame-pointer>)
  target_link_options(isotherm_options INTERFACE -fsanitize=${ISOTHERM_SANITIZE})
endif()

# isotherm_library(NAME SOURCES... [PUBLIC deps...] [PRIVATE deps...]): a static library of one house folder.
function(isotherm_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC isotherm_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

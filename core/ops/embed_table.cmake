# cmake -DTABLE=tf_ops.table -DSOURCE=out.cc -P embed_table.cmake: each line of the table as one string literal.
file(READ ${TABLE} text)
string(REGEX REPLACE "\n$" "" text "${text}")
string(REPLACE "\n" ")op\"sv,\nR\"op(" text "${text}")
file(WRITE ${SOURCE} "// Made from tf_ops.table by embed_table.cmake.
#include \"core/ops/op_table.h\"

namespace isotherm {
namespace {
using namespace std::string_view_literals;
constexpr std::string_view kLines[] = {
R\"op(${text})op\"sv,
};
}  // namespace

std::span<const std::string_view> op_table_lines() { return kLines; }

}  // namespace isotherm
")

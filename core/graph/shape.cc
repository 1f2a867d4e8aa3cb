#include "core/graph/shape.h"

#include <charconv>
#include <limits>

namespace isotherm {

bool Shape::is_static() const {
  if (!has_rank()) return false;
  for (const std::int64_t d : dims_)
    if (d < 0) return false;
  return true;
}

std::optional<std::int64_t> Shape::elements() const {
  if (!is_static()) return std::nullopt;
  bool zero = false;
  std::int64_t product = 1;
  bool overflow = false;
  for (const std::int64_t d : dims_) {
    if (d == 0) zero = true;
    if (d > 0 && product > std::numeric_limits<std::int64_t>::max() / d) overflow = true;
    if (!overflow && d > 0) product *= d;
  }
  if (zero) return 0;
  if (overflow) return std::nullopt;
  return product;
}

std::string Shape::to_string() const {
  if (!has_rank()) return "unknown rank";
  if (dims_.empty()) return "scalar";
  std::string out;
  for (const std::int64_t d : dims_) {
    if (!out.empty()) out += 'x';
    out += d < 0 ? "?" : std::to_string(d);
  }
  return out;
}

std::string Shape::to_tf_string() const {
  if (!has_rank()) return "<unknown>";
  std::string out = "[";
  for (const std::int64_t d : dims_) {
    if (out.size() > 1) out += ',';
    out += d < 0 ? "?" : std::to_string(d);
  }
  return out + "]";
}

Result<Shape> parse_shape(std::string_view text) {
  if (text.empty() || text == "scalar") return Shape();
  if (text == "unknown") return Shape::unknown_rank();
  std::vector<std::int64_t> dims;
  std::string_view rest = text;
  while (true) {
    const std::size_t end = rest.find_first_of("x,");
    const std::string_view part = rest.substr(0, end);
    std::int64_t value = 0;
    if (part == "?" || part == "-1") {
      value = kUnknownDim;
    } else {
      const auto [stop, failed] = std::from_chars(part.data(), part.data() + part.size(), value);
      if (failed != std::errc() || stop != part.data() + part.size() || value < 0)
        return invalid_input("shape '" + std::string(text) + "': found '" + std::string(part) +
                             "' where a size of 0 or more, or '?', was expected, as in 1x224x224x3");
    }
    dims.push_back(value);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return Shape(std::move(dims));
}

}  // namespace isotherm

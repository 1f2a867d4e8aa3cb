// What the values of an overlay mean: how those of several nodes combine, and the words that stand for one.
#pragma once

#include <string>
#include <vector>

#include "core/render/scene.h"

namespace isotherm::render {

/// What a box of several nodes of unlike precisions shows.
inline constexpr double kMixedPrecision = 4;
inline constexpr double kOtherPrecision = 3;  ///< integers, strings and the like

/// A node's value; -1: not measured. NaN and infinity are values of an error only, and mean that it failed.
double read_value(const Overlay& overlay, const std::vector<double>& values, NodeId node);
/// NaN or infinities differ between the runs compared.
bool is_failed(const Overlay& overlay, double value);
/// Over the overlay's bound, or failed; false where there is no bound.
bool is_over_bound(const Overlay& overlay, double value);
/// Of two values, either of which may be -1, that of both together: a sum, the larger one (a failure wins), or of
/// precisions the common one, else kMixedPrecision.
double combined(const Overlay& overlay, double a, double b);

/// A value as a box shows it: {"14.8", "µs"}, {"12.3", "MiB"}, {"F16", ""}, {"1.2e-7", ""}, {"–", ""} where nothing was
/// measured.
struct ValueWords {
  std::string number, unit;
  [[nodiscard]] std::string together() const { return unit.empty() ? number : number + " " + unit; }
};
ValueWords value_words(const Overlay& overlay, double value);
/// "14.8327 µs per run", "12 845 056 bytes (12.3 MiB)", "FP16", "not measured": what a tooltip says.
std::string exact_value(const Overlay& overlay, double value);
/// "214.7", "12346", "0.934", "9.34e-5": one digit after the point from one on, below three that say something.
std::string format_value(double value);
/// Bytes in one unit of an overlay of memory: 1048576 of "MiB"; 1 where its unit is no unit of memory.
double unit_bytes(const Overlay& overlay);
/// "512 B", "12.3 MiB".
ValueWords byte_words(double bytes);
/// "1.2e-7", "0.34", "0".
std::string format_error(double value);
/// "FP32", "FP16", "INT8", "other types", "mixed"; index as in Overlay's values.
const char* precision_name(int precision);

}  // namespace isotherm::render

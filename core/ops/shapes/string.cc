// Strings and files.
#include <charconv>
#include <sstream>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// Scalars broadcast; all others are equal. An input of unknown rank may be either.
Status string_join(ShapeContext& c) {
  bool scalars = true;
  for (int i = 0; i < c.inputs(); ++i) scalars = scalars && c.rank(c.input(i)) == 0;
  ShapeHandle out = scalars ? c.scalar() : c.unknown_shape();
  for (int i = 0; i < c.inputs() && !scalars; ++i) {
    if (c.rank(c.input(i)) <= 0) continue;
    ISO_ASSIGN(out, c.merge(out, c.input(i)));
  }
  c.set_output(0, out);
  return {};
}

/// A sparse matrix: indices, values, its shape.
Status string_split(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 1).status());
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  c.set_output(0, c.matrix(c.unknown_dim(), 2));
  c.set_output(1, c.vector(c.unknown_dim()));
  c.set_output(2, c.vector(2));
  return {};
}

Status scalars_to_scalar(ShapeContext& c) {
  for (int i = 0; i < c.inputs(); ++i) ISO_TRY(c.with_rank(c.input(i), 0).status());
  c.set_output(0, c.scalar());
  return {};
}

Status save_v2(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 0).status());
  for (int i = 1; i <= 2; ++i) {
    ISO_ASSIGN(const ShapeHandle s, c.with_rank(c.input(i), 1));
    ISO_TRY(c.with_value(c.dim(s, 0), c.inputs() - 3).status());
  }
  return {};
}

/// The shape that a checkpoint entry's "d0 d1 s0,n0:s1,n1" gives: dimensions of the whole, then start and length of the
/// part ("-" for all). Nothing where the text is malformed.
std::optional<Shape> parse_shape_and_slice(const std::string& text) {
  std::istringstream words(text);
  std::vector<std::string> parts;
  for (std::string word; words >> word;) parts.push_back(word);
  if (parts.empty()) return std::nullopt;
  const auto number = [](std::string_view s) -> std::optional<std::int64_t> {
    std::int64_t v = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), v);
    if (error != std::errc() || end != s.data() + s.size() || v < 0) return std::nullopt;
    return v;
  };
  Shape out;
  std::string_view slices = parts.back();
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto whole = number(parts[i]);
    const std::size_t colon = std::min(slices.find(':'), slices.size());
    const std::string_view slice = slices.substr(0, colon);
    slices.remove_prefix(std::min(colon + 1, slices.size()));
    const std::size_t comma = slice.find(',');
    const auto part = slice == "-"                      ? whole
                      : comma == std::string_view::npos ? std::nullopt
                                                        : number(slice.substr(comma + 1));
    if (!whole || !part) return std::nullopt;
    out.add_dim(*part);
  }
  return out;
}

Status restore_v2(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 0).status());
  ISO_ASSIGN(const ShapeHandle names, c.with_rank(c.input(1), 1));
  ISO_ASSIGN(const ShapeHandle slices, c.with_rank(c.input(2), 1));
  ISO_TRY(c.merge(names, slices).status());
  const Constant* value = c.value(2);
  const auto tensor = value ? value->materialise() : Result<Tensor>(Tensor());
  for (int i = 0; i < c.outputs(); ++i) {
    ShapeHandle out = c.unknown_shape();
    if (tensor.ok() && tensor->dtype() == DType::string && i < tensor->elements()) {
      if (const auto shape = parse_shape_and_slice(tensor->string_values()[static_cast<std::size_t>(i)])) {
        ISO_ASSIGN(out, c.from_shape(*shape));
      }
    }
    c.set_output(i, out);
  }
  return {};
}

}  // namespace

void register_string_shapes(ShapeRegistry& registry) {
  registry.add("StringJoin", string_join);
  registry.add("StringSplit", string_split);
  registry.add({"StaticRegexFullMatch", "StaticRegexReplace", "StringLower", "StringUpper", "StringStrip",
                "StringLength", "StringToNumber", "StringToHashBucketStrong", "UnicodeScript", "UnicodeTranscode",
                "StringToHashBucketFast", "StringToHashBucket", "EncodeBase64", "DecodeBase64"},
               unchanged);
  registry.add({"ShardedFilename", "ShardedFilespec", "ReadFile"}, scalars_to_scalar);
  registry.add({"MergeV2Checkpoints", "WriteFile"}, no_outputs);
  registry.add("SaveV2", save_v2);
  registry.add("RestoreV2", restore_v2);
}

}  // namespace isotherm::shapes

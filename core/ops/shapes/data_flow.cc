// TensorArrays, tables, partitions and stitches.
#include <algorithm>

#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Status check_array_handle(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle handle, c.with_rank(c.input(0), 1));
  return c.with_value(c.dim(handle, 0), 2).status();
}

Status tensor_array(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 0).status());
  c.set_output(0, c.vector(2));
  c.set_output(1, c.scalar());
  ISO_ASSIGN(const ShapeHandle element, c.from_attr("element_shape"));
  if (c.fully_defined(element) || c.attrs().get_bool("identical_element_shapes")) {
    c.set_output_handle(0, HandleData{c.attrs().get_type("dtype"), element});
  }
  return {};
}

Status tensor_array_read(ShapeContext& c) {
  ISO_TRY(check_array_handle(c));
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  ISO_TRY(c.with_rank(c.input(2), 0).status());
  c.set_output(0, c.handle(0) ? c.handle(0)->shape : c.unknown_shape());
  return {};
}

Status tensor_array_write(ShapeContext& c) {
  ISO_TRY(check_array_handle(c));
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  ISO_TRY(c.with_rank(c.input(3), 0).status());
  if (c.handle(0)) ISO_TRY(c.merge(c.handle(0)->shape, c.input(2)).status());
  c.set_output(0, c.scalar());
  return {};
}

Status tensor_array_gather(ShapeContext& c) {
  ISO_TRY(check_array_handle(c));
  ISO_ASSIGN(const ShapeHandle indices, c.with_rank(c.input(1), 1));
  ISO_TRY(c.with_rank(c.input(2), 0).status());
  ShapeHandle element;
  if (c.handle(0)) {
    element = c.handle(0)->shape;
  } else {
    ISO_ASSIGN(element, c.from_attr("element_shape"));
  }
  c.set_output(0, c.concatenate(indices, element));
  return {};
}

Status tensor_array_scatter(ShapeContext& c) {
  ISO_TRY(check_array_handle(c));
  ISO_ASSIGN(const ShapeHandle indices, c.with_rank(c.input(1), 1));
  ISO_TRY(c.with_rank(c.input(3), 0).status());
  using Pair = std::pair<ShapeHandle, ShapeHandle>;
  ISO_ASSIGN(const Pair merged, c.merge_prefix(c.input(2), indices));
  if (c.handle(0)) {
    ISO_ASSIGN(const ShapeHandle element, c.subshape(merged.first, 1));
    ISO_TRY(c.merge(c.handle(0)->shape, element).status());
  }
  c.set_output(0, c.scalar());
  return {};
}

Status tensor_array_concat(ShapeContext& c) {
  ISO_TRY(check_array_handle(c));
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  c.set_output(0, c.unknown_shape());
  c.set_output(1, c.vector(c.unknown_dim()));
  return {};
}

Status array_scalar(ShapeContext& c) {
  ISO_TRY(check_array_handle(c));
  c.set_output(0, c.scalar());
  return {};
}

/// A table that can be written to: its keys are scalars, its values have a shape of their own.
Status mutable_table(ShapeContext& c) {
  c.set_output(0, c.scalar());
  ShapeHandle value = c.scalar();
  if (c.attrs().contains("value_shape")) {
    ISO_ASSIGN(value, c.from_attr("value_shape"));
  }
  c.set_output_handle(0, HandleData{c.attrs().get_type("value_dtype"), value});
  return {};
}

Status table_find(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 0).status());
  c.set_output(0, c.handle(0) ? c.concatenate(c.input(1), c.handle(0)->shape) : c.unknown_shape());
  return {};
}

Status dynamic_partition(ShapeContext& c) {
  const ShapeHandle data = c.input(0);
  const ShapeHandle partitions = c.input(1);
  if (!c.has_rank(partitions)) return all_unknown(c);
  ISO_TRY(c.merge_prefix(data, partitions).status());
  ISO_ASSIGN(const ShapeHandle rest, c.subshape(data, c.rank(partitions)));
  c.set_all_outputs(c.concatenate(c.vector(c.unknown_dim()), rest));
  return {};
}

/// Inputs: n indices, n data. The first dimension is the largest index plus one.
Status dynamic_stitch(ShapeContext& c) {
  const int n = c.inputs() / 2;
  bool all_constant = true;
  std::int64_t largest = -1;
  ShapeHandle rest = c.unknown_shape();
  for (int i = 0; i < n; ++i) {
    const auto indices = c.integers(i);
    all_constant = all_constant && indices;
    const ShapeHandle indices_shape = c.input(i);
    const ShapeHandle data = c.input(n + i);
    if (!c.has_rank(indices_shape)) continue;
    ISO_TRY(c.merge_prefix(data, indices_shape).status());
    ISO_ASSIGN(const ShapeHandle tail, c.subshape(data, c.rank(indices_shape)));
    ISO_ASSIGN(rest, c.merge(rest, tail));
    if (indices) {
      for (const std::int64_t index : *indices) largest = std::max(largest, index);
    }
  }
  const bool usable = all_constant && largest < (std::int64_t{1} << 40);
  c.set_output(0, c.concatenate(c.vector(usable ? c.make_dim(largest + 1) : c.unknown_dim()), rest));
  return {};
}

}  // namespace

void register_data_flow_shapes(ShapeRegistry& registry) {
  registry.add("TensorArrayV3", tensor_array);
  registry.add("TensorArrayReadV3", tensor_array_read);
  registry.add("TensorArrayWriteV3", tensor_array_write);
  registry.add("TensorArrayGatherV3", tensor_array_gather);
  registry.add("TensorArrayScatterV3", tensor_array_scatter);
  registry.add("TensorArrayConcatV3", tensor_array_concat);
  registry.add({"TensorArraySplitV3", "TensorArraySizeV3"}, array_scalar);
  registry.add("TensorArrayCloseV3", no_outputs);
  registry.add({"HashTableV2", "LookupTableSizeV2"}, all_scalar);
  registry.add({"MutableHashTableV2", "MutableHashTableOfTensorsV2"}, mutable_table);
  registry.add({"LookupTableFindV2", "LookupTableFind"}, table_find);
  registry.add({"LookupTableInsertV2", "LookupTableImportV2", "InitializeTableV2", "InitializeTableFromTextFileV2"},
               no_outputs);
  registry.add("DynamicPartition", dynamic_partition);
  registry.add({"DynamicStitch", "ParallelDynamicStitch"}, dynamic_stitch);
}

}  // namespace isotherm::shapes

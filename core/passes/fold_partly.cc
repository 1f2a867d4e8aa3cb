// Nodes some of whose inputs are constants.
#include <algorithm>
#include <set>

#include "core/passes/constant_folder.h"

namespace isotherm::passes {

bool ConstantFolder::forward_inputs(WorkNode& n, const std::vector<int>& ports) {
  const NodeList readers = map_->outputs(n);
  bool changed = false;
  for (const int port : ports) {
    const WorkInput passed = n.inputs[static_cast<std::size_t>(port)];
    if (passed.is_control() && readers.size() > 1) continue;
    for (WorkNode* reader : readers) {
      bool reads = false;
      for (WorkInput& in : reader->inputs) {
        if (in.is_control() || reader->op->is_retval) break;
        if (in.node != n.name || in.port != port) continue;
        in = passed;
        map_->add_output(passed.node, reader->name);
        reads = true;
      }
      if (!reads) continue;
      reader->inputs.push_back(control_on(n.name));
      changed = true;
    }
  }
  if (changed)
    for (WorkNode* reader : readers) drop_repeated_controls(*reader);
  return changed;
}

bool ConstantFolder::forward_identity_n(WorkNode& n) {
  if (!n.op->is_identity_n || !n.has_data_inputs()) return false;
  std::vector<int> ports;
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    const WorkNode* source = input_node(n, i);
    if (n.inputs[i].is_control() || !source) return false;
    if (is_constant(*source)) ports.push_back(static_cast<int>(i));
  }
  return forward_inputs(n, ports);
}

/// Of a sum of many, the constants are summed apart.
bool ConstantFolder::fold_sum_partly(WorkNode& n) {
  if (!is_aggregate(n) || !commutes(n)) return false;
  const auto data = static_cast<std::size_t>(n.data_inputs());
  if (data <= 2) return false;
  std::vector<std::size_t> constants;
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    const WorkNode* source = input_node(n, i);
    if (!source) return false;
    if (!n.inputs[i].is_control() && is_constant(*source)) constants.push_back(i);
  }
  if (constants.size() == data && n.is("AccumulateNV2")) {
    graph_.set_op(n, "AddN");
    n.attrs.erase("shape");
    return true;
  }
  const std::string name = made_name(n, "_partial_split_" + std::to_string(constants.size()));
  if (constants.size() < 2 || constants.size() == data || exists(name)) return false;
  WorkNode& made = add_node(name, "AddN", n);
  made.attrs = n.attrs;
  made.attrs.erase("shape");
  made.attrs.set("N", static_cast<std::int64_t>(constants.size()));
  std::vector<WorkInput> kept;
  for (std::size_t i = 0; i < n.inputs.size(); ++i) {
    const auto place = std::find(constants.begin(), constants.end(), i);
    if (place == constants.end()) {
      kept.push_back(n.inputs[i]);
      continue;
    }
    made.inputs.push_back(n.inputs[i]);
    map_->update_output(n.inputs[i].node, n.name, made.name);
    if (place == constants.begin()) kept.push_back({made.name, 0});
  }
  map_->add_output(made.name, n.name);
  n.inputs = std::move(kept);
  n.attrs.set("N", static_cast<std::int64_t>(n.data_inputs()));
  properties_.clear_inputs(n.name);
  return true;
}

/// Of a concatenation of many, runs of constants are joined apart.
bool ConstantFolder::fold_concat_partly(WorkNode& n) {
  const bool axis_first = n.is("Concat");
  if ((!axis_first && !n.is("ConcatV2")) || graph_.text(n).find("_partial_split_") != std::string::npos) return false;
  const auto data = static_cast<std::size_t>(n.data_inputs());
  if (data <= 3) return false;
  const std::size_t begin = axis_first ? 1 : 0, end = axis_first ? data : data - 1;
  const WorkInput axis = n.inputs[axis_first ? 0 : data - 1];
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  for (std::size_t first = begin; first < end;) {
    const auto constant_at = [&](std::size_t i) {
      const WorkNode* source = input_node(n, i);
      return source && is_constant(*source);
    };
    if (!constant_at(first)) {
      ++first;
      continue;
    }
    std::size_t last = first + 1;
    while (last < end && constant_at(last)) ++last;
    if (last - first > 1) runs.emplace_back(first, last);
    first = last;
  }
  if (runs.empty() || (runs.size() == 1 && runs[0] == std::pair(begin, end))) return false;
  std::set<std::size_t> joined;
  for (const auto& [first, last] : runs) {
    std::string name = made_name(n, "_partial_split");
    do {
      name += "_" + std::to_string(first);
    } while (exists(name));
    WorkNode& made = add_node(name, "ConcatV2", n);
    made.attrs = n.attrs;
    made.attrs.set("N", static_cast<std::int64_t>(last - first));
    for (std::size_t i = first; i < last; ++i) {
      made.inputs.push_back(n.inputs[i]);
      map_->update_input(n.name, n.inputs[i].node, made.name);
      if (i != first) joined.insert(i);
    }
    made.inputs.push_back(axis);
    map_->add_output(axis.node, made.name);
    n.inputs[first] = {made.name, 0};
  }
  std::vector<WorkInput> kept;
  for (std::size_t i = 0; i < n.inputs.size(); ++i)
    if (!joined.contains(i)) kept.push_back(n.inputs[i]);
  n.inputs = std::move(kept);
  // TensorFlow counts control inputs here too; such a node is then no valid one, so data inputs are counted.
  n.attrs.set("N", static_cast<std::int64_t>(n.data_inputs()) - 1);
  properties_.clear_inputs(n.name);
  return true;
}

std::optional<std::int64_t> ConstantFolder::concat_axis(const WorkNode& n) const {
  const int data = n.data_inputs();
  if (!n.is("ConcatV2") || data < 2) return std::nullopt;
  const auto axis = integer_input(n, static_cast<std::size_t>(data - 1));
  return axis && axis->size() == 1 ? std::optional((*axis)[0]) : std::nullopt;
}

/// A concatenation that only another one along the same axis reads becomes part of it.
bool ConstantFolder::merge_concat(WorkNode& n) {
  const auto axis = properties_.empty() ? std::nullopt : concat_axis(n);
  if (!axis || preserved_.contains(n.name) || map_->outputs(n).size() != 1) return false;
  const auto data = static_cast<std::size_t>(n.data_inputs());
  bool all_constant = true;
  for (std::size_t i = 0; i + 1 < data; ++i) {
    const WorkNode* source = input_node(n, i);
    all_constant = all_constant && source && is_constant(*source);
  }
  if (all_constant) return false;
  WorkNode& parent = *map_->outputs(n)[0];
  if (concat_axis(parent) != axis) return false;
  // Two steps may be meant where the parts come from different tasks.
  std::set<std::string> tasks;
  for (int i = 0; i + 1 < parent.data_inputs(); ++i) {
    const WorkNode* source = input_node(parent, static_cast<std::size_t>(i));
    std::string task, device;
    if (source && split_device_name(source->device, task, device)) tasks.insert(task);
  }
  if (tasks.size() > 1) return false;
  std::vector<WorkInput> inputs;
  for (const WorkInput& in : parent.inputs) {
    if (!(in == WorkInput{n.name, 0})) {
      inputs.push_back(in);
      continue;
    }
    for (std::size_t i = 0; i + 1 < data; ++i) {
      inputs.push_back(n.inputs[i]);
      map_->update_input(parent.name, n.name, n.inputs[i].node);
    }
  }
  for (std::size_t i = n.inputs.size(); i-- > data;) {
    inputs.push_back(n.inputs[i]);
    map_->update_input(parent.name, n.name, n.inputs[i].node);
    n.inputs.pop_back();
  }
  parent.inputs = std::move(inputs);
  parent.attrs.set("N", static_cast<std::int64_t>(parent.data_inputs()) - 1);
  drop_repeated_controls(parent);
  replace_with_no_op(n);
  return true;
}

}  // namespace isotherm::passes

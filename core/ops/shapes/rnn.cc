// Fused recurrent cells.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// One step: x [batch, in], state [batch, cell]; every output is [batch, cell].
Status cell(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle x, c.with_rank(c.input(0), 2));
  ISO_ASSIGN(const ShapeHandle state, c.with_rank(c.input(1), 2));
  c.set_all_outputs(c.matrix(c.dim(x, 0), c.dim(state, 1)));
  return {};
}

/// All steps: x [time, batch, in] is input 1, the bias of the four gates the last one.
Status block_lstm(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle x, c.with_rank(c.input(1), 3));
  ISO_ASSIGN(const ShapeHandle bias, c.with_rank(c.input(c.inputs() - 1), 1));
  ISO_ASSIGN(const DimHandle cells, c.divide(c.dim(bias, 0), 4, true));
  c.set_all_outputs(c.make_shape({c.dim(x, 0), c.dim(x, 1), cells}));
  return {};
}

}  // namespace

void register_rnn_shapes(ShapeRegistry& registry) {
  registry.add({"GRUBlockCell", "LSTMBlockCell"}, cell);
  registry.add({"BlockLSTM", "BlockLSTMV2"}, block_lstm);
}

}  // namespace isotherm::shapes

// Random numbers.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

Status random(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, c.from_input(0));
  c.set_output(0, out);
  return {};
}

/// Input 1 is a seed of two numbers.
Status stateless_random(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle seed, c.with_rank(c.input(1), 1));
  ISO_TRY(c.with_value(c.dim(seed, 0), 2).status());
  return random(c);
}

/// Inputs: shape, key [1], counter, algorithm.
Status stateless_random_v2(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle key, c.with_rank(c.input(1), 1));
  ISO_TRY(c.with_rank(c.input(2), 1).status());
  ISO_TRY(c.with_rank(c.input(3), 0).status());
  ISO_TRY(c.with_value(c.dim(key, 0), 1).status());
  return random(c);
}

/// State of the generator: counter and key.
Status rng_read_and_skip(ShapeContext& c) {
  for (int i = 0; i < 3; ++i) ISO_TRY(c.with_rank(c.input(i), 0).status());
  c.set_output(0, c.vector(3));
  return {};
}

Status multinomial(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle logits, c.with_rank(c.input(0), 2));
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  ISO_ASSIGN(const DimHandle samples, c.dim_from_scalar(1));
  c.set_output(0, c.matrix(c.dim(logits, 0), samples));
  return {};
}

Status random_gamma(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle out, c.from_input(0));
  c.set_output(0, c.concatenate(out, c.input(1)));
  return {};
}

}  // namespace

void register_random_shapes(ShapeRegistry& registry) {
  registry.add(
      {"RandomUniform", "RandomUniformInt", "RandomStandardNormal", "TruncatedNormal", "ParameterizedTruncatedNormal"},
      random);
  registry.add({"StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal",
                "StatelessRandomUniformInt", "StatelessRandomUniformFullInt"},
               stateless_random);
  registry.add({"StatelessRandomUniformV2", "StatelessRandomNormalV2", "StatelessTruncatedNormalV2",
                "StatelessRandomUniformIntV2", "StatelessRandomUniformFullIntV2"},
               stateless_random_v2);
  registry.add("RngReadAndSkip", rng_read_and_skip);
  registry.add("RandomShuffle", unchanged);
  registry.add("Multinomial", multinomial);
  registry.add("RandomGamma", random_gamma);
}

}  // namespace isotherm::shapes

// Sound and spectra.
#include "core/ops/shapes/common.h"
#include "core/ops/shapes/registry.h"

namespace isotherm::shapes {
namespace {

/// [samples, channels] -> [channels, windows, 1 + fft / 2], the FFT's length being the next power of two.
Status audio_spectrogram(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle input, c.with_rank(c.input(0), 2));
  const std::int64_t window = c.attrs().get_int("window_size");
  const std::int64_t stride = c.attrs().get_int("stride");
  if (window < 1 || stride < 1 || window > (std::int64_t{1} << 31)) {
    return invalid_input("window_size " + std::to_string(window) + " and stride " + std::to_string(stride) +
                         " found, expected 1 or more");
  }
  const DimHandle samples = c.dim(input, 0);
  DimHandle windows = c.unknown_dim();
  if (c.known(samples)) {
    const std::int64_t rest = c.value(samples) - window;
    windows = c.make_dim(rest < 0 ? 0 : 1 + rest / stride);
  }
  std::int64_t fft = 1;
  while (fft < window) fft *= 2;
  c.set_output(0, c.make_shape({c.dim(input, 1), windows, c.make_dim(1 + fft / 2)}));
  return {};
}

Status decode_wav(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 0).status());
  const std::int64_t channels = c.attrs().get_int("desired_channels", -1);
  const std::int64_t samples = c.attrs().get_int("desired_samples", -1);
  if (channels < -1 || samples < -1) {
    return invalid_input("desired_channels " + std::to_string(channels) + " and desired_samples " +
                         std::to_string(samples) + " found, expected -1 or more");
  }
  c.set_output(0, c.make_shape({c.make_dim(samples), c.make_dim(channels)}));
  c.set_output(1, c.scalar());
  return {};
}

Status mfcc(ShapeContext& c) {
  ISO_ASSIGN(const ShapeHandle spectrogram, c.with_rank(c.input(0), 3));
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  const std::int64_t coefficients = c.attrs().get_int("dct_coefficient_count", 13);
  if (coefficients < 0) {
    return invalid_input("dct_coefficient_count " + std::to_string(coefficients) + " found, expected 1 or more");
  }
  c.set_output(0, c.make_shape({c.dim(spectrogram, 0), c.dim(spectrogram, 1), c.make_dim(coefficients)}));
  return {};
}

Status encode_wav(ShapeContext& c) {
  ISO_TRY(c.with_rank(c.input(0), 2).status());
  ISO_TRY(c.with_rank(c.input(1), 0).status());
  c.set_output(0, c.scalar());
  return {};
}

}  // namespace

void register_audio_shapes(ShapeRegistry& registry) {
  registry.add("AudioSpectrogram", audio_spectrogram);
  registry.add("DecodeWav", decode_wav);
  registry.add("Mfcc", mfcc);
  registry.add("EncodeWav", encode_wav);
}

}  // namespace isotherm::shapes

// DecodeWav, AudioSpectrogram, Mfcc: what keyword-spotting networks put before their first layer.
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#include "core/cpu/kernel_helpers.h"
#include "core/cpu/kernels/families.h"

namespace isotherm::cpu {
namespace {

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t n) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < n; ++i)
    value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

struct Wav {
  std::uint32_t channels = 0, rate = 0;
  std::string_view samples;  ///< 16-bit little-endian, channels interleaved
};

/// RIFF with a PCM `fmt ` chunk of 16 bits and a `data` chunk; other chunks are skipped.
Result<Wav> parse_wav(std::string_view file) {
  if (file.size() < 12 || file.substr(0, 4) != "RIFF" || file.substr(8, 4) != "WAVE")
    return invalid_input("the contents start with no RIFF/WAVE header; expected a WAV file");
  Wav wav;
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::string_view kind = file.substr(at, 4);
    const std::size_t size = little_endian(file, at + 4, 4);
    at += 8;
    if (kind == "fmt ") {
      if (size < 16 || size > file.size() - at)
        return invalid_input("the WAV format chunk has " + std::to_string(size) +
                             " bytes; expected 16 or more within the file");
      const std::uint32_t format = little_endian(file, at, 2), bits = little_endian(file, at + 14, 2);
      if (format != 1 || bits != 16)
        return unsupported("the WAV file has format " + std::to_string(format) + " with " + std::to_string(bits) +
                           " bits; expected PCM with 16");
      wav.channels = little_endian(file, at + 2, 2);
      wav.rate = little_endian(file, at + 4, 4);
      if (wav.channels == 0) return invalid_input("the WAV file has no channels; expected at least one");
    } else if (kind == "data") {
      if (wav.channels == 0)
        return invalid_input("the WAV file has its data before its format; expected the format first");
      if (size > file.size() - at)
        return invalid_input("the WAV data chunk has " + std::to_string(size) + " bytes; the file ends after " +
                             std::to_string(file.size() - at));
      wav.samples = file.substr(at, size);
      return wav;
    }
    at += size + (size & 1);
  }
  return invalid_input("the WAV file has no data chunk; expected one");
}

Status run_decode_wav(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& contents = context.input(0);
  if (contents.dtype() != DType::string || contents.elements() != 1)
    return invalid_input("the contents have shape " + contents.shape().to_string() + "; expected one string");
  ISO_ASSIGN(const Wav wav, parse_wav(contents.string_values()[0]));
  const std::int64_t found = static_cast<std::int64_t>(wav.samples.size() / (2 * wav.channels)), had = wav.channels;
  std::int64_t channels = node.attrs.get_int("desired_channels", -1),
               samples = node.attrs.get_int("desired_samples", -1);
  if (channels < 0) channels = had;
  if (samples < 0) samples = found;
  ISO_ASSIGN(Tensor audio, context.allocate(DType::float32, Shape{samples, channels}));
  float* to = out<float>(audio);
  for (std::int64_t s = 0; s < samples; ++s)
    for (std::int64_t c = 0; c < channels; ++c) {
      const std::int64_t from = s * had + std::min(c, had - 1);
      const auto value =
          s < found ? static_cast<std::int16_t>(little_endian(wav.samples, static_cast<std::size_t>(2 * from), 2))
                    : std::int16_t(0);
      *to++ = static_cast<float>(value) * (1.0f / 32768);
    }
  context.set_output(0, std::move(audio));
  context.set_output(1, Tensor::scalar<std::int32_t>(static_cast<std::int32_t>(wav.rate)));
  return {};
}

/// In place, n a power of two: bit reversal, then butterflies.
void fourier(std::vector<complex128>& x) {
  const std::size_t n = x.size();
  for (std::size_t i = 1, j = 0; i < n; ++i) {
    std::size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(x[i], x[j]);
  }
  for (std::size_t length = 2; length <= n; length *= 2) {
    std::vector<complex128> turn(length / 2);
    for (std::size_t k = 0; k < turn.size(); ++k)
      turn[k] = std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length));
    for (std::size_t start = 0; start < n; start += length)
      for (std::size_t k = 0; k < length / 2; ++k) {
        const complex128 a = x[start + k], b = x[start + k + length / 2] * turn[k];
        x[start + k] = a + b;
        x[start + k + length / 2] = a - b;
      }
  }
}

/// [samples, channels] -> [channels, frames, bins]: a periodic Hann window, padded to a power of two.
Status run_spectrogram(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 1));
  const Tensor& audio = context.input(0);
  ISO_TRY(expect_rank(audio, 2, "the audio"));
  if (audio.dtype() != DType::float32) return unsupported_dtype(audio.dtype());
  const std::int64_t window = node.attrs.get_int("window_size"), stride = node.attrs.get_int("stride");
  if (window < 2 || window > (1 << 24) || stride < 1)
    return invalid_input("window_size is " + std::to_string(window) + " and stride " + std::to_string(stride) +
                         "; expected 2 and 1 or more");
  const bool squared = node.attrs.get_bool("magnitude_squared");
  std::size_t length = 1;
  while (length < static_cast<std::size_t>(window)) length *= 2;
  const std::int64_t samples = audio.dim(0), channels = audio.dim(1);
  const std::int64_t frames = samples < window ? 0 : 1 + (samples - window) / stride,
                     bins = static_cast<std::int64_t>(length / 2 + 1);
  std::vector<double> hann(static_cast<std::size_t>(window));
  for (std::size_t i = 0; i < hann.size(); ++i)
    hann[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(window));
  ISO_ASSIGN(Tensor result, context.allocate(DType::float32, Shape{channels, frames, bins}));
  const float* from = in<float>(audio);
  float* to = out<float>(result);
  std::vector<complex128> buffer(length);
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t f = 0; f < frames; ++f) {
      std::fill(buffer.begin(), buffer.end(), complex128());
      for (std::size_t i = 0; i < hann.size(); ++i)
        buffer[i] = static_cast<double>(from[(f * stride + static_cast<std::int64_t>(i)) * channels + c]) * hann[i];
      fourier(buffer);
      for (std::int64_t b = 0; b < bins; ++b) {
        const double power = std::norm(buffer[static_cast<std::size_t>(b)]);
        *to++ = static_cast<float>(squared ? power : std::sqrt(power));
      }
    }
  context.set_output(0, std::move(result));
  return {};
}

double mel(double hertz) { return 1127.0 * std::log1p(hertz / 700.0); }

/// Triangular filters, evenly spaced in mel: a bin gives its weight to the filter below it, the rest to the one above.
struct MelFilters {
  std::int64_t first = 0, last = -1;  ///< bins that count
  std::vector<std::int64_t> below;    ///< per bin; -1: only the lowest filter's rising side
  std::vector<double> weight;
};

Result<MelFilters> mel_filters(std::int64_t bins, double rate, std::int64_t count, double low, double high) {
  if (bins < 2 || rate <= 0 || count < 1 || low < 0 || high <= low)
    return invalid_input("found " + std::to_string(bins) + " bins, rate " + std::to_string(rate) + ", " +
                         std::to_string(count) + " filters from " + std::to_string(low) + " to " +
                         std::to_string(high) + " Hz; expected two bins, one filter and a rising range");
  const double base = mel(low), spacing = (mel(high) - base) / static_cast<double>(count + 1);
  const auto centre = [&](std::int64_t i) { return base + spacing * static_cast<double>(i + 1); };
  const double hertz_per_bin = 0.5 * rate / static_cast<double>(bins - 1);
  MelFilters filters;
  filters.first = static_cast<std::int64_t>(1.5 + low / hertz_per_bin);
  filters.last = std::min(bins - 1, static_cast<std::int64_t>(high / hertz_per_bin));
  filters.below.assign(static_cast<std::size_t>(bins), -1);
  filters.weight.assign(static_cast<std::size_t>(bins), 0);
  std::int64_t channel = 0;
  for (std::int64_t i = filters.first; i <= filters.last; ++i) {
    const double m = mel(static_cast<double>(i) * hertz_per_bin);
    while (channel < count && centre(channel) < m) ++channel;
    const auto at = static_cast<std::size_t>(i);
    filters.below[at] = channel - 1;
    const double next = channel == 0 ? centre(0) : centre(channel),
                 previous = channel == 0 ? base : centre(channel - 1);
    filters.weight[at] = (next - m) / (next - previous);
  }
  return filters;
}

Status run_mfcc(KernelContext& context, const Node& node) {
  ISO_TRY(expect_inputs(context, 2));
  const Tensor& spectrogram = context.input(0);
  ISO_TRY(expect_rank(spectrogram, 3, "the spectrogram"));
  if (spectrogram.dtype() != DType::float32) return unsupported_dtype(spectrogram.dtype());
  ISO_ASSIGN(const std::int64_t rate, integer_of(context.input(1), "the sample rate"));
  const std::int64_t filters = node.attrs.get_int("filterbank_channel_count", 40),
                     coefficients = node.attrs.get_int("dct_coefficient_count", 13);
  const std::int64_t bins = spectrogram.dim(2), frames = spectrogram.dim(0) * spectrogram.dim(1);
  if (coefficients < 1 || coefficients > filters)
    return invalid_input("dct_coefficient_count is " + std::to_string(coefficients) + "; expected 1 to " +
                         std::to_string(filters));
  ISO_ASSIGN(const MelFilters bank,
             mel_filters(bins, static_cast<double>(rate), filters, node.attrs.get_float("lower_frequency_limit", 20),
                         node.attrs.get_float("upper_frequency_limit", 4000)));
  std::vector<double> cosines(static_cast<std::size_t>(coefficients * filters));
  const double norm = std::sqrt(2.0 / static_cast<double>(filters)),
               step = std::numbers::pi / static_cast<double>(filters);
  for (std::int64_t i = 0; i < coefficients; ++i)
    for (std::int64_t j = 0; j < filters; ++j)
      cosines[static_cast<std::size_t>(i * filters + j)] =
          norm * std::cos(static_cast<double>(i) * step * (static_cast<double>(j) + 0.5));
  ISO_ASSIGN(Tensor result,
             context.allocate(DType::float32, Shape{spectrogram.dim(0), spectrogram.dim(1), coefficients}));
  std::vector<double> energy(static_cast<std::size_t>(filters));
  float* to = out<float>(result);
  for (std::int64_t f = 0; f < frames; ++f) {
    std::fill(energy.begin(), energy.end(), 0.0);
    for (std::int64_t i = bank.first; i <= bank.last; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double value = std::sqrt(static_cast<double>(in<float>(spectrogram)[f * bins + i])),
                   weighted = value * bank.weight[at];
      const std::int64_t below = bank.below[at];
      if (below >= 0) energy[static_cast<std::size_t>(below)] += weighted;
      if (below + 1 < filters) energy[static_cast<std::size_t>(below + 1)] += value - weighted;
    }
    for (double& e : energy) e = std::log(std::max(e, 1e-12));
    for (std::int64_t i = 0; i < coefficients; ++i) {
      double sum = 0;
      for (std::int64_t j = 0; j < filters; ++j)
        sum += cosines[static_cast<std::size_t>(i * filters + j)] * energy[static_cast<std::size_t>(j)];
      *to++ = static_cast<float>(sum);
    }
  }
  context.set_output(0, std::move(result));
  return {};
}

}  // namespace

void register_audio(KernelRegistry& r) {
  r.add("DecodeWav", run_decode_wav);
  r.add("AudioSpectrogram", run_spectrogram);
  r.add("Mfcc", run_mfcc);
}

}  // namespace isotherm::cpu

// TF-TRT's converters: names, defaults and the order of steps.
#include "core/convert/trt_convert.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "core/formats/graph_file.h"
#include "tests/convert/typed_sketch.h"

namespace isotherm {
namespace {

std::shared_ptr<const Graph> chain() {
  return testing::typed_sketch("x = Placeholder\na = Relu(x)\nb = Relu(a)\nc = Relu(b)\nout = Identity(c)\n");
}

Converter must_create(Converter::Form form, ConversionParams params = {}) {
  auto converter = Converter::create(form, chain(), std::move(params));
  EXPECT_TRUE(converter.ok());
  return std::move(*converter);
}

template <class T>
std::string error_of(const T& result) {
  EXPECT_FALSE(result.ok());
  return result.ok() ? "" : result.error().message;
}

void expect_words(const std::string& text, std::initializer_list<const char*> words) {
  for (const char* word : words) EXPECT_NE(text.find(word), std::string::npos) << word << " in: " << text;
}

std::string temporary(const std::string& name) { return (std::filesystem::path(::testing::TempDir()) / name).string(); }

/// Builds whatever it is given.
EngineBuilder fake_builder(int& sets) {
  return [&sets](const Conversion& conversion,
                 const std::vector<BuildInputs>& inputs) -> Result<std::vector<BuiltEngine>> {
    sets = static_cast<int>(inputs.size());
    std::vector<BuiltEngine> out;
    for (const EngineSummary& engine : conversion.engines) out.push_back({engine.name, 0.5, 1024, {}});
    return out;
  };
}

InputFunction input_sets(int count) {
  return [count]() mutable -> std::optional<BuildInputs> {
    if (count-- <= 0) return {};
    return BuildInputs{{"x", Tensor::vector<float>({1})}};
  };
}

TEST(TrtConvert, DefaultsAreThoseOfTfTrt) {
  const ConversionParams params;
  EXPECT_EQ(params.max_workspace_size_bytes, 9223372036854775295);
  EXPECT_EQ(params.precision_mode, Precision::fp32);
  EXPECT_EQ(params.minimum_segment_size, 3);
  EXPECT_EQ(params.maximum_cached_engines, 1);
  EXPECT_TRUE(params.use_calibration);
  EXPECT_TRUE(params.allow_build_at_runtime);
  EXPECT_FALSE(params.is_dynamic_op);
  EXPECT_EQ(params.max_engines, 20);
  const InferenceGraphArguments arguments;
  EXPECT_EQ(arguments.max_batch_size, 1);
  EXPECT_EQ(arguments.max_workspace_size_bytes, 9223372036854775295);
  EXPECT_EQ(arguments.precision_mode, Precision::fp32);
  EXPECT_EQ(arguments.minimum_segment_size, 3);
  EXPECT_FALSE(arguments.is_dynamic_op);
  EXPECT_EQ(arguments.maximum_cached_engines, 1);
}

TEST(TrtConvert, FirstForm) {
  Converter converter = must_create(Converter::Form::v1);
  const std::string path = temporary("trt_convert_v1.pb");
  expect_words(error_of(converter.save(path)), {"save()", "convert() first", "TrtGraphConverter"});
  EXPECT_FALSE(std::filesystem::exists(path));
  const auto conversion = converter.convert();
  ASSERT_TRUE(conversion.ok()) << conversion.error().message;
  // Implicit batch mode, static engines of batch 1: said, as larger batches run natively.
  EXPECT_TRUE((*conversion)->params.implicit_batch);
  EXPECT_EQ((*conversion)->params.max_batch_size, 1);
  ASSERT_FALSE((*conversion)->warnings.empty());
  expect_words((*conversion)->warnings[0], {"maximum batch size is 1", "--max-batch-size", "--dynamic-op"});
  expect_words(error_of(converter.convert()), {"convert() was called already"});
  int sets = 0;
  expect_words(error_of(converter.build(input_sets(1), fake_builder(sets))), {"TrtGraphConverterV2"});
  expect_words(error_of(converter.summary()), {"TrtGraphConverterV2"});
  ASSERT_TRUE(converter.save(path).ok());
  const auto read = load_graph(path);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_NE(read->graph->find("TRTEngineOp_000_000"), kNoNode);
  std::filesystem::remove(path);
}

TEST(TrtConvert, FirstFormWithDynamicEnginesTakesAnyBatch) {
  ConversionParams params;
  params.is_dynamic_op = true;
  params.max_batch_size = 8;
  Converter converter = must_create(Converter::Form::v1, params);
  const auto conversion = converter.convert();
  ASSERT_TRUE(conversion.ok());
  EXPECT_FALSE((*conversion)->params.max_batch_size.has_value());
  ASSERT_EQ((*conversion)->warnings.size(), 1u);
  expect_words((*conversion)->warnings[0], {"8 has no effect"});
}

TEST(TrtConvert, SecondForm) {
  Converter converter = must_create(Converter::Form::v2);
  const std::string path = temporary("trt_convert_v2.pbtxt");
  int sets = 0;
  expect_words(error_of(converter.build(input_sets(1), fake_builder(sets))), {"build()", "convert() first"});
  expect_words(error_of(converter.save(path)), {"save()", "convert() first", "convert, build, save"});
  expect_words(error_of(converter.summary()), {"summary()", "convert() first"});
  ASSERT_TRUE(converter.plan().ok());
  ASSERT_TRUE(converter.convert().ok());
  expect_words(error_of(converter.build({}, fake_builder(sets))), {"needs inputs"});
  expect_words(error_of(converter.build(input_sets(0), fake_builder(sets))), {"gave none"});
  const auto built = converter.build(input_sets(2), fake_builder(sets));
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(sets, 2);
  ASSERT_EQ(built->size(), 1u);
  EXPECT_EQ((*built)[0].name, "TRTEngineOp_000_000");
  expect_words(error_of(converter.build(input_sets(1), fake_builder(sets))), {"build() was called already"});
  const auto summary = converter.summary();
  ASSERT_TRUE(summary.ok());
  expect_words(*summary, {"TRTEngineOp_000_000", "% of OPs Converted: 60.00% [3/5]"});
  ASSERT_TRUE(converter.save(path).ok());
  std::filesystem::remove(path);
}

TEST(TrtConvert, BuildComesBeforeSave) {
  Converter converter = must_create(Converter::Form::v2);
  ASSERT_TRUE(converter.convert().ok());
  const std::string path = temporary("trt_convert_order.pb");
  ASSERT_TRUE(converter.save(path).ok());
  std::filesystem::remove(path);
  int sets = 0;
  expect_words(error_of(converter.build(input_sets(1), fake_builder(sets))), {"build() comes before save()"});
  expect_words(error_of(converter.save("folder")), {"'folder'", ".pb"});
}

TEST(TrtConvert, BuildsEnginesOfFp32) {
  int sets = 0;
  ConversionParams params;
  params.precision_mode = Precision::fp16;
  Converter half = must_create(Converter::Form::v2, params);
  ASSERT_TRUE(half.convert().ok());
  expect_words(error_of(half.build(input_sets(1), fake_builder(sets))), {"FP32", "TRTEngineOp_000_000", "FP16"});
  params.precision_mode = Precision::int8;
  Converter calibrated = must_create(Converter::Form::v2, params);
  const auto conversion = calibrated.convert();
  ASSERT_TRUE(conversion.ok());
  // The calibration graph.
  const AttrMap& attrs = (*(*conversion)->after)[(*conversion)->engines[0].node].attrs;
  EXPECT_EQ(attrs.get_string("precision_mode"), "INT8");
  EXPECT_TRUE(attrs.get_bool("use_calibration"));
  EXPECT_EQ(attrs.get_string("calibration_data", "missing"), "");
  expect_words(error_of(calibrated.build(input_sets(1), fake_builder(sets))), {"calibrates", "not yet available"});
}

TEST(TrtConvert, RefusesWhatTfTrtRefuses) {
  ConversionParams params;
  params.minimum_segment_size = 0;
  expect_words(error_of(Converter::create(chain(), params)), {"minimum segment size 0", "-1"});
  expect_words(error_of(Converter::create(nullptr, {})), {"needs a graph"});
}

TEST(TrtConvert, ParametersChooseTheForm) {
  ConversionParams params;
  EXPECT_EQ(Converter::create(chain(), params)->form(), Converter::Form::v2);
  params.implicit_batch = true;
  EXPECT_EQ(Converter::create(chain(), params)->form(), Converter::Form::v1);
  params.is_dynamic_op = true;
  EXPECT_EQ(Converter::create(chain(), params)->form(), Converter::Form::v2);
}

TEST(TrtConvert, CreateInferenceGraph) {
  InferenceGraphArguments arguments;
  expect_words(error_of(create_inference_graph(arguments)), {"neither was given"});
  arguments.input_saved_model_dir = "model";
  expect_words(error_of(create_inference_graph(arguments)), {"'model'", "not yet available"});
  arguments.input_graph_def = chain();
  expect_words(error_of(create_inference_graph(arguments)), {"both given"});
  arguments.input_saved_model_dir.clear();
  arguments.output_saved_model_dir = "out";
  expect_words(error_of(create_inference_graph(arguments)), {"'out'", "cannot be saved"});
  arguments.output_saved_model_dir.clear();
  arguments.outputs = {"out", "b"};  // b stays
  arguments.max_batch_size = 4;
  arguments.minimum_segment_size = 1;
  arguments.maximum_cached_engines = 5;
  arguments.max_workspace_size_bytes = 1 << 20;
  const auto conversion = create_inference_graph(arguments);
  ASSERT_TRUE(conversion.ok()) << conversion.error().message;
  const Graph& after = *(*conversion)->after;
  EXPECT_NE(after.find("b"), kNoNode);
  ASSERT_EQ((*conversion)->engines.size(), 2u);
  const AttrMap& attrs = after[(*conversion)->engines[0].node].attrs;
  EXPECT_EQ(attrs.get_int("max_batch_size"), 4);
  EXPECT_EQ(attrs.get_int("max_cached_engines_count"), 5);
  EXPECT_EQ(attrs.get_int("workspace_size_bytes"), 1 << 20);
  EXPECT_TRUE(attrs.get_bool("static_engine"));
  EXPECT_TRUE(attrs.get_bool("_use_implicit_batch"));
  arguments.is_dynamic_op = true;
  const auto dynamic = create_inference_graph(arguments);
  ASSERT_TRUE(dynamic.ok());
  EXPECT_FALSE((*(*dynamic)->after)[(*dynamic)->engines[0].node].attrs.get_bool("static_engine", true));
  // It never calibrates: INT8 without ranges is FP16.
  arguments.precision_mode = Precision::int8;
  const auto int8 = create_inference_graph(arguments);
  ASSERT_TRUE(int8.ok());
  EXPECT_EQ((*int8)->engines[0].precision, Precision::fp16);
}

}  // namespace
}  // namespace isotherm

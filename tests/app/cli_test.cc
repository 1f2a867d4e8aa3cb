// The program through its command line: exit statuses, one sentence per failure, and files that are whole or not there.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/convert/parameter_table.h"
#include "core/formats/npy.h"

namespace isotherm {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int status = -1;
  std::string out, err;
};

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class CommandLine : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = fs::path(testing::TempDir()) / ("cli_" + std::to_string(getpid()) + "_" + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(dir_);
    fs::create_directories(dir_);
  }
  void TearDown() override { fs::remove_all(dir_); }

  Outcome run(const std::string& arguments) const {
    const std::string command = "cd '" + dir_.string() + "' && env -u DISPLAY -u WAYLAND_DISPLAY -u QT_QPA_PLATFORM '" ISOTHERM_PROGRAM "' " + arguments + " >out.txt 2>err.txt </dev/null";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, slurp(dir_ / "out.txt"), slurp(dir_ / "err.txt")};
  }
  /// Expects exit 0 and hands out stdout.
  std::string succeed(const std::string& arguments) const {
    const Outcome o = run(arguments);
    EXPECT_EQ(o.status, 0) << arguments << "\n" << o.err;
    return o.out;
  }
  /// Expects exit 1 and one line on stderr that holds `words`.
  void fail(const std::string& arguments, const std::string& words) const {
    const Outcome o = run(arguments);
    EXPECT_EQ(o.status, 1) << arguments << "\n" << o.out << o.err;
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o.err;
    EXPECT_NE(o.err.find(words), std::string::npos) << o.err;
  }
  fs::path dir_;
};

TEST_F(CommandLine, MakesConvertsRunsAndDrawsTheExample) {
  succeed("make-model segmentation_example -o m.pb");
  const auto info = nlohmann::json::parse(succeed("info m.pb --json"));
  EXPECT_EQ(info["inputs"][0]["name"], "pixels");
  EXPECT_EQ(info["inputs"][0]["shape"], nlohmann::json({-1, 768}));
  const auto one = nlohmann::json::parse(succeed("segment m.pb --json --minimum-segment-size 3"));
  EXPECT_EQ(one["segments"].size(), 1u);
  const auto two = nlohmann::json::parse(succeed("segment m.pb --json --minimum-segment-size 1"));
  EXPECT_EQ(two["segments"].size(), 2u);
  EXPECT_FALSE(two["steps"].empty());
  const std::string summary = succeed("convert m.pb -o c.pb");
  EXPECT_NE(summary.find("% of OPs Converted"), std::string::npos) << summary;
  succeed("convert m.pb -o c.pbtxt");
  EXPECT_NE(slurp(dir_ / "c.pbtxt").find("TRTEngineOp_000_000"), std::string::npos);
  succeed("render m.pb -o m.svg --view both");
  EXPECT_NE(succeed("render m.pb -o w.pdf --width 178mm").find("on paper: 178 × "), std::string::npos);
  EXPECT_NE(slurp(dir_ / "m.svg").find("class=\"node\""), std::string::npos);
  for (const char* file : {"m.png", "m.pdf", "m.dot"}) {
    succeed(std::string("render m.pb --view after -o ") + file);
    EXPECT_GT(fs::file_size(dir_ / file), 100u);
  }
}

TEST_F(CommandLine, ConvertsThereAndBack) {
  succeed("make-model segmentation_example -o m.pb");
  const std::string fixed = succeed("convert m.pb -o c.pb");
  EXPECT_NE(fixed.find("where it runs:"), std::string::npos) << fixed;
  EXPECT_NE(fixed.find("--dynamic-op"), std::string::npos) << fixed;
  const auto dynamic = nlohmann::json::parse(succeed("convert m.pb -o d.pb --dynamic-op --json"));
  ASSERT_EQ(dynamic["runs_on"].size(), 3u);
  EXPECT_EQ(dynamic["runs_on"][1]["runs"], true);
  const auto native = nlohmann::json::parse(succeed("convert d.pb --native -o n.pb --json"));
  EXPECT_EQ(native["engines_replaced"], 1);
  EXPECT_EQ(nlohmann::json::parse(succeed("info n.pb --json"))["ops"], nlohmann::json::parse(succeed("info m.pb --json"))["ops"]);
  EXPECT_NE(succeed("convert m.pb --native -o same.pb").find("there were no engines"), std::string::npos);
  fail("convert c.pb --native --build -o x.pb", "--build");
  // What is converted already stays, and says so; new engines would have another number.
  EXPECT_NE(run("convert c.pb -o cc.pb").err.find("converted already"), std::string::npos);
}

TEST_F(CommandLine, BuildsEngines) {
  succeed("make-model segmentation_example -o m.pb");
  const auto built = nlohmann::json::parse(succeed("convert m.pb -o c.pb --build --batch 2 --json"));
  ASSERT_EQ(built["built"].size(), 1u);
  EXPECT_EQ(built["built"][0]["failure"], "");
  EXPECT_GT(built["built"][0]["bytes"].get<int>(), 0);
  EXPECT_NE(succeed("convert m.pb -o c.pb --build").find("TRTEngineOp_000_000 in "), std::string::npos);
  fail("convert m.pb -o c.pb --build --precision FP16", "FP32");
  fail("convert m.pb -o c.pb --build --precision INT8", "calibrat");
  fail("convert m.pb -o c.pb --build --batch-mode implicit", "TrtGraphConverterV2");
  fail("convert m.pb -o c.pb --input pixels=x.npy", "--build");
}

TEST_F(CommandLine, ReportsAndSuggests) {
  succeed("make-model segmentation_example -o m.pb");
  succeed("segment m.pb --report r.csv");
  const std::string csv = slurp(dir_ / "r.csv");
  EXPECT_EQ(csv.find("OP Name,Reason,Count\n"), 0u) << csv;
  EXPECT_NE(csv.find("\nCast,"), std::string::npos) << csv;
  const auto plan = nlohmann::json::parse(succeed("segment m.pb --suggest --json"));
  ASSERT_FALSE(plan["suggestions"].empty());
  EXPECT_GT(plan["suggestions"][0]["nodes_gained"].get<int>(), 0);
  EXPECT_NE(succeed("segment m.pb --suggest").find("support for Cast"), std::string::npos);
  fail("segment m.pb --report /no/such/folder/r.csv", "/no/such/folder");
}

TEST_F(CommandLine, EnvironmentVariablesOfTfTrt) {
  succeed("make-model segmentation_example -o m.pb");
  const auto with = [&](const std::string& variables, const std::string& arguments) {
    const std::string command = "cd '" + dir_.string() + "' && env " + variables + " '" ISOTHERM_PROGRAM "' " + arguments + " >out.txt 2>err.txt </dev/null";
    const int status = std::system(command.c_str());
    return Outcome{WIFEXITED(status) ? WEXITSTATUS(status) : 128, slurp(dir_ / "out.txt"), slurp(dir_ / "err.txt")};
  };
  const std::string denied = with("TF_TRT_OP_DENYLIST=Conv2D TF_TRT_SOMETHING=1", "segment m.pb").out;
  EXPECT_NE(denied.find("TF_TRT_OP_DENYLIST=Conv2D denies"), std::string::npos) << denied;
  EXPECT_NE(denied.find("TF_TRT_SOMETHING is set and has no effect"), std::string::npos) << denied;
  EXPECT_NE(denied.find("denied: "), std::string::npos) << denied;
  const std::string overruled = with("TF_TRT_OP_DENYLIST=Conv2D TF_TRT_MAX_ALLOWED_ENGINES=1", "segment m.pb --deny Softmax --max-engines 9").out;
  EXPECT_NE(overruled.find("denied_ops Softmax"), std::string::npos) << overruled;
  EXPECT_NE(overruled.find("TF_TRT_MAX_ALLOWED_ENGINES=1 is overruled"), std::string::npos) << overruled;
  const auto capped = nlohmann::json::parse(with("TF_TRT_MAX_ALLOWED_ENGINES=1", "segment m.pb --minimum-segment-size 1 --json").out);
  EXPECT_EQ(capped["segments"].size(), 1u);
  const auto fake = nlohmann::json::parse(with("TF_TRT_OP_FAKELIST=Cast", "segment m.pb --json").out);
  EXPECT_EQ(fake["segments"].size(), 1u);
  EXPECT_NE(fake["settings"]["environment"].get<std::string>().find("TF_TRT_OP_FAKELIST"), std::string::npos);
  const std::string detailed = with("TF_TRT_SHOW_DETAILED_REPORT=r.csv TF_TRT_EXPORT_GRAPH_VIZ_PATH=g.dot", "convert m.pb -o c.pb").out;
  EXPECT_NE(detailed.find("native nodes: "), std::string::npos) << detailed;
  EXPECT_NE(detailed.find("TF_TRT_EXPORT_GRAPH_VIZ_PATH=g.dot"), std::string::npos) << detailed;
  EXPECT_EQ(slurp(dir_ / "r.csv").find("OP Name|Reason|Count\n"), 0u);
  EXPECT_NE(slurp(dir_ / "g.dot").find("TRTEngineOp_000_000"), std::string::npos);
  // A run that needs no native segment goes on as ever.
  std::vector<std::int32_t> pixels(768, 3);
  ASSERT_TRUE(write_npy((dir_ / "x.npy").string(), Tensor::from<std::int32_t>({1, 768}, pixels)).ok());
  EXPECT_EQ(with("TF_TRT_ALLOW_ENGINE_NATIVE_SEGMENT_EXECUTION=0", "run m.pb --input pixels=x.npy").status, 0);
  EXPECT_NE(slurp(dir_ / "out.txt").find("TF_TRT_ALLOW_ENGINE_NATIVE_SEGMENT_EXECUTION=0"), std::string::npos);
}

TEST_F(CommandLine, HelpNamesTheParametersOfTfTrt) {
  const std::string help = succeed("convert --help");
  for (const char* word : {"nodes_denylist", "use_dynamic_shape", "--profile-strategy", "calib_graph_to_infer_graph", "not yet available: calibration", "sys.maxsize - 512"})
    EXPECT_NE(help.find(word), std::string::npos) << word << "\n" << help;
  for (const TrtParameter& p : trt_parameters()) {
    std::istringstream words(p.option);
    for (std::string word; words >> word;)
      if (word.starts_with("--")) {
        const std::string option = word.substr(0, word.find_first_of(", "));
        EXPECT_NE(help.find("  " + option), std::string::npos) << option;
      }
  }
}

TEST_F(CommandLine, DrawsEveryStepOfTheExample) {
  succeed("make-model segmentation_example -o m.pb");
  const auto steps = nlohmann::json::parse(succeed("segment m.pb --json"))["steps"];
  const auto decisions = std::count_if(steps.begin(), steps.end(), [](const auto& s) { return s["kind"] != "candidate" && s["kind"] != "not-candidate"; });
  const std::string said = succeed("render m.pb --view steps -o new/steps");
  // The candidate tests share the first picture.
  EXPECT_NE(said.find(std::to_string(decisions + 1) + " pictures"), std::string::npos) << said;
  const auto pictures = [&](const std::string& ending) {
    return std::count_if(fs::directory_iterator(dir_ / "new/steps"), fs::directory_iterator(), [&](const auto& e) { return e.path().extension() == ending; });
  };
  EXPECT_EQ(pictures(".svg"), decisions + 1);
  const std::string list = slurp(dir_ / "new/steps/steps.csv");
  for (const char* words : {"candidates", "accepted", "too small", "segment"}) EXPECT_NE(list.find(words), std::string::npos) << list;
  succeed("render m.pb --view steps --format png --max-pictures 4 --theme dark -o new/steps");
  EXPECT_EQ(pictures(".png"), 4);
  std::ofstream(dir_ / "file") << "x";
  fail("render m.pb --view steps -o file", "no folder");
  fail("render m.pb --view steps --overlay time -o o", "--overlay");
  fail("render m.pb --format png -o m.png", "--view steps");
  succeed("profile m.pb -o s.isotherm --iterations 1");
  fail("render s.isotherm --view steps -o o", "a session keeps none");
}

TEST_F(CommandLine, EnginesAndNativeAgree) {
  succeed("make-model segmentation_example -o m.pb");
  std::vector<std::int32_t> pixels(2 * 768);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::int32_t>((i * 7919) % 256);
  ASSERT_TRUE(write_npy((dir_ / "x.npy").string(), Tensor::from<std::int32_t>({2, 768}, pixels)).ok());
  succeed("run m.pb --input pixels=x.npy --output-dir engines");
  succeed("run m.pb --input pixels=x.npy --output-dir native --no-engines");
  succeed("convert m.pb -o c.pb");
  succeed("run c.pb --input pixels=x.npy --output-dir converted");
  const auto native = read_npy((dir_ / "native/output.npy").string());
  ASSERT_TRUE(native.ok());
  ASSERT_EQ(native->shape(), Shape({2, 10}));
  double sum = 0;
  for (const float v : native->data<float>()) sum += v;
  EXPECT_NEAR(sum, 2, 1e-5);  // two rows of probabilities
  for (const char* other : {"engines/output.npy", "converted/output.npy"}) {
    const auto value = read_npy((dir_ / other).string());
    ASSERT_TRUE(value.ok()) << other;
    for (std::int64_t i = 0; i < 20; ++i) EXPECT_NEAR(number_at(*value, i), number_at(*native, i), 1e-5) << other;
  }
}

TEST_F(CommandLine, ProfilesReportsAndDrawsTime) {
  succeed("make-model segmentation_example -o m.pb");
  succeed("profile m.pb -o s.isotherm --iterations 2");
  EXPECT_NE(succeed("report s.isotherm --by layer").find("conv_a"), std::string::npos);
  EXPECT_NE(succeed("report s.isotherm --by node --mode native --format csv").find("conv_b/Conv2D"), std::string::npos);
  succeed("render s.isotherm --overlay time -o t.svg");
  EXPECT_NE(slurp(dir_ / "t.svg").find("µs"), std::string::npos);
  succeed("render m.pb --session s.isotherm --overlay time --view both -o t2.svg");
  fail("render m.pb --overlay time -o t3.svg", "isotherm profile");
  EXPECT_FALSE(fs::exists(dir_ / "t3.svg"));
  const auto bench = nlohmann::json::parse(succeed("bench m.pb --iterations 5 --batch 4 --json"));
  EXPECT_EQ(bench["rows"].size(), 2u);
  EXPECT_EQ(bench["batch"], 4);
  EXPECT_GT(bench["ratio"].get<double>(), 0);
}

TEST_F(CommandLine, RecordsMemoryPrecisionAndNumericError) {
  succeed("make-model segmentation_example -o m.pb");
  EXPECT_NE(succeed("profile m.pb -o s.isotherm --iterations 1").find("memory: native run, arena peak"), std::string::npos);
  succeed("render s.isotherm --overlay memory -o m.svg");
  succeed("render s.isotherm --overlay memory --measure arena --view after -o a.svg");
  succeed("render s.isotherm --overlay precision -o p.svg");
  fail("render s.isotherm --overlay memory --measure share -o x.svg", "outputs or arena");
  fail("render s.isotherm --overlay op --measure total -o x.svg", "--measure");
  fail("render s.isotherm --overlay error -o x.svg", "--numeric-error");
  fail("render m.pb --overlay error -o x.svg", "--numeric-error");
  fail("profile m.pb --numeric-error --no-engines -o n.isotherm", "--no-engines");
  fail("profile m.pb --numeric-error --minimum-segment-size 99 -o n.isotherm", "no engine");
  const auto values = nlohmann::json::parse(succeed("profile m.pb -o e.isotherm --iterations 1 --numeric-error --json"))["values"];
  EXPECT_GT(values["memory"]["native"]["arena_peak_bytes"].get<double>(), 0);
  EXPECT_GT(values["memory"]["engines"]["engine_arena_bytes"].get<double>(), 0);
  EXPECT_EQ(values["numeric_error"]["compared"], values["numeric_error"]["tensors"].size());
  for (const auto& tensor : values["numeric_error"]["tensors"]) EXPECT_LE(tensor["error"].get<double>(), 1e-4) << tensor;
  succeed("render e.isotherm --overlay error --view both -o e.svg");
  EXPECT_NE(succeed("report e.isotherm --by node --mode native").find("Arena peak"), std::string::npos);
  EXPECT_FALSE(fs::exists(dir_ / "x.svg"));
}

TEST_F(CommandLine, BadInputIsOneSentence) {
  std::ofstream(dir_ / "junk.pb") << "junk";
  std::ofstream(dir_ / "empty.pb");
  succeed("make-model segmentation_example -o m.pb");
  fail("info missing.pb", "missing.pb");
  fail("info junk.pb", "junk.pb");
  fail("segment empty.pb", "empty.pb");
  fail("run m.pb --output-dir o", "pixels");
  fail("run m.pb --output nosuch --output-dir o", "nosuch");
  fail("convert m.pb -o c.xyz", "c.xyz");
  fail("convert m.pb -o /no/such/folder/c.pb", "/no/such/folder");
  fail("render m.pb -o /no/such/folder/m.svg", "/no/such/folder");
  fail("make-model resnet51 -o r.pb", "resnet50");
  fail("report m.pb", "m.pb");
  fail("run m.pb --precision FP16", "FP32");
  fail("bench m.pb --precision INT8", "FP32");
  fail("profile m.pb --precision FP16 -o p.isotherm", "FP32");
  fail("segment m.pb --shape pixels=axb", "--shape");
  fail("segment m.pb --outputs sofmax", "softmax");
  fail("segment m.pb --batch-mode implicit --profile-strategy optimal", "--batch-mode implicit");
  fail("segment m.pb --batch-mode implicit --shape pixels=1x?", "--dynamic-op");
  fail("segment m.pb --inputs conv_a/Conv2D --outputs pixels", "no output depends");
  fail("segment m.pb --minimum-segment-size 0", "minimum segment size 0");
  std::ofstream(dir_ / "x.npy") << "no array";
  fail("run m.pb --input pixels=x.npy", "x.npy");
  ASSERT_TRUE(write_npy((dir_ / "f.npy").string(), Tensor::vector<float>({1, 2})).ok());
  fail("run m.pb --input pixels=f.npy", "int32");
  EXPECT_FALSE(fs::exists(dir_ / "c.xyz"));
}

TEST_F(CommandLine, WrongUsageIsStatusTwo) {
  for (const char* arguments : {"segment", "segment m.pb --no-such-option", "convert m.pb", "segment m.pb --precision FP64", "make-model", "segment m.pb --passes all"})
    EXPECT_EQ(run(arguments).status, 2) << arguments;
}

TEST_F(CommandLine, WithoutADisplayTheWindowSaysWhatToDo) {
  const Outcome o = run("");
  EXPECT_EQ(o.status, 1);
  EXPECT_NE(o.err.find("render"), std::string::npos) << o.err;
}

TEST_F(CommandLine, VersionSaysWhatIsIn) {
  const std::string text = succeed("--version");
  EXPECT_NE(text.find("isotherm 0."), std::string::npos);
  EXPECT_NE(text.find("oneDNN"), std::string::npos);
}

TEST_F(CommandLine, ADeviceThatIsNotThereIsOneSentence) {
  succeed("make-model abc -o m.pb");
  EXPECT_EQ(run("bench m.pb --device tpu").status, 2);
  fail("bench m.pb --tf32", "--tf32 is for GPUs");
  // No card, no driver, or a build without the device: said alike by every command.
  if (run("bench m.pb --device cuda:0 --iterations 1 --warmup 1").status == 0) GTEST_SKIP() << "not run: there is a card, nothing is missing";
  for (const char* command : {"bench m.pb --device cuda:0", "run m.pb --output-dir o --device cuda:0", "profile m.pb -o p.isotherm --device cuda:0"})
    fail(command, "device cuda:0 cannot be used: ");
  EXPECT_FALSE(fs::exists(dir_ / "p.isotherm"));
}

TEST_F(CommandLine, SameInputSameBytes) {
  succeed("make-model abc -o m.pb");
  succeed("make-model abc -o n.pb");
  EXPECT_EQ(slurp(dir_ / "m.pb"), slurp(dir_ / "n.pb"));
  for (const char* options : {"--view both", "--view before --theme dark --overlay op"}) {
    succeed(std::string("render m.pb --no-legend -o a.svg ") + options);
    succeed(std::string("render m.pb --no-legend -o b.svg ") + options);
    EXPECT_EQ(slurp(dir_ / "a.svg"), slurp(dir_ / "b.svg"));
  }
}

TEST_F(CommandLine, TheDoctorExaminesAnyMachine) {
  const std::string text = succeed("doctor");
  for (const char* subject : {"CPU device", "driver", "CUDA device", "CUPTI"}) EXPECT_NE(text.find(subject), std::string::npos) << text;
  const auto json = nlohmann::json::parse(succeed("doctor --json"));
  for (const auto& finding : json.at("findings"))
    EXPECT_EQ(finding.at("remedy").get<std::string>().empty(), finding.at("state") == "works") << finding.dump();
}

TEST_F(CommandLine, ReportsOfKernelsNeedASessionOfAGpu) {
  succeed("make-model segmentation_example -o m.pb");
  succeed("profile m.pb -o s.isotherm --iterations 1 --warmup 1");
  fail("report s.isotherm --by kernel", "holds no kernels of a GPU");
  fail("report s.isotherm --nvprof", "recorded on cpu");
  fail("report s.isotherm --by api", "--device cuda:0");
}

}  // namespace
}  // namespace isotherm

// A session with a device's records: tables that Nsight's scripts read, summaries by kernel, node, layer and copy, the
// table that nvprof printed, and the overlay. No GPU needed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "profiler/database.h"
#include "profiler/gpu_records.h"
#include "profiler/session_file.h"
#include "profiler/session_overlay.h"
#include "profiler/summary.h"
#include "tests/profiler/synthetic_device_session.h"

namespace isotherm {
namespace {

class DeviceSession : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "/device_" + testing::UnitTest::GetInstance()->current_test_info()->name() +
            std::to_string(getpid()) + ".isotherm";
    std::filesystem::remove(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void write() {
    auto writer = SessionWriter::create(path_, data_);
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    ASSERT_TRUE((*writer)->add_engines(data_).ok());
    ASSERT_TRUE((*writer)->add_runs(data_.runs, data_.ops, data_.layers).ok());
    const Status records = (*writer)->add_device_records(data_);
    ASSERT_TRUE(records.ok()) << records.error().message;
    ASSERT_TRUE((*writer)->set_meta("recorder note", "CUPTI of a test").ok());
    ASSERT_TRUE((*writer)->finish().ok());
  }
  /// Rows of a query on the file, columns joined by '|'.
  std::vector<std::string> query(const std::string& sql, int columns) {
    auto database = Database::open_readonly(path_);
    if (!database.ok()) return {database.error().message};
    auto statement = database->prepare(sql);
    if (!statement.ok()) return {statement.error().message};
    std::vector<std::string> out;
    while (true) {
      const auto more = statement->next();
      if (!more.ok()) return {more.error().message};
      if (!*more) return out;
      std::string row;
      for (int c = 0; c < columns; ++c) row += (c ? "|" : "") + statement->text(c);
      out.push_back(row);
    }
  }

  SessionData data_ = synthetic_device_session();
  std::string path_;
};

using Rows = std::vector<std::string>;

TEST_F(DeviceSession, RecordsAreCompleteAndOnTheirNodes) {
  for (const RunMode mode : {RunMode::native, RunMode::engines}) {
    const Coverage& c = data_.coverage.at(mode);
    EXPECT_TRUE(c.complete()) << coverage_line(c);
    EXPECT_EQ(c.kernels.seen, mode == RunMode::native ? 4 : 6);
    EXPECT_EQ(c.kernels.without_layer, 0);
    EXPECT_EQ(c.copies.attributed, 4);
  }
}

// The query behind `nsys stats --report cuda_gpu_kern_sum`, as people write it themselves.
TEST_F(DeviceSession, QueriesForNsightsKernelTableWork) {
  write();
  EXPECT_EQ(query("SELECT s.value, COUNT(*), SUM(k.end - k.start) AS total, k.gridX, k.blockX, k.registersPerThread "
                  "FROM CUPTI_ACTIVITY_KIND_KERNEL AS k "
                  "JOIN StringIds AS s ON k.demangledName = s.id GROUP BY s.value ORDER BY total DESC",
                  6),
            (Rows{std::string(kMulKernel) + "|4|600|4|256|32", std::string(kReluKernel) + "|6|420|8|256|32"}));
  EXPECT_EQ(query("SELECT s.value FROM CUPTI_ACTIVITY_KIND_KERNEL k JOIN StringIds s ON k.shortName = s.id ORDER BY "
                  "k.start LIMIT 2",
                  1),
            (Rows{"mul_kernel", "relu_kernel"}));
  EXPECT_EQ(query("SELECT s.value FROM CUPTI_ACTIVITY_KIND_KERNEL k JOIN StringIds s ON k.mangledName = s.id ORDER BY "
                  "k.start LIMIT 1",
                  1),
            (Rows{"_Z10mul_kernelIfEvPT_i"}));
}

TEST_F(DeviceSession, QueriesForNsightsOtherTablesWork) {
  write();
  EXPECT_EQ(query("SELECT e.label, m.bytes, COUNT(*), SUM(m.end - m.start) FROM CUPTI_ACTIVITY_KIND_MEMCPY m JOIN "
                  "ENUM_CUDA_MEMCPY_OPER e ON e.id = m.copyKind GROUP BY m.copyKind",
                  4),
            (Rows{"Host-to-Device|4000|4|160", "Device-to-Host|4000|4|80"}));
  EXPECT_EQ(query("SELECT e.label, COUNT(*) FROM CUPTI_ACTIVITY_KIND_MEMCPY m JOIN ENUM_CUDA_MEM_KIND e ON e.id = "
                  "m.srcKind GROUP BY 1 ORDER BY 1",
                  2),
            (Rows{"Device|4", "Pinned|4"}));
  EXPECT_EQ(query("SELECT SUM(bytes), SUM(end - start) FROM CUPTI_ACTIVITY_KIND_MEMSET", 2), (Rows{"256|20"}));
  // From the kernel to the call that launched it.
  EXPECT_EQ(query("SELECT s.value, COUNT(*), MIN(k.start - r.start) FROM CUPTI_ACTIVITY_KIND_KERNEL k JOIN "
                  "CUPTI_ACTIVITY_KIND_RUNTIME r ON r.correlationId = k.correlationId "
                  "JOIN StringIds s ON s.id = r.nameId GROUP BY 1",
                  3),
            (Rows{"cudaLaunchKernel_v7000|10|10"}));
  EXPECT_EQ(query("SELECT name, uuid, busLocation, smCount, computeMajor FROM TARGET_INFO_GPU", 5),
            (Rows{"Test card|GPU-00|0000:01:00.0|132|9"}));
  EXPECT_EQ(query("SELECT value FROM META_DATA_EXPORT WHERE name = 'EXPORT_SCHEMA_VERSION'", 1), (Rows{"3.16.1"}));
}

TEST_F(DeviceSession, KernelsJoinNodesLayersAndEngines) {
  write();
  EXPECT_EQ(query("SELECT mode, node, op, COUNT(*), SUM(ns) FROM ISOTHERM_KERNEL_TIME WHERE mode = 'native' GROUP BY "
                  "node ORDER BY 5 DESC",
                  5),
            (Rows{"native|s/mul|Mul|2|400", "native|s/relu|Relu|2|200"}));
  EXPECT_EQ(query("SELECT engine, layer, tactic, COUNT(*), SUM(ns) FROM ISOTHERM_KERNEL_TIME WHERE mode = 'engines' "
                  "GROUP BY layer ORDER BY 5 DESC",
                  5),
            (Rows{"TRTEngineOp_000_000|s/relu|second|4|220", "TRTEngineOp_000_000|s/mul|first|2|200"}));
  // Down to the nodes of the graph before the conversion.
  EXPECT_EQ(query("SELECT s.node, SUM(k.end - k.start) FROM CUPTI_ACTIVITY_KIND_KERNEL k JOIN ISOTHERM_KERNEL_NODE p "
                  "ON p.kernel = k.rowid JOIN ISOTHERM_LAYER_SOURCE s ON s.layer = p.layer "
                  "GROUP BY s.node ORDER BY 1",
                  2),
            (Rows{"s/mul|200", "s/relu|220"}));
  EXPECT_EQ(
      query("SELECT count FROM ISOTHERM_COVERAGE WHERE mode = 'engines' AND record = 'kernel' AND what = 'expected'",
            1),
      (Rows{"6"}));
}

TEST_F(DeviceSession, ReadsBackAsItWasWritten) {
  write();
  const auto read = read_session(path_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->meta.at("recorder note"), "CUPTI of a test");
  EXPECT_EQ(read->gpus.size(), 1U);
  for (const RunMode mode : {RunMode::native, RunMode::engines}) {
    EXPECT_EQ(coverage_line(read->coverage.at(mode)), coverage_line(data_.coverage.at(mode)));
    EXPECT_EQ(nvprof_table(*read, mode), nvprof_table(data_, mode));
    for (const GroupBy by : {GroupBy::node, GroupBy::layer, GroupBy::engine, GroupBy::op, GroupBy::scope,
                             GroupBy::kernel, GroupBy::kernel_node, GroupBy::copy, GroupBy::api})
      EXPECT_EQ(format_summary(summarise(*read, mode, by), TableFormat::csv),
                format_summary(summarise(data_, mode, by), TableFormat::csv));
  }
}

TEST_F(DeviceSession, NodesAndLayersAreTheSumOfTheirKernels) {
  const Summary nodes = summarise(data_, RunMode::native, GroupBy::node);
  EXPECT_TRUE(nodes.on_device);
  ASSERT_EQ(nodes.rows.size(), 2U);
  EXPECT_EQ(nodes.rows[0].name, "s/mul");
  EXPECT_EQ(nodes.rows[0].per_run, 210);  // its memset too
  EXPECT_EQ(nodes.rows[0].time.count, 2);
  EXPECT_EQ(nodes.rows[1].per_run, 100);
  const Summary engines = summarise(data_, RunMode::engines, GroupBy::node);
  ASSERT_EQ(engines.rows.size(), 1U);
  EXPECT_EQ(engines.rows[0].node, 2);
  EXPECT_EQ(engines.rows[0].per_run, 210);
  const Summary layers = summarise(data_, RunMode::engines, GroupBy::layer);
  ASSERT_EQ(layers.rows.size(), 2U);
  EXPECT_EQ(layers.rows[0].name, "s/relu");
  EXPECT_EQ(layers.rows[0].per_run, 110);
  EXPECT_EQ(layers.rows[1].per_run, 100);
}

TEST_F(DeviceSession, KernelsAreListedByNameAndByNode) {
  const Summary kernels = summarise(data_, RunMode::engines, GroupBy::kernel);
  ASSERT_EQ(kernels.rows.size(), 2U);
  EXPECT_EQ(kernels.rows[0].name, kReluKernel);
  EXPECT_EQ(kernels.rows[0].time.count, 4);
  EXPECT_EQ(kernels.rows[0].time.min, 10);
  EXPECT_EQ(kernels.rows[0].sources, (std::vector<std::string>{"s/relu"}));
  EXPECT_EQ(kernels.rows[0].detail, "<<<8,1,1 | 256,1,1>>>");
  const Summary by_node = summarise(data_, RunMode::native, GroupBy::kernel_node);
  ASSERT_EQ(by_node.rows.size(), 2U);
  EXPECT_EQ(by_node.rows[0].node, 2);
  EXPECT_EQ(by_node.rows[0].op, "Mul");
  const Summary copies = summarise(data_, RunMode::native, GroupBy::copy);
  ASSERT_EQ(copies.rows.size(), 3U);
  EXPECT_EQ(copies.rows[0].name, "[CUDA memcpy HtoD]");
  EXPECT_EQ(copies.rows[0].bytes, 8000);
  EXPECT_EQ(copies.rows[2].name, "[CUDA memset]");
  const Summary calls = summarise(data_, RunMode::native, GroupBy::api);
  ASSERT_EQ(calls.rows.size(), 2U);
  EXPECT_EQ(calls.rows[0].time.total, 600);
  for (const GroupBy by : {GroupBy::kernel, GroupBy::copy, GroupBy::api})
    EXPECT_FALSE(format_summary(summarise(data_, RunMode::native, by), TableFormat::table).empty());
  EXPECT_TRUE(summarise(synthetic_session(), RunMode::native, GroupBy::kernel).rows.empty());
}

TEST_F(DeviceSession, PrintsAsNvprofDid) {
  const std::string text = nvprof_table(data_, RunMode::native);
  const auto line_with = [&](const std::string& words) {
    const std::size_t at = text.find(words);
    if (at == std::string::npos) return std::string();
    const std::size_t begin = text.rfind('\n', at) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
  };
  EXPECT_EQ(text.substr(0, text.find('\n')),
            "            Type  Time(%)      Time     Calls       Avg       Min       Max  Name");
  // 400 + 200 + 80 + 40 + 20 = 740 ns of device work in two runs.
  EXPECT_EQ(line_with(kMulKernel),
            " GPU activities:   54.05%     400ns         2     200ns     200ns     200ns  " + std::string(kMulKernel));
  EXPECT_EQ(line_with("HtoD"),
            "                   10.81%      80ns         2      40ns      40ns      40ns  [CUDA memcpy HtoD]");
  EXPECT_NE(text.find("[CUDA memcpy DtoH]"), std::string::npos);
  EXPECT_NE(text.find("[CUDA memset]"), std::string::npos);
  EXPECT_NE(line_with("API calls:").find("%"), std::string::npos);
  EXPECT_TRUE(line_with("cudaLaunchKernel").ends_with("  cudaLaunchKernel")) << text;  // without its version
  EXPECT_EQ(coverage_line(data_.coverage.at(RunMode::native)),
            "kernels: 4 of 4 expected, 100.0 % on their node; copies 4, memsets 2, API calls 10; 0 records dropped, 0 "
            "invalid");
}

TEST_F(DeviceSession, TheOverlayIsKernelTime) {
  const render::Overlay overlay = session_time_overlay(data_);
  EXPECT_EQ(overlay.title, "Kernel time on the GPU");
  EXPECT_DOUBLE_EQ(overlay.before[2], 0.21);
  EXPECT_DOUBLE_EQ(overlay.before[3], 0.1);
  EXPECT_DOUBLE_EQ(overlay.after[2], 0.21);
  EXPECT_LT(overlay.after[3], 0);
  const auto& parts = overlay.parts_after.at(2);
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].name, "s/relu");
  EXPECT_DOUBLE_EQ(parts[0].value, 0.11);
  EXPECT_EQ(parts[1].name, "relu_kernel");
  EXPECT_TRUE(parts[1].kernel);
  EXPECT_EQ(parts[3].name, "mul_kernel<float>");
  // Drawn in the engine's box when it is open, and only then.
  render::SceneOptions options;
  options.view = render::View::after;
  const auto closed = render::build_scene(data_.conversion, overlay, options);
  options.expanded = {"TRTEngineOp_000_000"};
  const auto open = render::build_scene(data_.conversion, overlay, options);
  ASSERT_TRUE(closed.ok() && open.ok());
  const auto engine = [](const render::Scene& s) {
    return *std::find_if(s.boxes.begin(), s.boxes.end(),
                         [](const render::Box& b) { return b.form == render::Box::Form::engine; });
  };
  EXPECT_EQ(engine(*closed).rows, 0);
  EXPECT_EQ(engine(*open).rows, 4);
  EXPECT_GT(engine(*open).height, engine(*closed).height);
}

TEST_F(DeviceSession, TimesBetweenEventsAreCalledThat) {
  SessionData events = synthetic_session();
  events.meta["recorder"] = "cuda-events";
  for (const GroupBy by : {GroupBy::node, GroupBy::layer}) {
    const Summary s = summarise(events, RunMode::engines, by);
    EXPECT_FALSE(s.on_device);
    EXPECT_FALSE(s.rows.empty());
    EXPECT_NE(format_summary(s, TableFormat::table).find("between events of the device"), std::string::npos);
  }
  EXPECT_EQ(session_time_overlay(events).title, "Time between GPU events");
}

TEST_F(DeviceSession, DamagedJoinsAreSaid) {
  write();
  {
    auto database = Database::open_readonly(path_);
    ASSERT_TRUE(database.ok());
  }
  // A run that does not exist.
  data_.kernels[0].run = 99;
  const std::string good = path_;
  path_ += ".bad";
  write();
  const auto read = read_session(path_);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message.find("damaged"), std::string::npos) << read.error().message;
  std::filesystem::remove(good);
}

TEST(KernelNames, AreShortAndReadable) {
  EXPECT_EQ(short_kernel_name("void (anonymous namespace)::a<int>::f<float, 3>(float*)"), "f");
  EXPECT_EQ(short_kernel_name("sm90_xmma_fprop_implicit_gemm_f32f32"), "sm90_xmma_fprop_implicit_gemm_f32f32");
  EXPECT_EQ(short_kernel_name("ns::relu(float*, int)"), "relu");
  EXPECT_EQ(demangled_name("not mangled"), "not mangled");
  EXPECT_EQ(api_name("cudaLaunchKernel_v7000"), "cudaLaunchKernel");
  EXPECT_EQ(api_name("cuMemcpyHtoD_v2"), "cuMemcpyHtoD");
  EXPECT_EQ(api_name("a_value"), "a_value");
}

TEST(KernelNames, LabelsTellInstancesApart) {
  EXPECT_EQ(kernel_label("void ns::(anonymous namespace)::gemm<128, 64, true>(ns::(anonymous namespace)::Arguments)"), "gemm<128x64,true>");
  EXPECT_EQ(kernel_label("void ns::unary<(ns::UnaryOp)3>(float const*, float*)"), "unary<UnaryOp 3>");
  EXPECT_EQ(kernel_label("void pad<ns::float4, unsigned int>(ns::Frame)"), "pad<float4,unsigned int>");
  EXPECT_EQ(kernel_label("void cutlass::Kernel2<cutlass_80_simt_sgemm_128x32_8x5_nn_align1>(cutlass_80_simt_sgemm_128x32_8x5_nn_align1::Params)"),
            "Kernel2<cutlass_80_simt_sgemm_128x32_8x5_nn_align1>");
  EXPECT_EQ(kernel_label("void lt::reduce<32, 16, int, float, float, float, float, false, float, float, float>(lt::Params<float>)"),
            "reduce<32x16,int,float,float,float,float,false,…>");
  const std::string tile = "sm80_xmma_gemm_f32f32_f32f32_f32_nn_n_tilesize64x128x8_stage3_warpsize1x4x1_ffma_aligna4_alignc4_execute_";
  EXPECT_EQ(kernel_label(tile + "kernel__5x_cublas"), "sm80_xmma_gemm_f32_nn_n_64x128x8");
  EXPECT_EQ(kernel_label(tile + "split_k_kernel__5x_cublas"), "sm80_xmma_gemm_f32_nn_n_64x128x8_split_k");
  for (const char* plain : {"relu", "ns::relu(float*)", "f<", "", "operator<"}) EXPECT_EQ(kernel_label(plain), short_kernel_name(plain));
}

TEST(KernelNames, TablesFitATerminalAndKeepRowsApart) {
  Summary summary;
  summary.by = GroupBy::kernel;
  summary.on_device = true;
  summary.runs = 1;
  const std::string tile = "sm80_xmma_gemm_f32f32_f32f32_f32_nn_n_tilesize64x128x8_stage";
  for (const std::string& name : {tile + "3_warpsize1x4x1_ffma_execute_kernel__5x_cublas", tile + "4_warpsize1x4x1_ffma_execute_kernel__5x_cublas",
                                  std::string("void cutlass::Kernel2<cutlass_80_simt_sgemm_128x32_8x5_nn_align1>()")}) {
    SummaryRow row;
    row.name = name;
    row.engine = "TRTEngineOp_000_000";
    row.detail = "<<<1568,1,1 | 256,1,1>>>";
    row.sources = {"network/a_scope_with_a_long_name/another_scope_with_a_long_name/Conv2D", "b"};
    row.time = statistics_of({1000, 2000});
    summary.rows.push_back(row);
  }
  const std::string table = format_summary(summary, TableFormat::table);
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; }), 160) << line;
  EXPECT_NE(table.find("sm80_xmma_gemm_f32_nn_n_64x128x8 (2)"), std::string::npos) << table;
  EXPECT_NE(table.find("<<<1568 | 256>>>"), std::string::npos) << table;
  EXPECT_NE(format_summary(summary, TableFormat::csv).find(tile + "4_warpsize1x4x1"), std::string::npos);
}

}  // namespace
}  // namespace isotherm

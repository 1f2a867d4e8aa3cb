# Engine plans on a card; skipped by name where there is none.
find_package(nlohmann_json REQUIRED)
set(ENGINE_REFERENCE ../engine/reference.cc ../engine/reference_ops.cc)
isotherm_test(cuda_engine_test
  SOURCES engine_replay_test.cc engine_test.cc ${ENGINE_REFERENCE}
  LIBRARIES isotherm_cuda isotherm_cpu_engine
  LABELS gpu)
isotherm_test(cuda_engine_networks_test
  SOURCES engine_networks_test.cc ${ENGINE_REFERENCE}
  LIBRARIES isotherm_cuda isotherm_cpu_engine isotherm_convert isotherm_formats nlohmann_json::nlohmann_json
  LABELS gpu)

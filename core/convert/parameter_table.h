// Which option stands for which parameter of TF-TRT's converters: one table for help, README and tests.
#pragma once

#include <span>
#include <string>

namespace isotherm {

/// A parameter of create_inference_graph(), of a constructor or of a method. A default is written as Python writes it;
/// "required" where there is none, empty where that function has no such parameter.
struct TrtParameter {
  const char* name;
  const char* inference_graph;  ///< default in create_inference_graph
  const char* v1;               ///< in TrtGraphConverter
  const char* v2;               ///< in TrtGraphConverterV2
  const char* option;           ///< of `isotherm convert`; empty: not yet available, or nothing stands for it
  const char* note;             ///< what differs or is missing; may be empty
};

std::span<const TrtParameter> trt_parameters();

/// For `convert --help`.
std::string trt_parameters_text();
/// For README: a table in Markdown, a line for each parameter.
std::string trt_parameters_markdown();

}  // namespace isotherm

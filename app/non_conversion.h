// What stayed native, as TF_TRT_SHOW_DETAILED_REPORT asks for it.
#pragma once

#include <string>

#include "app/json.h"
#include "core/convert/environment.h"
#include "core/convert/non_conversion_report.h"

namespace isotherm::app {

struct DetailedReport {
  std::string text;  ///< empty where nobody asked
  Json json = Json::array();
};

/// Names the variable in `params` for the report's head, where it acts.
void name_detailed_report(const TrtEnvironment& environment, ConversionParams& params);
/// Writes the file that the variable names, in TF-TRT's form (OP Name|Reason|Count), and gives the report in words.
Result<DetailedReport> write_detailed_report(const TrtEnvironment& environment, const Conversion& conversion);

/// [{"op", "reason", "count"}]
Json non_conversions_json(const std::vector<NonConversion>& rows);
/// Writes a file whole or not at all.
Status write_text(const std::string& path, const std::string& text);

}  // namespace isotherm::app

#include "app/non_conversion.h"

#include "core/formats/atomic_file.h"

namespace isotherm::app {

void name_detailed_report(const TrtEnvironment& environment, ConversionParams& params) {
  if (!environment.detailed_report) return;
  const std::string& path = environment.report_path;
  params.environment.push_back(path.empty()
                                   ? "TF_TRT_SHOW_DETAILED_REPORT=1 adds a report of what stays native"
                                   : "TF_TRT_SHOW_DETAILED_REPORT=" + path + " writes what stays native there");
}

Result<DetailedReport> write_detailed_report(const TrtEnvironment& environment, const Conversion& conversion) {
  DetailedReport out;
  if (!environment.detailed_report) return out;
  const std::vector<NonConversion> rows = non_conversions(conversion);
  if (!environment.report_path.empty()) ISO_TRY(write_text(environment.report_path, non_conversion_csv(rows, '|')));
  out.text = "\n" + non_conversion_text(rows);
  out.json = non_conversions_json(rows);
  return out;
}

Json non_conversions_json(const std::vector<NonConversion>& rows) {
  Json out = Json::array();
  for (const NonConversion& row : rows) out.push_back({{"op", row.op}, {"reason", row.reason}, {"count", row.count}});
  return out;
}

Status write_text(const std::string& path, const std::string& text) {
  ISO_ASSIGN(AtomicFile file, AtomicFile::create(path));
  ISO_TRY(file.write(text));
  return file.commit();
}

}  // namespace isotherm::app

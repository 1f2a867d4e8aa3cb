#include "core/render/steps_folder.h"

#include <algorithm>
#include <filesystem>

#include "core/formats/atomic_file.h"

namespace isotherm::render {
namespace {

namespace fs = std::filesystem;

std::string picture_name(int step, int digits, const char* ending) {
  std::string number = std::to_string(step + 1);
  number.insert(0, static_cast<std::size_t>(std::max(0, digits - static_cast<int>(number.size()))), '0');
  return "step_" + number + "." + ending;
}

bool is_picture_name(const std::string& name, const std::string& ending) {
  if (!name.starts_with("step_") || !name.ends_with("." + ending)) return false;
  const std::string_view number = std::string_view(name).substr(5, name.size() - 6 - ending.size());
  return !number.empty() && std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

const char* ending_of(Format format) {
  switch (format) {
    case Format::png:
      return "png";
    case Format::pdf:
      return "pdf";
    case Format::svg:
    case Format::dot:
      break;
  }
  return "svg";
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

/// Runs of steps that may share a picture, cut into pieces of at most `length`.
template <class May>
std::vector<std::pair<int, int>> pages_of(const Replay& replay, int length, May may_join) {
  std::vector<std::pair<int, int>> pages;
  for (int i = 0; i < replay.size(); ++i) {
    if (!pages.empty() && pages.back().second - pages.back().first + 1 < length && may_join(i - 1, i))
      pages.back().second = i;
    else
      pages.emplace_back(i, i);
  }
  return pages;
}

}  // namespace

std::vector<std::pair<int, int>> step_pages(const Replay& replay, int most) {
  const auto kind = [&](int i) { return replay[i].kind; };
  const auto merges = [&](int a, int b) {
    return kind(a) == ReplayStep::Kind::merge && kind(b) == ReplayStep::Kind::merge;
  };
  const auto alike = [&](int a, int b) { return a > 0 && kind(a) == kind(b); };
  const auto any = [&](int a, int) { return a > 0; };
  const auto fit = [&](auto may_join) {
    std::vector<std::pair<int, int>> pages;
    // The shortest pieces that do; whole runs if none do.
    int low = 1, high = replay.size();
    while (low < high) {
      const int middle = (low + high) / 2;
      if (static_cast<int>(pages_of(replay, middle, may_join).size()) <= most)
        high = middle;
      else
        low = middle + 1;
    }
    return pages_of(replay, low, may_join);
  };
  std::vector<std::pair<int, int>> pages = fit(merges);
  if (static_cast<int>(pages.size()) > most) pages = fit(alike);
  if (static_cast<int>(pages.size()) > most) pages = fit(any);
  return pages;
}

Result<StepFolderReport> write_step_folder(const StepPictures& pictures, const std::string& folder,
                                           const StepFolderOptions& options, const Progress& progress) {
  const Replay& replay = pictures.replay();
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (!fs::is_directory(folder))
    return io_error("'" + folder + "' is no folder, and could not be made one" +
                    (failed ? ": " + failed.message() : std::string()));
  const std::vector<std::pair<int, int>> pages = step_pages(replay, std::max(1, options.max_pictures));
  const char* ending = ending_of(options.format);
  const int digits = std::max(4, static_cast<int>(std::to_string(replay.size()).size()));
  std::vector<std::string> written;
  std::string csv = "step,picture,verdict,node,other,sentence\n";
  for (std::size_t p = 0; p < pages.size(); ++p) {
    if (progress.cancelled()) return cancelled();
    progress.tell(static_cast<double>(p) / static_cast<double>(pages.size()),
                  "picture " + std::to_string(p + 1) + " of " + std::to_string(pages.size()));
    const auto [first, last] = pages[p];
    ISO_ASSIGN(const StepScene scene, pictures.scene(first, last, [&progress] { return progress.cancelled(); }));
    ISO_ASSIGN(const std::string bytes, list_bytes(paint_step_picture(replay, scene), options.format, options.file));
    const std::string name = picture_name(last, digits, ending);
    ISO_TRY(write_file(folder + "/" + name, bytes));
    written.push_back(name);
    for (int step = first; step <= last; ++step) {
      const ReplayStep& s = replay[step];
      const bool named = s.kind != ReplayStep::Kind::candidates;
      csv += std::to_string(step + 1) + "," + name + "," + replay.verdict(step) + "," +
             (named ? csv_field(replay.graph()[s.from].name) : std::string()) + "," +
             (s.to == kNoNode ? std::string() : csv_field(replay.graph()[s.to].name)) + "," +
             csv_field(replay.sentence(step)) + "\n";
    }
  }
  ISO_TRY(write_file(folder + "/steps.csv", csv));
  std::vector<fs::path> old;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
    const std::string name = entry.path().filename().string();
    if (is_picture_name(name, ending) && !std::binary_search(written.begin(), written.end(), name))
      old.push_back(entry.path());
  }
  for (const fs::path& path : old) fs::remove(path, failed);
  StepFolderReport report;
  report.steps = replay.size();
  report.pictures = static_cast<int>(pages.size());
  for (const auto& [first, last] : pages) report.drawn_together += last - first;
  return report;
}

}  // namespace isotherm::render

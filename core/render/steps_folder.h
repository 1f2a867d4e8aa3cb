// A replayed segmentation as a folder of numbered pictures.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/graph/progress.h"
#include "core/render/render_file.h"
#include "core/render/steps_picture.h"

namespace isotherm::render {

struct StepFolderOptions {
  Format format = Format::svg;  ///< svg, png or pdf
  FileOptions file;
  int max_pictures = 200;  ///< runs of steps of one kind are drawn as one to keep it; see step_pages()
};

struct StepFolderReport {
  int steps = 0;
  int pictures = 0;
  int drawn_together = 0;  ///< steps that have no picture of their own
};

/// Which steps share a picture, first and last of each: every step its own where `most` pictures are enough; else runs
/// of accepted merges together, as short as will do; where that is not enough, runs of any one kind, then any runs.
std::vector<std::pair<int, int>> step_pages(const Replay& replay, int most);

/// Writes step_0001.svg and on, named by the last step that each shows, and steps.csv, a line for every step: number,
/// picture, verdict, nodes, sentence. The folder is made if it is missing; pictures of an earlier replay in it
/// (step_NUMBER with the same ending) are removed, other files stay. The same replay gives the same bytes. Errors:
/// cancelled; a path that is no folder; what writing a file says.
Result<StepFolderReport> write_step_folder(const StepPictures& pictures, const std::string& folder,
                                           const StepFolderOptions& options, const Progress& progress);

}  // namespace isotherm::render

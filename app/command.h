// What the sub-commands share: the program's context, and how each registers itself.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

#include "core/graph/progress.h"
#include "core/graph/status.h"

namespace isotherm::app {

/// Exit statuses of the program.
inline constexpr int kDone = 0, kFailed = 1, kWrongUsage = 2;

/// The job that the command line asks for; set by the sub-command that was parsed. Its error goes to stderr as one line.
struct Context {
  std::function<Status()> job;
  Progress progress;      ///< reports on stderr after a second; cancelled by Ctrl-C
  std::string program_path;  ///< where this program is: its companions stand beside it
};

void add_info(CLI::App& app, Context& context);
void add_segment(CLI::App& app, Context& context);
void add_convert(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_bench(CLI::App& app, Context& context);
void add_render(CLI::App& app, Context& context);
void add_profile(CLI::App& app, Context& context);
void add_report(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_make_model(CLI::App& app, Context& context);

/// Writes to stdout at once; an error if stdout cannot take it (a closed pipe, a full disk).
Status print(const std::string& text);

}  // namespace isotherm::app

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <new>

#include "app/command.h"
#include "app/terminal_progress.h"
#include "app/version.h"
#include "app/window_launcher.h"

namespace {

std::atomic<bool> cancel_requested{false};

// The first Ctrl-C asks the job to stop; a second one, from somebody who will not wait, ends the program.
void on_interrupt(int) {
  if (cancel_requested.exchange(true)) std::_Exit(130);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace isotherm;
  using namespace isotherm::app;
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  std::signal(SIGPIPE, SIG_IGN);

  TerminalProgress terminal;
  Context context;
  context.progress.cancel = &cancel_requested;
  context.progress.report = [&](double fraction, const std::string& what) { terminal.update(fraction, what); };
  context.program_path = program_path(argv[0]);

  CLI::App app("Isotherm: a workbench for frozen TensorFlow graphs.\nWithout a sub-command it opens the window with the files named.", "isotherm");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(0, 1);
  std::vector<std::string> files;
  app.add_option("files", files, "Graphs or sessions for the window");
  add_info(app, context);
  add_segment(app, context);
  add_convert(app, context);
  add_run(app, context);
  add_bench(app, context);
  add_render(app, context);
  add_profile(app, context);
  add_report(app, context);
  add_make_model(app, context);
  add_doctor(app, context);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& e) {
    return app.exit(e);
  } catch (const CLI::CallForAllHelp& e) {
    return app.exit(e);
  } catch (const CLI::CallForVersion& e) {
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    std::fprintf(stderr, "isotherm: %s; see isotherm --help\n", e.what());
    return kWrongUsage;
  }

  Status status;
  try {
    status = context.job ? context.job() : open_window(context.program_path, files);
  } catch (const std::bad_alloc&) {
    status = exhausted("out of memory");
  } catch (const std::exception& e) {
    status = internal_error(std::string("an unexpected error, a bug of this program: ") + e.what());
  }
  terminal.finish();
  if (status.ok()) return kDone;
  std::string line = status.error().message;
  for (char& c : line)
    if (c == '\n' || c == '\r') c = ' ';
  std::fprintf(stderr, "isotherm: %s\n", line.c_str());
  return kFailed;
}

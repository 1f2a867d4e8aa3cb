// Frames of the window's graph view, off screen, by its own clock: a picture of many boxes is panned and zoomed through
// all levels of detail; nothing is prepared between two frames.
//   bench_window_frames [--boxes N] [--frames N] FILE...
#include <QApplication>
#include <QElapsedTimer>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/render/theme.h"
#include "ui/document.h"
#include "ui/graph_view.h"
#include "ui/theme.h"

using namespace isotherm;
using namespace isotherm::ui;

namespace {

struct Frames {
  std::vector<double> milliseconds;
  int incomplete = 0;

  double at(double quantile) {
    if (milliseconds.empty()) return 0;
    std::sort(milliseconds.begin(), milliseconds.end());
    return milliseconds[std::min(milliseconds.size() - 1, static_cast<std::size_t>(quantile * static_cast<double>(milliseconds.size())))];
  }
  void print(const char* what) {
    std::printf("  %-28s %5zu frames  p50 %6.2f  p95 %6.2f  p99 %6.2f  max %6.2f ms  drawn in several frames %.1f %%\n", what, milliseconds.size(), at(0.5), at(0.95), at(0.99),
                at(1), milliseconds.empty() ? 0 : 100.0 * incomplete / static_cast<double>(milliseconds.size()));
  }
};

/// One turn of the wheel as the window gets it, and the frame that follows; the whole of both is timed.
void turn(GraphView& view, QPoint delta, Qt::KeyboardModifiers keys, Frames& frames) {
  const QPointF middle(view.width() / 2.0, view.height() / 2.0);
  QElapsedTimer clock;
  clock.start();
  QWheelEvent event(middle, view.mapToGlobal(middle.toPoint()), QPoint(), delta, Qt::NoButton, keys, Qt::NoScrollPhase, false);
  QApplication::sendEvent(&view, &event);
  view.repaint();
  frames.milliseconds.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
  if (!view.frame_complete()) ++frames.incomplete;
}

}  // namespace

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  apply_theme(app, render::Theme::light);
  int boxes = 20000, count = 200;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--boxes") == 0 && i + 1 < argc) boxes = std::atoi(argv[++i]);
    else if (std::strcmp(argv[i], "--frames") == 0 && i + 1 < argc) count = std::atoi(argv[++i]);
    else files.emplace_back(argv[i]);
  }
  for (const std::string& file : files) {
    auto document = open_document(file, first_params(), Progress());
    if (!document.ok()) {
      std::fprintf(stderr, "%s\n", document.error().message.c_str());
      return 1;
    }
    render::SceneOptions options;
    options.max_nodes = boxes;
    options.repeats = false;
    options.layout = render::LayoutChoice::layered;
    QElapsedTimer clock;
    clock.start();
    auto picture = make_picture(*document, render::Overlay::Kind::engine, options, false);
    if (!picture.ok()) {
      std::fprintf(stderr, "%s\n", picture.error().message.c_str());
      return 1;
    }
    const render::Scene& scene = (*picture)->scene;
    std::printf("%s: %zu boxes, %zu lines, %zu frames, %zu commands; %.0f x %.0f px, made in %.0f ms\n", file.c_str(), scene.boxes.size(), scene.lines.size(), scene.frames.size(),
                (*picture)->list.list().commands.size(), scene.width, scene.height, static_cast<double>(clock.nsecsElapsed()) / 1e6);
    GraphView view(false);
    const render::Palette& colors = render::palette(render::Theme::light);
    view.set_canvas(to_qcolor(colors.canvas), to_qcolor(colors.selection));
    view.resize(1600, 1000);
    view.show();
    // A window that is not on the screen yet draws nothing.
    QApplication::processEvents();
    view.set_picture(*picture);
    view.repaint();
    Frames panned, zoomed;
    for (const double zoom : {1.5, 1.0, 0.75, 0.5, 0.3, 0.18, 0.12, 0.06, 0.03}) {
      view.set_zoom(zoom);
      view.center_on(QPointF(scene.width / 2, scene.height / 3));
      view.settle();
      // What was zoomed to is drawn before it is moved.
      for (int k = 0; k < 200; ++k) {
        view.repaint();
        if (view.frame_complete()) break;
      }
      Frames frames;
      for (int k = 0; k < count; ++k) {
        // Down, right, up, left, and round again; 60 to 100 px a frame.
        const int way = k * 4 / count;
        const int step = 100 + 66 * (k % 2);
        turn(view, way == 0 ? QPoint(0, -step) : way == 1 ? QPoint(-step, 0) : way == 2 ? QPoint(0, step) : QPoint(step, 0), Qt::NoModifier, frames);
      }
      char name[64];
      std::snprintf(name, sizeof name, "pan at zoom %.2f", zoom);
      frames.print(name);
      panned.milliseconds.insert(panned.milliseconds.end(), frames.milliseconds.begin(), frames.milliseconds.end());
      panned.incomplete += frames.incomplete;
    }
    view.set_zoom(1.5);
    for (int k = 0; k < 2 * count; ++k) turn(view, QPoint(0, k < count ? -24 : 24), Qt::ControlModifier, zoomed);
    panned.print("pan, all");
    zoomed.print("zoom through all levels");
  }
  return 0;
}

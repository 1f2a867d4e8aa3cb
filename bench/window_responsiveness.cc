// The window by its own clock, off screen: from the open graph to the first drawn frame, and the longest time that the UI
// thread did not answer while files were opened, nodes selected and settings tried.
//   bench_window_responsiveness FILE...
#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "ui/conversion_panel.h"
#include "ui/graph_view.h"
#include "ui/main_window.h"
#include "ui/picture_choices.h"

using namespace isotherm;
using namespace isotherm::ui;

namespace {

/// Processor time of this thread, ms: what it worked, whoever else wanted the processor.
double own_work() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Ticks every few milliseconds; a late tick is time in which the thread did something else.
class Heartbeat {
 public:
  Heartbeat() {
    timer_.setTimerType(Qt::PreciseTimer);
    QObject::connect(&timer_, &QTimer::timeout, [this] {
      longest_ = std::max(longest_, static_cast<double>(clock_.nsecsElapsed()) / 1e6);
      const double work = own_work();
      most_work_ = std::max(most_work_, work - work_);
      work_ = work;
      clock_.start();
    });
    clock_.start();
    timer_.start(2);
  }
  double take() {
    QApplication::processEvents();
    return std::exchange(longest_, 0.0);
  }
  /// The most that the thread worked between two ticks since the last call.
  double take_work() { return std::exchange(most_work_, 0.0); }

 private:
  QTimer timer_;
  QElapsedTimer clock_;
  double longest_ = 0, most_work_ = 0, work_ = own_work();
};

void wait_until(const std::function<bool()>& done, int milliseconds) {
  QElapsedTimer clock;
  clock.start();
  while (!done() && clock.elapsed() < milliseconds) QApplication::processEvents(QEventLoop::AllEvents, 2);
}

}  // namespace

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication app(argc, argv);
  QStandardPaths::setTestModeEnabled(true);
  QApplication::setOrganizationName(QStringLiteral("isotherm-bench"));
  for (int i = 1; i < argc; ++i) {
    MainWindow window(render::Theme::light);
    window.show();
    QElapsedTimer since_open, since_graph;
    double graph_ms = -1, frame_ms = -1;
    int pictures = 0;
    QObject::connect(&window, &MainWindow::document_changed, [&] {
      graph_ms = static_cast<double>(since_open.nsecsElapsed()) / 1e6;
      since_graph.start();
    });
    QObject::connect(&window, &MainWindow::first_frame, [&] {
      if (frame_ms < 0 && graph_ms >= 0) frame_ms = static_cast<double>(since_graph.nsecsElapsed()) / 1e6;
    });
    QObject::connect(&window, &MainWindow::pictures_changed, [&] { ++pictures; });
    wait_until([] { return false; }, 300);
    Heartbeat heartbeat;
    since_open.start();
    window.open_file(QString::fromLocal8Bit(argv[i]));
    wait_until([&] { return frame_ms >= 0 && pictures >= 2; }, 60000);
    if (!window.document()) {
      std::fprintf(stderr, "%s: %s\n", argv[i], window.failure_text().toStdString().c_str());
      return 1;
    }
    const double opening = heartbeat.take(), opening_work = heartbeat.take_work();
    double selecting = 0, selecting_work = 0, trying_work = 0;
    const NodeId count = window.document()->conversion->before->size();
    for (int k = 0; k < 20; ++k) {
      window.select_node(static_cast<NodeId>((static_cast<std::int64_t>(count) * k) / 20), false);
      wait_until([] { return false; }, 30);
      selecting = std::max(selecting, heartbeat.take());
      selecting_work = std::max(selecting_work, heartbeat.take_work());
    }
    // Settings tried one after the other: from the change to its answer, and how long the thread did not answer.
    double answer_ms = 0, trying = 0;
    if (auto* panel = window.findChild<ConversionPanel*>()) {
      bool answered = false;
      QObject::connect(&window, &MainWindow::preview_changed, [&] { answered = true; });
      for (const int size : {10, 1, 50, 3}) {
        ConversionParams params = window.document()->params;
        params.minimum_segment_size = size;
        answered = false;
        panel->apply(params);
        wait_until([&] { return answered && !window.busy(); }, 60000);
        if (const WhatIfAnswerPtr& answer = panel->card()->answer()) answer_ms = std::max(answer_ms, answer->milliseconds);
        trying = std::max(trying, heartbeat.take());
        trying_work = std::max(trying_work, heartbeat.take_work());
      }
    }
    // A picture of very many boxes is asked for and given up.
    double given_up = 0, giving_up = 0;
    {
      const auto old = window.findChild<GraphView*>(QStringLiteral("before"))->picture();
      window.choices()->set_repeats(false);
      window.choices()->set_most_nodes(20000);
      wait_until([] { return false; }, 150);
      QElapsedTimer since_stop;
      heartbeat.take();
      const bool busy = window.busy();
      since_stop.start();
      window.stop();
      wait_until([&] { return !window.busy(); }, 60000);
      given_up = busy ? static_cast<double>(since_stop.nsecsElapsed()) / 1e6 : 0;
      giving_up = heartbeat.take();
      if (busy && window.findChild<GraphView*>(QStringLiteral("before"))->picture() != old) std::printf("  (the picture was done before it was given up)\n");
    }
    std::printf("%s: %d nodes\n  open to graph %8.1f ms\n  graph to first frame %8.1f ms\n  longest without an answer: opening %.1f ms, selecting %.1f ms, trying settings %.1f ms\n  of it at work itself: opening %.1f ms, selecting %.1f ms, trying settings %.1f ms\n  a setting's answer at most %.1f ms\n  a layout given up after %.1f ms (longest without an answer %.1f ms)\n",
                argv[i], count, graph_ms, frame_ms, opening, selecting, trying, opening_work, selecting_work, trying_work, answer_ms, given_up, giving_up);
  }
  return 0;
}

// One long job at a time, off the UI thread, with progress and cancel.
#pragma once

#include <QObject>
#include <QtConcurrent>

#include <atomic>
#include <functional>
#include <memory>

#include "core/graph/progress.h"
#include "core/graph/status.h"

namespace isotherm::ui {

/// Runs `work` in a thread of the pool and hands its result to `done` on the UI thread. A new job of the same runner
/// cancels the one before it, whose result is then dropped.
class BackgroundJob final : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;
  ~BackgroundJob() override { cancel(); }

  template <class T>
  void start(const QString& title, std::function<Result<T>(const Progress&)> work, std::function<void(Result<T>)> done) {
    cancel();
    auto flag = std::make_shared<std::atomic<bool>>(false);
    cancel_flag_ = flag;
    const int number = ++number_;
    emit started(title);
    auto* watcher = new QFutureWatcher<std::shared_ptr<Result<T>>>(this);
    connect(watcher, &QFutureWatcherBase::finished, this, [this, watcher, number, done = std::move(done)] {
      const std::shared_ptr<Result<T>> result = watcher->result();
      watcher->deleteLater();
      if (number != number_) return;  // a newer job has taken its place
      cancel_flag_.reset();
      emit finished();
      done(std::move(*result));
    });
    watcher->setFuture(QtConcurrent::run([this, flag, number, work = std::move(work)] {
      Progress progress;
      progress.cancel = flag.get();
      progress.report = [this, number](double fraction, const std::string& what) {
        QMetaObject::invokeMethod(this, [this, number, fraction, text = QString::fromStdString(what)] {
          if (number == number_ && cancel_flag_) emit progressed(fraction, text);
        }, Qt::QueuedConnection);
      };
      try {
        return std::make_shared<Result<T>>(work(progress));
      } catch (const std::bad_alloc&) {
        return std::make_shared<Result<T>>(exhausted("out of memory"));
      } catch (const std::exception& e) {
        return std::make_shared<Result<T>>(internal_error(std::string("an unexpected error, a bug of this program: ") + e.what()));
      }
    }));
  }

  /// Asks the running job to stop and lets it go: its `done` does not come. True where one was running.
  bool give_up() {
    if (!cancel_flag_) return false;
    cancel();
    ++number_;
    cancel_flag_.reset();
    emit finished();
    return true;
  }

  [[nodiscard]] bool running() const { return cancel_flag_ != nullptr; }

 public slots:
  /// Asks the running job to stop; its `done` still comes, with the error `cancelled`.
  void cancel() {
    if (cancel_flag_) cancel_flag_->store(true);
  }

 signals:
  void started(const QString& title);
  /// `fraction` below zero: unknown.
  void progressed(double fraction, const QString& what);
  void finished();

 private:
  std::shared_ptr<std::atomic<bool>> cancel_flag_;
  int number_ = 0;
};

}  // namespace isotherm::ui

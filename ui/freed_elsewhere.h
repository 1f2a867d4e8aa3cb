// Large values that the UI thread holds, but does not spend its time on freeing.
#pragma once

#include <QCoreApplication>
#include <QThreadPool>

#include <memory>
#include <utility>

namespace isotherm::ui {

/// A value whose last owner leaves its destruction to a thread of the pool: a converted graph of 200,000 nodes takes
/// longer to free than a frame to draw.
template <class T>
std::shared_ptr<T> freed_elsewhere(T value) {
  return std::shared_ptr<T>(new T(std::move(value)), [](T* held) {
    // At the end of the program there is nobody left to wait.
    if (QCoreApplication::instance() && !QCoreApplication::closingDown()) QThreadPool::globalInstance()->start([held] { delete held; });
    else delete held;
  });
}

}  // namespace isotherm::ui

#include "core/segment/order_list.h"

namespace isotherm {
namespace {

constexpr std::uint64_t kEnd = std::uint64_t{1} << 62;  // labels are below
constexpr std::uint64_t kStep = std::uint64_t{1} << 30;

std::size_t at(int element) { return static_cast<std::size_t>(element); }

}  // namespace

OrderList::OrderList(int size) : label_(at(size)), next_(at(size), -1), previous_(at(size), -1) {}

void OrderList::push_back(int element) {
  if (last_ < 0) {
    first_ = last_ = element;
    label_[at(element)] = 0;
    return;
  }
  if (label_[at(last_)] + kStep < kEnd) {
    label_[at(element)] = label_[at(last_)] + kStep;
    next_[at(last_)] = element;
    previous_[at(element)] = last_;
    next_[at(element)] = -1;
    last_ = element;
  } else {
    insert_after(last_, element);
  }
}

void OrderList::insert_after(int position, int element) {
  const auto room = [&] {
    const int next = next_[at(position)];
    return (next < 0 ? kEnd : label_[at(next)]) - label_[at(position)];
  };
  if (room() < 2) relabel_around(position);
  label_[at(element)] = label_[at(position)] + room() / 2;
  const int next = next_[at(position)];
  next_[at(element)] = next;
  previous_[at(element)] = position;
  next_[at(position)] = element;
  if (next >= 0)
    previous_[at(next)] = element;
  else
    last_ = element;
}

void OrderList::remove(int element) {
  const int next = next_[at(element)], previous = previous_[at(element)];
  if (next >= 0)
    previous_[at(next)] = previous;
  else
    last_ = previous;
  if (previous >= 0)
    next_[at(previous)] = next;
  else
    first_ = next;
  next_[at(element)] = previous_[at(element)] = -1;
}

void OrderList::relabel_around(int element) {
  int left = element, right = element;
  std::uint64_t count = 1;
  double capacity = 1;  // elements that a range of this size may hold: a power of 3/2, so that ranges stay sparse
  for (int bits = 1; bits <= 62; ++bits) {
    capacity *= 1.5;
    const std::uint64_t begin = label_[at(element)] >> bits << bits;
    const std::uint64_t end = begin + (std::uint64_t{1} << bits);
    for (int e = previous_[at(left)]; e >= 0 && label_[at(e)] >= begin; e = previous_[at(left)]) left = e, ++count;
    for (int e = next_[at(right)]; e >= 0 && label_[at(e)] < end; e = next_[at(right)]) right = e, ++count;
    const std::uint64_t step = (std::uint64_t{1} << bits) / count;
    if (bits < 62 && (static_cast<double>(count) > capacity || step < 4)) continue;
    std::uint64_t label = begin;
    for (int e = left;; e = next_[at(e)], label += step) {
      label_[at(e)] = label;
      if (e == right) break;
    }
    return;
  }
}

}  // namespace isotherm

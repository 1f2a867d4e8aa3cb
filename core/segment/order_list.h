// A list whose elements know in constant time which of two comes first, and can be moved.
#pragma once

#include <cstdint>
#include <vector>

namespace isotherm {

/// Order maintenance by labels (Bender, Cole, Demaine, Farach-Colton, Zito: Two Simplified Algorithms for Maintaining
/// Order in a List, 2002): elements carry growing labels; where the labels run out, the smallest surrounding range
/// that is sparse enough is labelled afresh, O(log n) amortised per insertion.
class OrderList {
 public:
  /// Elements 0 .. size - 1, none of them in the list yet.
  explicit OrderList(int size);

  void push_back(int element);
  /// `element` is not in the list, `position` is.
  void insert_after(int position, int element);
  void remove(int element);
  /// Grows along the list; changes when elements are inserted.
  [[nodiscard]] std::uint64_t label(int element) const { return label_[static_cast<std::size_t>(element)]; }

 private:
  void relabel_around(int element);

  std::vector<std::uint64_t> label_;
  std::vector<int> next_, previous_;
  int first_ = -1, last_ = -1;
};

}  // namespace isotherm

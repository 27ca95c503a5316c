// Hierarchical clustering by the nearest-neighbour chain, in O(K^2) time (Muellner 2011, "Modern hierarchical,
// agglomerative clustering algorithms", arXiv 1109.2378): average, complete and Ward linkage.
//
// The distance of a cluster k to the union of i and j comes from theirs by the formula of Lance and Williams (1967):
//
//   average   (n_i d_ik + n_j d_jk) / (n_i + n_j)
//   complete  max(d_ik, d_jk)
//   ward      sqrt(((n_i + n_k) d_ik^2 + (n_j + n_k) d_jk^2 - n_k d_ij^2) / (n_i + n_j + n_k))
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cancellation.h"

namespace llmap {

enum class LinkageMethod { average, complete, ward };

// Clusters `a` < `b` (0..K-1 are the points, K + i is the i-th merge) joined at `height` into one of `size` points.
struct Merge {
  int32_t a;
  int32_t b;
  double height;
  int32_t size;
};

// distances: rows x rows, symmetric, not changed; for Ward's linkage Euclidean. squared: whether their square roots are
// the distances. Returns rows - 1 merges by increasing height, numbered as scipy's linkage does. Memory: one copy of
// the distances. Throws RowError for distances that are not finite, negative, or above 1e150.
std::vector<Merge> linkage(std::span<const double> distances, size_t rows, LinkageMethod method, bool squared,
                           const CancelFlag* cancel);

}  // namespace llmap

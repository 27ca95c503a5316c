// The inner loop of t-SNE: what all points do to one point, one implementation per instruction set.
//
//   w_ij = 1 / (1 + |y_i - y_j|^2)      attraction_i = sum_j p_ij w_ij (y_i - y_j)
//   z_i  = sum_j w_ij                   repulsion_i  = sum_j w_ij^2 (y_i - y_j)
//
// van der Maaten and Hinton 2008, "Visualizing data using t-SNE", section 3; the gradient is 4 (attraction - repulsion
// / sum_i z_i), without the terms j = i. Each pair is computed twice, once from each side: the sums on the other side
// would have to be loaded and stored again for every pair.
#pragma once

#include <cstddef>

#include "simd_level.h"

namespace llmap {

struct TsneForces {
  double z;  // the term j = i, which is 1, included
  double attraction[3];
  double repulsion[3];
};

// Rows of affinities and axes are padded to a multiple of this.
constexpr size_t kTsnePadding = 16;

// axes: `dimensions` (2 or 3) arrays of `padded` float32 coordinates, those of the padding so far away (kTsneFarAway)
// that they weigh nothing. affinities: the row p_i of `padded` values, 0 at i and in the padding. All sums are in
// float32 over short stretches and in float64 over these.
using TsneForcesFunction = TsneForces (*)(const float* const* axes, size_t dimensions, size_t padded,
                                          const float* affinities, size_t point);

constexpr float kTsneFarAway = 1e15f;

TsneForces tsne_forces_scalar(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                              size_t point);
TsneForces tsne_forces_avx2(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                            size_t point);
TsneForces tsne_forces_avx512(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                              size_t point);
TsneForces tsne_forces_neon(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                            size_t point);

// The implementation for a level; throws ERR_ARGUMENT where this machine does not run it.
TsneForcesFunction tsne_forces_for(SimdLevel level);

}  // namespace llmap

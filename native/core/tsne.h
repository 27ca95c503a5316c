// Exact t-SNE in two or three dimensions.
//
// van der Maaten and Hinton 2008, "Visualizing data using t-SNE": gradient descent on KL(P || Q) with momentum (0.5
// while exaggerated, then 0.8) and gains per coordinate (+0.2, x 0.8, at least 0.01), affinities exaggerated 12 times
// for the first 250 iterations, learning rate max(K / 48, 50): K / exaggeration as in Belkina et al. 2019, over the 4
// of the gradient, as scikit-learn's "auto".
//
// Every iteration takes K^2 pairs; the pairs are computed in float32 (tsne_forces.h), their sums and everything that is
// kept from one iteration to the next in float64.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "cancellation.h"
#include "progress.h"
#include "simd_level.h"
#include "tsne_affinities.h"

namespace llmap {

struct TsneOptions {
  double perplexity = 30;
  TsneMetric metric = TsneMetric::euclidean;
  size_t iterations = 1000;
  int threads = 1;
  SimdLevel simd = best_simd_level();
  const CancelFlag* cancel = nullptr;
  Progress* progress = nullptr;
};

struct TsneResult {
  std::vector<double> coordinates;  // rows x dimensions, row-major, centred
  double kl;                        // KL(P || Q) in nats, in float64
  size_t iterations;                // fewer than asked for where the gradient vanished (norm below 1e-7)
};

// squared_distances: rows x rows, symmetric, not changed; any scale. start: rows x dimensions (2 or 3), not changed;
// its first axis should have a standard deviation of about 1e-4. Memory: rows x rows float32. Throws ERR_ARGUMENT for a
// perplexity that is not in [1, rows / 3), RowError for distances that are not finite.
TsneResult tsne(std::span<const double> squared_distances, size_t rows, std::span<const double> start,
                const TsneOptions& options);

// The gradient of KL(exaggeration x P || Q) by the coordinates (rows x dimensions). For tests.
std::vector<double> tsne_gradient(const TsneAffinities& affinities, std::span<const double> coordinates,
                                  double exaggeration, int threads, SimdLevel simd);

// KL(P || Q) of coordinates (rows x dimensions), in nats, in float64.
double tsne_kl(const TsneAffinities& affinities, std::span<const double> coordinates, int threads,
               const CancelFlag* cancel);

}  // namespace llmap

// How well the cuts of a tree part its points: the silhouette (Rousseeuw 1987), for all numbers of clusters at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "cancellation.h"

namespace llmap {

// Mean silhouettes of the cuts into 2, 3, ..., `most` clusters: the mean over the points of (b - a) / max(a, b), a the
// mean distance to the own cluster and b to the nearest other one; 0 for a point alone in its cluster.
// Distances count as `cap` beyond it.
// squared_distances: rows x rows, symmetric. merges: rows - 1 pairs of clusters, numbered as linkage() does.
// most: 2 to rows. The distances are read once: coarser cuts join clusters of the finest one. Memory: rows x most.
// Throws RowError for distances that are negative or not finite.
std::vector<double> cut_silhouettes(std::span<const double> squared_distances, size_t rows,
                                    std::span<const int32_t> merges, size_t most, double cap, int threads,
                                    const CancelFlag* cancel);

// How far a point's neighbourhood of `share` of the others reaches, squared: the median over the points of the distance
// of rank floor(share (rows - 2)) to the other points, from 0, the lower of two medians. A few points far off do not
// move it. rows: 2 or more; share: 0 to 1.
// Throws RowError for NaN.
double median_reach(std::span<const double> squared_distances, size_t rows, double share, int threads,
                    const CancelFlag* cancel);

}  // namespace llmap

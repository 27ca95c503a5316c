// The nearest rows of every row, by tiles of squared distances (distance_tile.h), without the matrix of distances.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "cancellation.h"
#include "progress.h"

namespace llmap {

// Consecutive rows of a larger matrix; `first` is the number of the first one there.
template <typename T>
struct RowBlock {
  std::span<const T> values;
  size_t rows;
  size_t first;
};

// The nearest rows found so far: for each row of the larger matrix `count` squared distances in ascending order, equal
// ones by the number of the row, and those numbers. Places that are not yet filled hold infinity and -1.
struct NearestLists {
  std::span<double> distances;
  std::span<int32_t> rows;
  size_t count;
};

// Compares every row of block a with every row of block b and enters each in the other's list; where both are the same
// block, all its pairs. The lists do not depend on the order of calls, and neither on the blocks that the rows come in
// if these begin at multiples of kTileRows and a follows b. Memory besides the arguments: one tile of distances per
// thread, and for float two panels of a tile's rows.
// Throws RowError for a row whose squared norm is not finite.
template <typename T>
void update_nearest(RowBlock<T> a, RowBlock<T> b, size_t columns, NearestLists lists, int threads,
                    const CancelFlag* cancel, Progress* progress = nullptr);

}  // namespace llmap

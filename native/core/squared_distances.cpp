#include "squared_distances.h"

#include <algorithm>
#include <vector>

#include "blas.h"
#include "distance_tile.h"
#include "parallel.h"

namespace llmap {

namespace {

// Scales a tile below the diagonal and copies it to its mirror image, in blocks whose columns stay in the cache.
void scale_and_mirror(double* out, size_t rows, size_t i0, size_t j0, double scale) {
  constexpr size_t kBlock = 16;
  const size_t last_i = std::min(i0 + kTileRows, rows);
  const size_t last_j = std::min(j0 + kTileRows, rows);
  for (size_t j1 = j0; j1 < last_j; j1 += kBlock) {
    for (size_t i1 = i0; i1 < last_i; i1 += kBlock) {
      for (size_t i = i1; i < std::min(i1 + kBlock, last_i); ++i) {
        const size_t end = std::min({j1 + kBlock, last_j, i});
        for (size_t j = j1; j < end; ++j) {
          const double value = out[i * rows + j] * scale;
          out[i * rows + j] = value;
          out[j * rows + i] = value;
        }
      }
    }
  }
  if (i0 == j0) {
    for (size_t i = i0; i < last_i; ++i) out[i * rows + i] = 0;
  }
}

}  // namespace

template <typename T>
void squared_distances(std::span<const T> matrix, size_t rows, size_t columns, double scale, std::span<double> out,
                       int threads, const CancelFlag* cancel, Progress* progress) {
  const std::vector<double> norms = squared_norms(matrix, rows, columns, 0, threads, cancel);
  const auto tiles = lower_tiles(rows);
  const auto tile_of = [&](size_t first) {
    return RowTile<T>{matrix.data() + first * columns, norms.data() + first, std::min(kTileRows, rows - first)};
  };
  begin(progress, static_cast<double>(tiles.size()));
  const BlasSession session;
  parallel_for(tiles.size(), 1, threads, cancel, [&](size_t first, size_t) {
    const auto [i0, j0] = tiles[first];
    distance_tile(tile_of(i0), tile_of(j0), columns, out.data() + i0 * rows + j0, rows);
    scale_and_mirror(out.data(), rows, i0, j0, scale);
    advance(progress, 1);
  });
}

template void squared_distances(std::span<const float>, size_t, size_t, double, std::span<double>, int,
                                const CancelFlag*, Progress*);
template void squared_distances(std::span<const double>, size_t, size_t, double, std::span<double>, int,
                                const CancelFlag*, Progress*);

}  // namespace llmap

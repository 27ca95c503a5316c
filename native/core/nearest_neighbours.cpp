#include "nearest_neighbours.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "blas.h"
#include "distance_tile.h"
#include "parallel.h"

namespace llmap {

namespace {

// Enters a neighbour where it belongs by (distance, number), or nowhere.
void enter(NearestLists lists, size_t row, double distance, size_t neighbour) {
  double* distances = lists.distances.data() + row * lists.count;
  int32_t* rows = lists.rows.data() + row * lists.count;
  const auto number = static_cast<int32_t>(neighbour);
  const auto comes_before = [&](size_t place) {
    return distance < distances[place] || (distance == distances[place] && number < rows[place]);
  };
  size_t place = lists.count;
  while (place > 0 && (rows[place - 1] < 0 || comes_before(place - 1))) --place;
  if (place == lists.count) return;
  std::move_backward(distances + place, distances + lists.count - 1, distances + lists.count);
  std::move_backward(rows + place, rows + lists.count - 1, rows + lists.count);
  distances[place] = distance;
  rows[place] = number;
}

std::vector<std::pair<size_t, size_t>> all_tiles(size_t a_rows, size_t b_rows) {
  std::vector<std::pair<size_t, size_t>> tiles;
  for (size_t i = 0; i < a_rows; i += kTileRows) {
    for (size_t j = 0; j < b_rows; j += kTileRows) tiles.emplace_back(i, j);
  }
  return tiles;
}

template <typename T>
RowTile<T> tile_of(const RowBlock<T>& block, const std::vector<double>& norms, size_t columns, size_t first) {
  return {block.values.data() + first * columns, norms.data() + first, std::min(kTileRows, block.rows - first)};
}

}  // namespace

template <typename T>
void update_nearest(RowBlock<T> a, RowBlock<T> b, size_t columns, NearestLists lists, int threads,
                    const CancelFlag* cancel, Progress* progress) {
  const bool same = a.first == b.first;
  const std::vector<double> norms_a = squared_norms(a.values, a.rows, columns, a.first, threads, cancel);
  const std::vector<double> norms_b =
      same ? norms_a : squared_norms(b.values, b.rows, columns, b.first, threads, cancel);
  const auto tiles = same ? lower_tiles(a.rows) : all_tiles(a.rows, b.rows);
  // Two tiles may update the same lists: one lock for each tile's rows. The order of updates is of no effect.
  std::vector<std::mutex> locks((std::max(a.first + a.rows, b.first + b.rows) + kTileRows - 1) / kTileRows + 1);
  begin(progress, static_cast<double>(tiles.size()));
  const BlasSession session;

  parallel_for(tiles.size(), 1, threads, cancel, [&](size_t first, size_t) {
    const auto [i0, j0] = tiles[first];
    const RowTile<T> left = tile_of(a, norms_a, columns, i0);
    const RowTile<T> right = tile_of(same ? a : b, norms_b, columns, j0);
    std::vector<double> distances(left.rows * right.rows);
    distance_tile(left, right, columns, distances.data(), right.rows);

    const auto update = [&](size_t rows, size_t first_row, auto enter_row) {
      for (size_t i = 0; i < rows; ++i) {
        const std::lock_guard lock(locks[(first_row + i) / kTileRows]);
        enter_row(i);
      }
    };
    const bool diagonal = same && i0 == j0;
    update(left.rows, a.first + i0, [&](size_t i) {
      const size_t count = diagonal ? i : right.rows;
      for (size_t j = 0; j < count; ++j) {
        enter(lists, a.first + i0 + i, distances[i * right.rows + j], b.first + j0 + j);
      }
    });
    update(right.rows, b.first + j0, [&](size_t j) {
      for (size_t i = diagonal ? j + 1 : 0; i < left.rows; ++i) {
        enter(lists, b.first + j0 + j, distances[i * right.rows + j], a.first + i0 + i);
      }
    });
    advance(progress, 1);
  });
}

template void update_nearest(RowBlock<float>, RowBlock<float>, size_t, NearestLists, int, const CancelFlag*, Progress*);
template void update_nearest(RowBlock<double>, RowBlock<double>, size_t, NearestLists, int, const CancelFlag*,
                             Progress*);

}  // namespace llmap

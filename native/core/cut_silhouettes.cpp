#include "cut_silhouettes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "error.h"
#include "parallel.h"

namespace llmap {

namespace {

// Rows per chunk of a parallel loop; sums over rows are by chunk, so that their bits do not depend on the threads.
constexpr size_t kGrain = 64;
constexpr size_t kNoColumn = std::numeric_limits<size_t>::max();

// A tree cut into clusters, each of which has a column of the sums below. Joining two keeps the column of one.
class Cut {
 public:
  Cut(size_t rows, std::span<const int32_t> merges, size_t clusters)
      : rows_(rows), merges_(merges), next_merge_(rows - clusters), column_(2 * rows - 1, kNoColumn), own_(rows) {
    // From the top down, each cluster passes the one of the cut that holds it on to the two that it was joined from.
    std::vector<size_t> top(2 * rows - 1);
    std::iota(top.begin(), top.end(), size_t{0});
    for (size_t i = next_merge_; i-- > 0;) top[child(i, 0)] = top[child(i, 1)] = top[rows + i];
    for (size_t i = 0; i < rows; ++i) {
      size_t& column = column_[top[i]];
      if (column == kNoColumn) {
        column = columns_.size();
        columns_.push_back(column);
        sizes_.push_back(0);
      }
      own_[i] = column;
      ++sizes_[column];
    }
  }

  size_t clusters() const { return columns_.size(); }
  const std::vector<size_t>& columns() const { return columns_; }
  size_t column_of(size_t row) const { return own_[row]; }
  double size(size_t column) const { return static_cast<double>(sizes_[column]); }

  struct Joined {
    size_t into;
    size_t gone;
  };
  // The next coarser cut. The caller adds the sums of the column that is gone to those of the other.
  Joined join() {
    const size_t into = column_[child(next_merge_, 0)];
    const size_t gone = column_[child(next_merge_, 1)];
    column_[rows_ + next_merge_] = into;
    ++next_merge_;
    sizes_[into] += sizes_[gone];
    columns_.erase(std::find(columns_.begin(), columns_.end(), gone));
    std::replace(own_.begin(), own_.end(), gone, into);
    return {into, gone};
  }

 private:
  size_t child(size_t merge, size_t which) const { return static_cast<size_t>(merges_[2 * merge + which]); }

  size_t rows_;
  std::span<const int32_t> merges_;
  size_t next_merge_;
  std::vector<size_t> column_;   // of each cluster of the cut
  std::vector<size_t> columns_;  // in use
  std::vector<size_t> own_;      // column of each point
  std::vector<size_t> sizes_;    // points of each column
};

double silhouette(std::span<const double> sums, size_t own, const Cut& cut) {
  if (cut.size(own) == 1) return 0;
  const double within = sums[own] / (cut.size(own) - 1);
  double nearest = std::numeric_limits<double>::infinity();
  for (const size_t column : cut.columns()) {
    if (column != own) nearest = std::min(nearest, sums[column] / cut.size(column));
  }
  const double larger = std::max(within, nearest);
  return larger > 0 ? (nearest - within) / larger : 0;
}

}  // namespace

std::vector<double> cut_silhouettes(std::span<const double> squared_distances, size_t rows,
                                    std::span<const int32_t> merges, size_t most, double cap, int threads,
                                    const CancelFlag* cancel) {
  Cut cut(rows, merges, most);
  // rows x most: the sum of the distances from each point to the points of each cluster.
  std::vector<double> sums(rows * most, 0.0);
  parallel_for(rows, kGrain, threads, cancel, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      double* const to = sums.data() + i * most;
      for (size_t j = 0; j < rows; ++j) {
        const double square = squared_distances[i * rows + j];
        if (!(square >= 0 && std::isfinite(square))) {
          throw RowError("the squared distances", i, "a negative number, an infinity or NaN");
        }
        to[cut.column_of(j)] += std::min(cap, std::sqrt(square));
      }
    }
  });

  std::vector<double> means(most - 1);
  std::vector<double> partial((rows + kGrain - 1) / kGrain);
  for (;;) {
    parallel_for(rows, kGrain, threads, cancel, [&](size_t first, size_t last) {
      double total = 0;
      for (size_t i = first; i < last; ++i) {
        total += silhouette({sums.data() + i * most, most}, cut.column_of(i), cut);
      }
      partial[first / kGrain] = total;
    });
    means[cut.clusters() - 2] = std::accumulate(partial.begin(), partial.end(), 0.0) / static_cast<double>(rows);
    if (cut.clusters() == 2) return means;
    const auto [into, gone] = cut.join();
    for (size_t i = 0; i < rows; ++i) sums[i * most + into] += sums[i * most + gone];
  }
}

double median_reach(std::span<const double> squared_distances, size_t rows, double share, int threads,
                    const CancelFlag* cancel) {
  const auto rank = static_cast<ptrdiff_t>(share * static_cast<double>(rows - 2));
  std::vector<double> reaches(rows);
  parallel_for(rows, kGrain, threads, cancel, [&](size_t first, size_t last) {
    std::vector<double> others(rows - 1);
    for (size_t i = first; i < last; ++i) {
      const double* const row = squared_distances.data() + i * rows;
      std::copy(row + i + 1, row + rows, std::copy(row, row + i, others.begin()));
      if (std::any_of(others.begin(), others.end(), [](double square) { return std::isnan(square); })) {
        throw RowError("the squared distances", i, "NaN");
      }
      std::nth_element(others.begin(), others.begin() + rank, others.end());
      reaches[i] = others[static_cast<size_t>(rank)];
    }
  });
  const auto middle = reaches.begin() + static_cast<ptrdiff_t>((rows - 1) / 2);
  std::nth_element(reaches.begin(), middle, reaches.end());
  return *middle;
}

}  // namespace llmap

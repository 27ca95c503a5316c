#include "linkage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "error.h"
#include "huge_pages.h"

namespace llmap {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = 1e150;

struct RawMerge {
  size_t gone;
  size_t into;
  double height;
};

// Clusters by the place of one of their points. Every distance is there twice, so that the nearest cluster is found
// along a row.
class Clusters {
 public:
  Clusters(std::span<const double> distances, size_t rows, bool squared)
      : rows_(rows),
        distances_(allocate_on_huge_pages(distances.size())),
        gone_(rows, 0.0),
        sizes_(rows, 1),
        active_(rows) {
    if (squared) {
      std::transform(distances.begin(), distances.end(), distances_.get(),
                     [](double square) { return std::sqrt(square); });
    } else {
      std::copy(distances.begin(), distances.end(), distances_.get());
    }
    std::iota(active_.begin(), active_.end(), size_t{0});
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < rows; ++j) {
        if (std::isnan(at(i, j))) throw RowError("the distances", i, "NaN");
        if (at(i, j) < 0) throw RowError("the distances", i, "a negative number");
        if (at(i, j) > kLargest) throw RowError("the distances", i, "an infinity, or values whose squares overflow");
      }
      at(i, i) = kInfinity;
    }
  }

  size_t any() const { return active_.front(); }
  double distance(size_t i, size_t j) const { return distances_[i * rows_ + j]; }

  // The first of the nearest clusters.
  size_t nearest(size_t i) const {
    const double* const row = distances_.get() + i * rows_;
    constexpr size_t kLanes = 16;
    double least[kLanes];
    std::fill_n(least, kLanes, kInfinity);
    size_t j = 0;
    for (; j + kLanes <= rows_; j += kLanes) {
      for (size_t k = 0; k < kLanes; ++k) {
        const double distance = row[j + k] + gone_[j + k];
        least[k] = distance < least[k] ? distance : least[k];
      }
    }
    double minimum = *std::min_element(least, least + kLanes);
    for (; j < rows_; ++j) minimum = std::min(minimum, row[j] + gone_[j]);
    size_t first = 0;
    while (row[first] + gone_[first] != minimum) ++first;
    return first;
  }

  // Joins two clusters in the place of the second.
  void join(size_t gone, size_t into, LinkageMethod method) {
    const double between = distance(gone, into);
    gone_[gone] = kInfinity;
    active_.erase(std::lower_bound(active_.begin(), active_.end(), gone));
    for (const size_t k : active_) {
      if (k == into) continue;
      const double joined = updated(gone, into, k, between, method);
      at(into, k) = joined;
      at(k, into) = joined;
    }
    sizes_[into] += sizes_[gone];
  }

 private:
  double& at(size_t i, size_t j) { return distances_[i * rows_ + j]; }

  double updated(size_t i, size_t j, size_t k, double between, LinkageMethod method) const {
    const double d_i = distance(i, k);
    const double d_j = distance(j, k);
    const auto n_i = static_cast<double>(sizes_[i]);
    const auto n_j = static_cast<double>(sizes_[j]);
    const auto n_k = static_cast<double>(sizes_[k]);
    switch (method) {
      case LinkageMethod::average:
        return (n_i * d_i + n_j * d_j) / (n_i + n_j);
      case LinkageMethod::complete:
        return std::max(d_i, d_j);
      case LinkageMethod::ward:
        break;
    }
    const double square =
        ((n_i + n_k) * d_i * d_i + (n_j + n_k) * d_j * d_j - n_k * between * between) / (n_i + n_j + n_k);
    return std::sqrt(std::max(0.0, square));
  }

  size_t rows_;
  std::unique_ptr<double[]> distances_;  // rows x rows, infinite on the diagonal
  // Infinite for a place that is gone, else 0: added to distances, so that a scan has no branch.
  std::vector<double> gone_;
  std::vector<size_t> sizes_;
  std::vector<size_t> active_;  // ascending
};

// Sorts merges by height and numbers the clusters in that order, following each place to its current cluster.
std::vector<Merge> numbered(std::vector<RawMerge> raw, size_t rows) {
  std::stable_sort(raw.begin(), raw.end(), [](const RawMerge& x, const RawMerge& y) { return x.height < y.height; });
  std::vector<size_t> parent(rows);
  std::iota(parent.begin(), parent.end(), size_t{0});
  const auto root = [&](size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  std::vector<int32_t> cluster(rows);
  std::iota(cluster.begin(), cluster.end(), 0);
  std::vector<int32_t> size(rows, 1);
  std::vector<Merge> merges;
  merges.reserve(raw.size());
  for (const RawMerge& merge : raw) {
    const size_t gone = root(merge.gone);
    const size_t into = root(merge.into);
    const auto [a, b] = std::minmax(cluster[gone], cluster[into]);
    parent[gone] = into;
    size[into] += size[gone];
    merges.push_back({a, b, merge.height, size[into]});
    cluster[into] = static_cast<int32_t>(rows + merges.size() - 1);
  }
  return merges;
}

}  // namespace

std::vector<Merge> linkage(std::span<const double> distances, size_t rows, LinkageMethod method, bool squared,
                           const CancelFlag* cancel) {
  Clusters clusters(distances, rows, squared);
  std::vector<RawMerge> raw;
  raw.reserve(rows - 1);
  std::vector<size_t> chain;
  while (raw.size() + 1 < rows) {
    throw_if_cancelled(cancel);
    if (chain.empty()) chain.push_back(clusters.any());
    const size_t tip = chain.back();
    const size_t nearest = clusters.nearest(tip);
    if (chain.size() > 1) {
      // On ties the previous element wins, so that the chain ends.
      const size_t previous = chain[chain.size() - 2];
      if (clusters.distance(tip, previous) <= clusters.distance(tip, nearest)) {
        raw.push_back({tip, previous, clusters.distance(tip, previous)});
        chain.resize(chain.size() - 2);
        clusters.join(tip, previous, method);
        continue;
      }
    }
    chain.push_back(nearest);
  }
  return numbered(std::move(raw), rows);
}

}  // namespace llmap

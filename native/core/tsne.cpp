#include "tsne.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "error.h"
#include "parallel.h"
#include "parallel_rounds.h"
#include "tsne_forces.h"

namespace llmap {

namespace {

constexpr size_t kGrain = 16;  // rows a thread takes at a time
constexpr size_t kExaggeratedIterations = 250;
constexpr double kExaggeration = 12;
constexpr double kLeastGain = 0.01;
constexpr double kVanishedGradient = 1e-7;

// A map under way: its coordinates and the forces on its points.
class Embedding {
 public:
  Embedding(const TsneAffinities& affinities, std::span<const double> start, SimdLevel simd)
      : affinities_(affinities),
        rows_(affinities.rows),
        dimensions_(start.size() / affinities.rows),
        forces_for_(tsne_forces_for(simd)),
        coordinates_(start.begin(), start.end()),
        single_(dimensions_ * affinities.padded, kTsneFarAway),
        forces_(rows_) {
    for (size_t d = 0; d < dimensions_; ++d) axes_[d] = single_.data() + d * affinities.padded;
    round_coordinates();
  }

  size_t rows() const { return rows_; }
  std::vector<double>& coordinates() { return coordinates_; }

  void compute_forces(size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      forces_[i] =
          forces_for_(axes_, dimensions_, affinities_.padded, affinities_.values.data() + i * affinities_.padded, i);
    }
  }

  // The sum over all pairs of 1 / (1 + d^2), from the forces.
  double normaliser() const {
    double sum = 0;
    for (const TsneForces& force : forces_) sum += force.z - 1;
    return sum;
  }

  double gradient(size_t point, size_t dimension, double exaggeration, double normaliser) const {
    const TsneForces& force = forces_[point];
    return 4 * (exaggeration * force.attraction[dimension] - force.repulsion[dimension] / normaliser);
  }

  // Moves the centre to the origin, where float32 is finest, and takes the coordinates over for the kernel.
  void settle() {
    for (size_t d = 0; d < dimensions_; ++d) {
      double mean = 0;
      for (size_t i = 0; i < rows_; ++i) mean += coordinates_[i * dimensions_ + d];
      mean /= static_cast<double>(rows_);
      for (size_t i = 0; i < rows_; ++i) coordinates_[i * dimensions_ + d] -= mean;
    }
    round_coordinates();
  }

 private:
  void round_coordinates() {
    for (size_t d = 0; d < dimensions_; ++d) {
      float* const axis = single_.data() + d * affinities_.padded;
      for (size_t i = 0; i < rows_; ++i) axis[i] = static_cast<float>(coordinates_[i * dimensions_ + d]);
    }
  }

  const TsneAffinities& affinities_;
  size_t rows_;
  size_t dimensions_;
  TsneForcesFunction forces_for_;
  std::vector<double> coordinates_;
  std::vector<float> single_;
  const float* axes_[3] = {};
  std::vector<TsneForces> forces_;
};

// Gradient descent with momentum and gains, one move per iteration.
class Descent {
 public:
  Descent(Embedding& embedding, size_t values, double learning_rate)
      : embedding_(embedding),
        dimensions_(values / embedding.rows()),
        learning_rate_(learning_rate),
        moves_(values, 0.0),
        gains_(values, 1.0) {}

  void restart() {
    std::fill(moves_.begin(), moves_.end(), 0.0);
    std::fill(gains_.begin(), gains_.end(), 1.0);
  }

  // Returns the norm of the gradient.
  double step(double exaggeration, double momentum) {
    const double normaliser = embedding_.normaliser();
    std::vector<double>& coordinates = embedding_.coordinates();
    double squares = 0;
    for (size_t k = 0; k < moves_.size(); ++k) {
      const double gradient = embedding_.gradient(k / dimensions_, k % dimensions_, exaggeration, normaliser);
      squares += gradient * gradient;
      gains_[k] = moves_[k] * gradient < 0 ? gains_[k] + 0.2 : std::max(gains_[k] * 0.8, kLeastGain);
      moves_[k] = momentum * moves_[k] - learning_rate_ * gains_[k] * gradient;
      coordinates[k] += moves_[k];
    }
    embedding_.settle();
    return std::sqrt(squares);
  }

 private:
  Embedding& embedding_;
  size_t dimensions_;
  double learning_rate_;
  std::vector<double> moves_;
  std::vector<double> gains_;
};

void check(size_t rows, std::span<const double> start, double perplexity) {
  if (start.size() != 2 * rows && start.size() != 3 * rows) {
    throw Error(ErrorCode::argument, "Expected two or three coordinates per row for start but received " +
                                         std::to_string(start.size()) + " for " + std::to_string(rows) + " rows");
  }
  if (!(perplexity >= 1 && 3 * perplexity < static_cast<double>(rows))) {
    throw Error(ErrorCode::argument, "Expected a perplexity of at least 1 and below a third of the " +
                                         std::to_string(rows) + " rows but received " + std::to_string(perplexity));
  }
}

}  // namespace

TsneForcesFunction tsne_forces_for(SimdLevel level) {
  require_available(level);
  switch (level) {
#if defined(__x86_64__) || defined(_M_X64)
    case SimdLevel::avx512:
      return tsne_forces_avx512;
    case SimdLevel::avx2:
      return tsne_forces_avx2;
#elif defined(__aarch64__) || defined(_M_ARM64)
    case SimdLevel::neon:
      return tsne_forces_neon;
#endif
    default:
      return tsne_forces_scalar;
  }
}

TsneResult tsne(std::span<const double> squared_distances, size_t rows, std::span<const double> start,
                const TsneOptions& options) {
  check(rows, start, options.perplexity);
  const TsneAffinities affinities =
      tsne_affinities(squared_distances, rows, options.perplexity, options.metric, options.threads, options.cancel);
  Embedding embedding(affinities, start, options.simd);
  Descent descent(embedding, start.size(), std::max(static_cast<double>(rows) / kExaggeration / 4, 50.0));

  size_t done = 0;
  begin(options.progress, static_cast<double>(options.iterations));
  if (options.iterations > 0) {
    parallel_rounds(
        rows, kGrain, options.threads, options.cancel,
        [&](size_t first, size_t last) { embedding.compute_forces(first, last); },
        [&] {
          const bool exaggerated = done < kExaggeratedIterations;
          const double norm = descent.step(exaggerated ? kExaggeration : 1, exaggerated ? 0.5 : 0.8);
          if (++done == kExaggeratedIterations) descent.restart();
          advance(options.progress, 1);
          return done < options.iterations && (exaggerated || norm > kVanishedGradient);
        });
  }
  const double kl = tsne_kl(affinities, embedding.coordinates(), options.threads, options.cancel);
  return {std::move(embedding.coordinates()), kl, done};
}

std::vector<double> tsne_gradient(const TsneAffinities& affinities, std::span<const double> coordinates,
                                  double exaggeration, int threads, SimdLevel simd) {
  Embedding embedding(affinities, coordinates, simd);
  parallel_for(embedding.rows(), kGrain, threads, nullptr,
               [&](size_t first, size_t last) { embedding.compute_forces(first, last); });
  const double normaliser = embedding.normaliser();
  const size_t dimensions = coordinates.size() / embedding.rows();
  std::vector<double> gradient(coordinates.size());
  for (size_t k = 0; k < gradient.size(); ++k) {
    gradient[k] = embedding.gradient(k / dimensions, k % dimensions, exaggeration, normaliser);
  }
  return gradient;
}

double tsne_kl(const TsneAffinities& affinities, std::span<const double> coordinates, int threads,
               const CancelFlag* cancel) {
  const size_t rows = affinities.rows;
  const size_t dimensions = coordinates.size() / rows;
  // KL = sum p log p + sum p log(1 + d^2) + log Z, as the values of p add up to 1.
  struct Sums {
    double cost = 0;
    double total = 0;
    double z = 0;
  };
  std::vector<Sums> sums(rows);
  parallel_for(rows, kGrain, threads, cancel, [&](size_t first, size_t last) {
    for (size_t i = first; i < last; ++i) {
      for (size_t j = 0; j < rows; ++j) {
        if (j == i) continue;
        double distance = 1;
        for (size_t d = 0; d < dimensions; ++d) {
          const double difference = coordinates[i * dimensions + d] - coordinates[j * dimensions + d];
          distance += difference * difference;
        }
        sums[i].z += 1 / distance;
        const double p = affinities.values[i * affinities.padded + j];
        if (p > 0) sums[i].cost += p * std::log(p * distance);
        sums[i].total += p;
      }
    }
  });
  Sums all;
  for (const Sums& row : sums) {
    all.cost += row.cost;
    all.total += row.total;
    all.z += row.z;
  }
  return all.cost + all.total * std::log(all.z);
}

}  // namespace llmap

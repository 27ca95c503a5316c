// The portable implementation: float64 throughout, and the yardstick for the vectorised ones.
#include "tsne_forces.h"

namespace llmap {

TsneForces tsne_forces_scalar(const float* const* axes, size_t dimensions, size_t padded, const float* affinities,
                              size_t point) {
  TsneForces result{};
  for (size_t j = 0; j < padded; ++j) {
    double difference[3] = {};
    double distance = 1;
    for (size_t d = 0; d < dimensions; ++d) {
      difference[d] = static_cast<double>(axes[d][point]) - axes[d][j];
      distance += difference[d] * difference[d];
    }
    const double w = 1 / distance;
    result.z += w;
    for (size_t d = 0; d < dimensions; ++d) {
      result.attraction[d] += affinities[j] * w * difference[d];
      result.repulsion[d] += w * w * difference[d];
    }
  }
  return result;
}

}  // namespace llmap

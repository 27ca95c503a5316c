// Which vector instruction sets this binary contains and this CPU runs.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace llmap {

enum class SimdLevel { avx512, avx2, neon, scalar };

// "avx512", "avx2", "neon" or "scalar".
const char* name_of(SimdLevel level);
std::optional<SimdLevel> simd_level_from_name(std::string_view name);

// Levels that this binary contains, best first.
const std::vector<SimdLevel>& compiled_simd_levels();

// Levels that can be used here, best first; the last one is always `scalar`.
const std::vector<SimdLevel>& available_simd_levels();

// Throws ERR_ARGUMENT where the level cannot be used here.
void require_available(SimdLevel level);

inline SimdLevel best_simd_level() {
  return available_simd_levels().front();
}

}  // namespace llmap

#include "simd_level.h"

#include <algorithm>
#include <string>

#include "error.h"

namespace llmap {

const char* name_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::avx512:
      return "avx512";
    case SimdLevel::avx2:
      return "avx2";
    case SimdLevel::neon:
      return "neon";
    case SimdLevel::scalar:
      return "scalar";
  }
  return "scalar";
}

std::optional<SimdLevel> simd_level_from_name(std::string_view name) {
  for (const SimdLevel level : {SimdLevel::avx512, SimdLevel::avx2, SimdLevel::neon, SimdLevel::scalar}) {
    if (name == name_of(level)) return level;
  }
  return std::nullopt;
}

namespace {

std::vector<SimdLevel> detect() {
  std::vector<SimdLevel> levels;
#if defined(__x86_64__) || defined(_M_X64)
  // These builtins also ask the operating system whether it saves the registers. The AVX-512 set is the one that the
  // kernel's translation unit is compiled for (see CMakeLists.txt).
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma")) {
    levels.push_back(SimdLevel::avx512);
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) levels.push_back(SimdLevel::avx2);
#elif defined(__aarch64__) || defined(_M_ARM64)
  levels.push_back(SimdLevel::neon);
#endif
  levels.push_back(SimdLevel::scalar);
  return levels;
}

}  // namespace

const std::vector<SimdLevel>& compiled_simd_levels() {
#if defined(__x86_64__) || defined(_M_X64)
  static const std::vector<SimdLevel> levels{SimdLevel::avx512, SimdLevel::avx2, SimdLevel::scalar};
#elif defined(__aarch64__) || defined(_M_ARM64)
  static const std::vector<SimdLevel> levels{SimdLevel::neon, SimdLevel::scalar};
#else
  static const std::vector<SimdLevel> levels{SimdLevel::scalar};
#endif
  return levels;
}

const std::vector<SimdLevel>& available_simd_levels() {
  static const std::vector<SimdLevel> levels = detect();
  return levels;
}

void require_available(SimdLevel level) {
  const auto& available = available_simd_levels();
  if (std::find(available.begin(), available.end(), level) != available.end()) return;
  throw Error(ErrorCode::argument,
              std::string("Expected a SIMD level that this CPU runs but received ") + name_of(level));
}

}  // namespace llmap

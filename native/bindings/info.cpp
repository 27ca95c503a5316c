// info(): what this build and this machine can do.
#include <napi.h>

#include "available_cores.h"
#include "blas.h"
#include "functions.h"
#include "promise_worker.h"
#include "simd_level.h"

namespace llmap {

namespace {

Napi::Array names_of(Napi::Env env, const std::vector<SimdLevel>& levels) {
  Napi::Array names = Napi::Array::New(env, levels.size());
  for (size_t i = 0; i < levels.size(); ++i) names.Set(static_cast<uint32_t>(i), name_of(levels[i]));
  return names;
}

Napi::Value info(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  Napi::Object result = Napi::Object::New(env);
  result.Set("version", LLMAP_VERSION);
  result.Set("simd", name_of(best_simd_level()));
  result.Set("simdAvailable", names_of(env, available_simd_levels()));
  result.Set("simdCompiled", names_of(env, compiled_simd_levels()));
  result.Set("blas", blas_description());
  result.Set("cores", available_cores());
  return result;
}

}  // namespace

void export_info(Napi::Env env, Napi::Object exports) {
  exports.Set("info", Napi::Function::New(env, synchronous<info>, "info"));
}

}  // namespace llmap

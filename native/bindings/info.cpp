// info(): what this build and this machine can do.
#include <napi.h>

#include "available_cores.h"
#include "blas.h"
#include "functions.h"
#include "promise_worker.h"
#include "simd_level.h"

namespace llmap {

namespace {

Napi::Value info(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const auto& levels = available_simd_levels();
  Napi::Array names = Napi::Array::New(env, levels.size());
  for (size_t i = 0; i < levels.size(); ++i) names.Set(static_cast<uint32_t>(i), name_of(levels[i]));

  Napi::Object result = Napi::Object::New(env);
  result.Set("version", LLMAP_VERSION);
  result.Set("simd", name_of(best_simd_level()));
  result.Set("simdAvailable", names);
  result.Set("blas", blas_description());
  result.Set("cores", available_cores());
  return result;
}

}  // namespace

void export_info(Napi::Env env, Napi::Object exports) {
  exports.Set("info", Napi::Function::New(env, synchronous<info>, "info"));
}

}  // namespace llmap

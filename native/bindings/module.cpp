// The module: every function that the addon exports. The typed contract is lib/native/addon.ts.
#include <napi.h>

#include "functions.h"

namespace llmap {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  export_info(env, exports);
  export_allocate_table(env, exports);
  export_gather(env, exports);
  export_matrix(env, exports);
  export_map(env, exports);
  export_bootstrap(env, exports);
  export_ridge(env, exports);
#ifdef LLMAP_BORROWED_CONTEXT
  export_borrowed_context(env, exports);
#endif
  return exports;
}

}  // namespace llmap

static Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  return llmap::initialize(env, exports);
}
NODE_API_MODULE(llmap, initialize)

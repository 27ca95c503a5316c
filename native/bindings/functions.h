// What each file of bindings/ adds to the module.
#pragma once

#include <napi.h>

namespace llmap {

void export_info(Napi::Env env, Napi::Object exports);
void export_allocate_table(Napi::Env env, Napi::Object exports);
void export_gather(Napi::Env env, Napi::Object exports);
void export_matrix(Napi::Env env, Napi::Object exports);
void export_map(Napi::Env env, Napi::Object exports);
void export_bootstrap(Napi::Env env, Napi::Object exports);
void export_ridge(Napi::Env env, Napi::Object exports);
void export_borrowed_context(Napi::Env env, Napi::Object exports);

}  // namespace llmap

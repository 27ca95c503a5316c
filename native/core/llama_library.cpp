#include "llama_library.h"

#include "error.h"

#ifdef _WIN32
#define NOMINMAX
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace llmap {

namespace {

#ifdef _WIN32
void* open_loaded(const std::string& path) {
  const int length = MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, nullptr, 0);
  std::wstring wide(static_cast<size_t>(length > 0 ? length : 1), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, wide.data(), length);
  return GetModuleHandleW(wide.c_str());
}
void* find_symbol(void* library, const char* name) {
  return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name));
}
#else
// RTLD_NOLOAD: only a library that is already in the process, which is the one node-llama-cpp uses. The reference that
// dlopen counts is kept on purpose: the functions must outlive every borrowed context.
void* open_loaded(const std::string& path) {
  return dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
}
void* find_symbol(void* library, const char* name) {
  return dlsym(library, name);
}
#endif

template <typename Function>
void resolve_symbol(void* library, const std::string& path, const char* name, Function& function) {
  void* symbol = find_symbol(library, name);
  if (symbol == nullptr) {
    throw Error(ErrorCode::backend,
                "Expected the function " + std::string(name) + " in " + path + " but it is not there");
  }
  function = reinterpret_cast<Function>(symbol);
}

}  // namespace

LlamaLibrary LlamaLibrary::resolve(const std::string& path) {
  void* library = open_loaded(path);
  if (library == nullptr) {
    throw Error(ErrorCode::backend, "Expected llama.cpp's library to be loaded from " + path + " but it is not");
  }
  LlamaLibrary llama{};
  resolve_symbol(library, path, "llama_n_ctx", llama.n_ctx);
  resolve_symbol(library, path, "llama_n_batch", llama.n_batch);
  resolve_symbol(library, path, "llama_n_seq_max", llama.n_seq_max);
  resolve_symbol(library, path, "llama_get_model", llama.get_model);
  resolve_symbol(library, path, "llama_model_get_vocab", llama.model_get_vocab);
  resolve_symbol(library, path, "llama_vocab_n_tokens", llama.vocab_n_tokens);
  resolve_symbol(library, path, "llama_token_to_piece", llama.token_to_piece);
  resolve_symbol(library, path, "llama_get_memory", llama.get_memory);
  resolve_symbol(library, path, "llama_memory_clear", llama.memory_clear);
  resolve_symbol(library, path, "llama_decode", llama.decode);
  resolve_symbol(library, path, "llama_get_logits", llama.get_logits);
  return llama;
}

}  // namespace llmap

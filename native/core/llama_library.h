// The llama.cpp functions that scoring needs, resolved by name from the library that node-llama-cpp has already
// loaded into this process: no second copy of llama.cpp, whichever backend is in use.
#pragma once

#include <string>

#include "llama.h"

namespace llmap {

struct LlamaLibrary {
  decltype(&::llama_n_ctx) n_ctx;
  decltype(&::llama_n_batch) n_batch;
  decltype(&::llama_n_seq_max) n_seq_max;
  decltype(&::llama_get_model) get_model;
  decltype(&::llama_model_get_vocab) model_get_vocab;
  decltype(&::llama_vocab_n_tokens) vocab_n_tokens;
  decltype(&::llama_token_to_piece) token_to_piece;
  decltype(&::llama_get_memory) get_memory;
  decltype(&::llama_memory_clear) memory_clear;
  decltype(&::llama_decode) decode;
  decltype(&::llama_get_logits) get_logits;

  // Resolves every function from the loaded library at `path`; throws ERR_BACKEND where the library is not loaded
  // or lacks a function. The library stays loaded for as long as node-llama-cpp keeps it.
  static LlamaLibrary resolve(const std::string& path);
};

}  // namespace llmap

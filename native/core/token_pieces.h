// The bytes that the tokens of a vocabulary stand for.
#pragma once

#include <cstdint>
#include <vector>

#include "llama_library.h"

namespace llmap {

struct TokenPieces {
  // The pieces of all tokens, one after the other, in the order of their ids.
  std::vector<uint8_t> bytes;
  // Start of each piece in `bytes`, and the end of the last: tokens + 1 entries.
  std::vector<int32_t> starts;
};

// Unlike llama_detokenize, a piece leaves every space as it is. Control tokens have their spelling as a piece.
// Errors: ERR_SCORING where llama.cpp gives no piece for a token.
TokenPieces token_pieces(const LlamaLibrary& llama, const llama_vocab* vocab);

}  // namespace llmap

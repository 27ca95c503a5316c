#include "token_pieces.h"

#include <string>

#include "error.h"

namespace llmap {

TokenPieces token_pieces(const LlamaLibrary& llama, const llama_vocab* vocab) {
  const int32_t tokens = llama.vocab_n_tokens(vocab);
  TokenPieces pieces;
  pieces.starts.reserve(static_cast<size_t>(tokens) + 1);
  pieces.starts.push_back(0);
  std::vector<char> piece(256);
  for (llama_token token = 0; token < tokens; ++token) {
    const auto read = [&] {
      return llama.token_to_piece(vocab, token, piece.data(), static_cast<int32_t>(piece.size()), 0, true);
    };
    int32_t length = read();
    if (length < 0) {  // the size that it needs
      piece.resize(static_cast<size_t>(-length));
      length = read();
    }
    if (length < 0) throw Error(ErrorCode::scoring, "llama.cpp gave no piece for token " + std::to_string(token));
    pieces.bytes.insert(pieces.bytes.end(), piece.begin(), piece.begin() + length);
    pieces.starts.push_back(static_cast<int32_t>(pieces.bytes.size()));
  }
  return pieces;
}

}  // namespace llmap

// Log-likelihoods of token sequences under a loaded model: decode, then gather in place on llama.cpp's logits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "cancellation.h"
#include "llama.h"
#include "llama_library.h"

namespace llmap {

class SequenceScorer {
 public:
  // `context` belongs to node-llama-cpp and must outlive this object.
  SequenceScorer(const LlamaLibrary& llama, llama_context* context);

  int32_t vocabulary() const { return vocabulary_; }
  uint32_t context_size_per_sequence() const { return context_size_ / max_sequences_; }
  uint32_t batch_size() const { return batch_size_; }
  uint32_t max_sequences() const { return max_sequences_; }

  // Scores independent sequences, given one after the other in `tokens` with `lengths` tokens each.
  // log_likelihoods: one per sequence, nats, the sum over its tokens but the first (0 for a single token).
  // log_probs: one per scored token in order, or empty when not wanted.
  // The last token of a sequence is a target only, so it is not decoded. More tokens than the context's batch size are
  // decoded piece by piece. Errors: ERR_ARGUMENT, ERR_SCORING (llama_decode failed), ERR_NUMERIC (NaN logits),
  // ERR_ABORTED.
  void score(std::span<const int32_t> tokens, std::span<const int32_t> lengths, std::span<double> log_likelihoods,
             std::span<float> log_probs, int threads, const CancelFlag* cancel);

  // Decodes exactly as score() does and waits for the logits, but reads none of them: the limit that benchmarks compare
  // scoring with. Errors as score(), but for ERR_NUMERIC.
  void decode(std::span<const int32_t> tokens, std::span<const int32_t> lengths, const CancelFlag* cancel);

 private:
  // A token to decode, with the one that follows it.
  struct Position {
    int32_t sequence;
    int32_t index;
    int32_t token;
    int32_t target;
  };
  static std::vector<Position> positions_of(std::span<const int32_t> tokens, std::span<const int32_t> lengths);

  // What to do with the logits of positions [first, first + positions.size()): positions x vocabulary, in order.
  using LogitsReader = std::function<void(size_t first, std::span<const Position> positions, const float* logits)>;

  void check(std::span<const int32_t> tokens, std::span<const int32_t> lengths) const;
  // Clears the context's memory and decodes all positions, at most a batch of them at a time; `read` sees each one's
  // logits before the next is decoded.
  void decode_pieces(std::span<const Position> positions, const CancelFlag* cancel, const LogitsReader& read);
  // Logits of one piece, valid until the next.
  const float* decode_piece(std::span<const Position> positions, const CancelFlag* cancel);
  // Writes the log-probability of each position's target.
  void gather(std::span<const Position> positions, const float* logits, std::span<double> target_log_probs, int threads,
              const CancelFlag* cancel) const;

  LlamaLibrary llama_;
  llama_context* context_;
  int32_t vocabulary_;
  uint32_t context_size_;
  uint32_t batch_size_;
  uint32_t max_sequences_;
};

}  // namespace llmap

#include "sequence_scorer.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "error.h"
#include "log_softmax_gather.h"

namespace llmap {

SequenceScorer::SequenceScorer(const LlamaLibrary& llama, llama_context* context)
    : llama_(llama),
      context_(context),
      vocabulary_(llama.vocab_n_tokens(llama.model_get_vocab(llama.get_model(context)))),
      context_size_(llama.n_ctx(context)),
      batch_size_(llama.n_batch(context)),
      max_sequences_(llama.n_seq_max(context)) {}

void SequenceScorer::check(std::span<const int32_t> tokens, std::span<const int32_t> lengths) const {
  if (lengths.size() > max_sequences_) {
    throw Error(ErrorCode::argument, "Expected at most " + std::to_string(max_sequences_) +
                                         " sequences (the context's) but received " + std::to_string(lengths.size()));
  }
  int64_t total = 0;
  for (size_t s = 0; s < lengths.size(); ++s) {
    if (lengths[s] < 1 || static_cast<uint32_t>(lengths[s]) > context_size_per_sequence()) {
      throw Error(ErrorCode::argument, "Expected 1 to " + std::to_string(context_size_per_sequence()) +
                                           " tokens (the context size) in sequence " + std::to_string(s) +
                                           " but received " + std::to_string(lengths[s]));
    }
    total += lengths[s];
  }
  if (static_cast<size_t>(total) != tokens.size()) {
    throw Error(ErrorCode::argument, "Expected the lengths to add up to the " + std::to_string(tokens.size()) +
                                         " tokens but received " + std::to_string(total));
  }
  // llama.cpp checks what it decodes; targets go straight into the gather.
  const auto outside = std::find_if(tokens.begin(), tokens.end(), [&](int32_t t) { return t < 0 || t >= vocabulary_; });
  if (outside != tokens.end()) {
    throw Error(ErrorCode::argument, "Expected token ids in [0, " + std::to_string(vocabulary_) + ") but received " +
                                         std::to_string(*outside));
  }
}

std::vector<SequenceScorer::Position> SequenceScorer::positions_of(std::span<const int32_t> tokens,
                                                                   std::span<const int32_t> lengths) {
  std::vector<Position> positions;
  positions.reserve(tokens.size());
  size_t start = 0;
  for (size_t s = 0; s < lengths.size(); ++s) {
    for (int32_t i = 0; i + 1 < lengths[s]; ++i) {
      positions.push_back({static_cast<int32_t>(s), i, tokens[start + static_cast<size_t>(i)],
                           tokens[start + static_cast<size_t>(i) + 1]});
    }
    start += static_cast<size_t>(lengths[s]);
  }
  return positions;
}

void SequenceScorer::score(std::span<const int32_t> tokens, std::span<const int32_t> lengths,
                           std::span<double> log_likelihoods, std::span<float> log_probs, int threads,
                           const CancelFlag* cancel) {
  check(tokens, lengths);
  const std::vector<Position> positions = positions_of(tokens, lengths);
  std::vector<double> target_log_probs(positions.size());
  decode_pieces(positions, cancel, [&](size_t first, std::span<const Position> piece, const float* logits) {
    gather(piece, logits, std::span(target_log_probs).subspan(first, piece.size()), threads, cancel);
  });

  std::fill(log_likelihoods.begin(), log_likelihoods.end(), 0.0);
  for (size_t p = 0; p < positions.size(); ++p) {
    log_likelihoods[static_cast<size_t>(positions[p].sequence)] += target_log_probs[p];
  }
  if (!log_probs.empty()) {
    std::transform(target_log_probs.begin(), target_log_probs.end(), log_probs.begin(),
                   [](double value) { return static_cast<float>(value); });
  }
}

void SequenceScorer::decode(std::span<const int32_t> tokens, std::span<const int32_t> lengths,
                            const CancelFlag* cancel) {
  check(tokens, lengths);
  decode_pieces(positions_of(tokens, lengths), cancel, [](size_t, std::span<const Position>, const float*) {});
}

void SequenceScorer::decode_pieces(std::span<const Position> positions, const CancelFlag* cancel,
                                   const LogitsReader& read) {
  // Metadata only: masked cells hold finite stale values and get a weight of exactly 0, so results do not depend on
  // them.
  llama_.memory_clear(llama_.get_memory(context_), false);

  for (size_t first = 0; first < positions.size(); first += batch_size_) {
    const auto piece = positions.subspan(first, std::min<size_t>(batch_size_, positions.size() - first));
    read(first, piece, decode_piece(piece, cancel));
  }
}

const float* SequenceScorer::decode_piece(std::span<const Position> positions, const CancelFlag* cancel) {
  const size_t count = positions.size();
  std::vector<llama_token> tokens(count);
  std::vector<llama_pos> indices(count);
  std::vector<int32_t> sequences_per_token(count, 1);
  std::vector<llama_seq_id> sequences(count);
  std::vector<llama_seq_id*> sequence_pointers(count);
  std::vector<int8_t> outputs(count, 1);
  for (size_t p = 0; p < count; ++p) {
    tokens[p] = positions[p].token;
    indices[p] = positions[p].index;
    sequences[p] = positions[p].sequence;
    sequence_pointers[p] = &sequences[p];
  }

  llama_batch batch{};
  batch.n_tokens = static_cast<int32_t>(count);
  batch.token = tokens.data();
  batch.pos = indices.data();
  batch.n_seq_id = sequences_per_token.data();
  batch.seq_id = sequence_pointers.data();
  batch.logits = outputs.data();

  throw_if_cancelled(cancel);
  const int32_t status = llama_.decode(context_, batch);
  if (status != 0) {
    throw Error(ErrorCode::scoring, "llama.cpp could not decode a batch of " + std::to_string(count) +
                                        " tokens (llama_decode returned " + std::to_string(status) +
                                        (status == 1 ? ": no room in the context's memory)" : ")"));
  }
  // Waits for the device, and puts the rows into the order of the batch: they are contiguous afterwards.
  const float* logits = llama_.get_logits(context_);
  if (logits == nullptr) throw Error(ErrorCode::scoring, "llama.cpp returned no logits for a decoded batch");
  return logits;
}

void SequenceScorer::gather(std::span<const Position> positions, const float* logits,
                            std::span<double> target_log_probs, int threads, const CancelFlag* cancel) const {
  std::vector<int32_t> targets(positions.size());
  std::transform(positions.begin(), positions.end(), targets.begin(), [](const Position& p) { return p.target; });
  try {
    log_softmax_gather(logits, positions.size(), static_cast<size_t>(vocabulary_), targets.data(),
                       target_log_probs.data(), {.threads = threads, .cancel = cancel});
  } catch (const RowError& error) {
    const Position& position = positions[error.row()];
    throw SequenceError(static_cast<size_t>(position.sequence), static_cast<size_t>(position.index), error.reason());
  }
}

}  // namespace llmap

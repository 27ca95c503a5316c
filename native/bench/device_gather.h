// The samplers that gather on the device: one chain per sequence of a context, through llama.cpp's backend samplers.
//
// A sampler gets one row of logits per call and may put any tensor of up to a row's size in its place; llama.cpp then
// copies that tensor to the host instead of the row. Here it is three numbers per row, and the host computes in float64
//   log p(target) = (logit[target] - max logit) + log(softmax at the maximum)
// which neither underflows for improbable targets nor loses digits to float32 where logits are large.
#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "ggml-backend.h"
#include "ggml.h"
#include "llama.h"

namespace llmap {

constexpr int64_t kParts = 3;  // logit of the target, the largest logit, its probability

struct Deleter {
  void operator()(llama_model* model) const { llama_model_free(model); }
  void operator()(llama_context* context) const { llama_free(context); }
  void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
};
template <typename T>
using Owned = std::unique_ptr<T, Deleter>;

using Clock = std::chrono::steady_clock;
inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// logits: vocabulary x rows; targets: 1 x rows (int32). Returns kParts x 1 x rows.
inline ggml_tensor* parts_of(ggml_context* ctx, ggml_tensor* logits, ggml_tensor* targets) {
  const int64_t vocabulary = logits->ne[0];
  const int64_t rows = logits->ne[1];
  ggml_tensor* best = ggml_reshape_2d(ctx, ggml_argmax(ctx, logits), 1, rows);
  ggml_tensor* columns = ggml_reshape_3d(ctx, logits, 1, vocabulary, rows);
  ggml_tensor* probabilities = ggml_reshape_3d(ctx, ggml_soft_max(ctx, logits), 1, vocabulary, rows);
  ggml_tensor* pair = ggml_concat(ctx, ggml_get_rows(ctx, columns, targets), ggml_get_rows(ctx, columns, best), 0);
  return ggml_concat(ctx, pair, ggml_get_rows(ctx, probabilities, best), 0);
}

inline double log_prob_of(const float* parts) {
  return (static_cast<double>(parts[0]) - static_cast<double>(parts[1])) + std::log(static_cast<double>(parts[2]));
}

inline ggml_tensor* new_input(ggml_context* ctx, int64_t rows) {
  ggml_tensor* input = ggml_new_tensor_2d(ctx, GGML_TYPE_I32, 1, rows);
  ggml_set_input(input);
  return input;
}

enum class Mode {
  host,    // decode, copy all logits, gather on the host
  rows,    // the interface as it is meant: the nodes for every output row
  matrix,  // the nodes once, on the matrix of logits that the rows are views of
};

constexpr const char* name_of(Mode mode) {
  return mode == Mode::host ? "host" : mode == Mode::rows ? "row by row" : "whole matrix";
}

// The samplers of one context, one per sequence, and what they share. Must outlive the context.
class DeviceGather {
 public:
  DeviceGather(Mode mode, size_t sequences) : mode_(mode), members_(sequences) {
    for (size_t s = 0; s < sequences; ++s) {
      members_[s].gather = this;
      Owned<llama_sampler> chain(llama_sampler_chain_init(llama_sampler_chain_default_params()));
      llama_sampler_chain_add(chain.get(), llama_sampler_init(&interface_, &members_[s]));
      configs_.push_back({static_cast<llama_seq_id>(s), chain.get()});
      chains_.push_back(std::move(chain));
    }
  }
  DeviceGather(const DeviceGather&) = delete;
  DeviceGather& operator=(const DeviceGather&) = delete;

  std::vector<llama_sampler_seq_config>& configs() { return configs_; }
  // The targets of a sequence's next outputs, in the order of their positions. Call before llama_decode.
  void set_targets(size_t sequence, std::span<const int32_t> targets) { members_[sequence].targets = targets; }
  // Seconds from the begin of the samplers' nodes until the whole graph is allocated, in the last graph.
  double build_seconds() const { return build_seconds_; }
  bool unsupported() const { return unsupported_; }

 private:
  struct Member {
    DeviceGather* gather = nullptr;
    std::vector<ggml_tensor*> inputs;  // rows: one per output of this sequence in the present graph
    std::vector<size_t> rows;          // matrix: the outputs of this sequence in the present graph
    std::span<const int32_t> targets;  // not yet used
  };

  static Member& member_of(llama_sampler* sampler) { return *static_cast<Member*>(sampler->ctx); }

  // The logits that `row` is a view of: llama.cpp pads them by a row, and hands out views of the padded copy.
  static ggml_tensor* matrix_behind(const ggml_tensor* row) {
    const ggml_tensor* padded = row->view_src;
    if (padded == nullptr || padded->op != GGML_OP_PAD) return nullptr;
    ggml_tensor* logits = padded->src[0];
    return logits->type == GGML_TYPE_F32 && ggml_is_contiguous(logits) ? logits : nullptr;
  }

  static bool init(llama_sampler* sampler, ggml_backend_buffer_type_t buffers, uint32_t /*n_outputs_max_per_seq*/) {
    const ggml_backend_dev_t device = ggml_backend_buft_get_device(buffers);
    if (device == nullptr) return true;  // the CPU's buffers belong to no device
    const std::unique_ptr<ggml_context, decltype(&ggml_free)> ctx(
        ggml_init({.mem_size = 64 * ggml_tensor_overhead(), .mem_buffer = nullptr, .no_alloc = true}), &ggml_free);
    parts_of(ctx.get(), ggml_new_tensor_2d(ctx.get(), GGML_TYPE_F32, 1 << 17, 8), new_input(ctx.get(), 8));
    for (ggml_tensor* t = ggml_get_first_tensor(ctx.get()); t != nullptr; t = ggml_get_next_tensor(ctx.get(), t)) {
      if (t->op == GGML_OP_NONE || ggml_backend_dev_supports_op(device, t)) continue;
      std::fprintf(stderr, "%s does not support %s\n", ggml_backend_dev_name(device), ggml_op_name(t->op));
      member_of(sampler).gather->unsupported_ = true;
      return false;
    }
    return true;
  }

  static void reset(llama_sampler* sampler) {
    Member& member = member_of(sampler);
    member.inputs.clear();
    member.rows.clear();
    member.gather->parts_ = nullptr;
    member.gather->targets_ = nullptr;
    member.gather->started_ = Clock::now();
  }

  static void apply(llama_sampler* sampler, ggml_context* ctx, ggml_cgraph* /*graph*/, llama_sampler_data* data) {
    Member& member = member_of(sampler);
    DeviceGather& gather = *member.gather;
    ggml_tensor* logits = gather.mode_ == Mode::matrix ? matrix_behind(data->logits) : nullptr;
    if (logits == nullptr) {
      member.inputs.push_back(new_input(ctx, 1));
      data->logits = parts_of(ctx, ggml_reshape_2d(ctx, data->logits, data->logits->ne[0], 1), member.inputs.back());
      return;
    }
    if (gather.parts_ == nullptr) {
      gather.targets_ = new_input(ctx, logits->ne[1]);
      gather.parts_ = parts_of(ctx, logits, gather.targets_);
    }
    const size_t row = data->logits->view_offs / logits->nb[1];
    member.rows.push_back(row);
    data->logits = ggml_view_1d(ctx, gather.parts_, kParts, row * kParts * sizeof(float));
  }

  // Is not told which outputs the graph is about to compute; they are the sequence's next ones.
  static void set_input(llama_sampler* sampler) {
    Member& member = member_of(sampler);
    DeviceGather& gather = *member.gather;
    gather.build_seconds_ = seconds_since(gather.started_);
    const size_t count = member.inputs.size() + member.rows.size();
    const std::span<const int32_t> next = member.targets.first(count);
    member.targets = member.targets.subspan(count);
    for (size_t i = 0; i < member.inputs.size(); ++i) {
      ggml_backend_tensor_set(member.inputs[i], &next[i], 0, sizeof(int32_t));
    }
    // One copy per run of neighbouring rows; llama.cpp keeps the tokens of a sequence together in a graph.
    for (size_t first = 0, last = 0; first < member.rows.size(); first = last) {
      for (last = first + 1; last < member.rows.size() && member.rows[last] == member.rows[last - 1] + 1;) ++last;
      ggml_backend_tensor_set(gather.targets_, &next[first], member.rows[first] * sizeof(int32_t),
                              (last - first) * sizeof(int32_t));
    }
  }

  llama_sampler_i interface_{
      .name = [](const llama_sampler*) { return "target log-probability"; },
      .accept = nullptr,
      .apply = [](llama_sampler*, llama_token_data_array*) {},
      .reset = nullptr,
      .clone = nullptr,
      .free = nullptr,
      .backend_init = init,
      .backend_accept = nullptr,
      .backend_apply = apply,
      .backend_set_input = set_input,
      .backend_reset = reset,
      .copy_state = nullptr,
  };
  Mode mode_;
  std::vector<Member> members_;
  std::vector<Owned<llama_sampler>> chains_;
  std::vector<llama_sampler_seq_config> configs_;
  ggml_tensor* parts_ = nullptr;
  ggml_tensor* targets_ = nullptr;
  Clock::time_point started_;
  double build_seconds_ = 0;
  bool unsupported_ = false;
};

}  // namespace llmap

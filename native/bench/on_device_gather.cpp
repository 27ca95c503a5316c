// The log-softmax gather inside llama.cpp's graph, through its backend samplers, against decoding and gathering on the
// host: speed, graph nodes, memory, and the worst difference. Usage: on_device_gather --model FILE --name TEXT
// [--json] [--quick] [--threads N] [--backends FOLDER]
//
// A sampler gets one row of logits per call and may put any tensor of up to a row's size in its place; llama.cpp then
// copies that tensor to the host instead of the row. Here it is three numbers per row, and the host computes in float64
//   log p(target) = (logit[target] - max logit) + log(softmax at the maximum)
// which neither underflows for improbable targets nor loses digits to float32 where logits are large.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <numeric>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#ifndef _WIN32
#include <unistd.h>
#endif

#include "ggml-backend.h"
#include "ggml.h"
#include "llama.h"
#include "log_softmax_gather.h"

namespace {

constexpr int64_t kParts = 3;  // logit of the target, the largest logit, its probability

struct Deleter {
  void operator()(llama_model* model) const { llama_model_free(model); }
  void operator()(llama_context* context) const { llama_free(context); }
  void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
};
template <typename T>
using Owned = std::unique_ptr<T, Deleter>;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Resident memory of this process in bytes; 0 where the system does not tell (only Linux does here).
double resident_bytes() {
#ifdef _WIN32
  return 0;
#else
  std::ifstream file("/proc/self/statm");
  double total = 0, resident = 0;
  return file >> total >> resident ? resident * static_cast<double>(sysconf(_SC_PAGESIZE)) : 0;
#endif
}

// logits: vocabulary x rows; targets: 1 x rows (int32). Returns kParts x 1 x rows.
ggml_tensor* parts_of(ggml_context* ctx, ggml_tensor* logits, ggml_tensor* targets) {
  const int64_t vocabulary = logits->ne[0];
  const int64_t rows = logits->ne[1];
  ggml_tensor* best = ggml_reshape_2d(ctx, ggml_argmax(ctx, logits), 1, rows);
  ggml_tensor* columns = ggml_reshape_3d(ctx, logits, 1, vocabulary, rows);
  ggml_tensor* probabilities = ggml_reshape_3d(ctx, ggml_soft_max(ctx, logits), 1, vocabulary, rows);
  ggml_tensor* pair = ggml_concat(ctx, ggml_get_rows(ctx, columns, targets), ggml_get_rows(ctx, columns, best), 0);
  return ggml_concat(ctx, pair, ggml_get_rows(ctx, probabilities, best), 0);
}

double log_prob_of(const float* parts) {
  return (static_cast<double>(parts[0]) - static_cast<double>(parts[1])) + std::log(static_cast<double>(parts[2]));
}

ggml_tensor* new_input(ggml_context* ctx, int64_t rows) {
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

// Sequences of random tokens in one batch, every token with an output and a target.
struct Work {
  Work(const std::vector<int32_t>& lengths, int32_t vocabulary)
      : lengths(lengths), count(static_cast<size_t>(std::accumulate(lengths.begin(), lengths.end(), 0))) {
    std::mt19937 random(11);
    std::uniform_int_distribution<int32_t> token(0, vocabulary - 1);
    for (size_t s = 0; s < lengths.size(); ++s) {
      for (int32_t i = 0; i < lengths[s]; ++i) {
        tokens.push_back(token(random));
        targets.push_back(token(random));
        positions.push_back(i);
        sequences.push_back(static_cast<llama_seq_id>(s));
      }
    }
    for (llama_seq_id& sequence : sequences) sequence_pointers.push_back(&sequence);
    sequences_per_token.assign(count, 1);
    outputs.assign(count, 1);
  }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  llama_batch batch() {
    llama_batch batch{};
    batch.n_tokens = static_cast<int32_t>(count);
    batch.token = tokens.data();
    batch.pos = positions.data();
    batch.n_seq_id = sequences_per_token.data();
    batch.seq_id = sequence_pointers.data();
    batch.logits = outputs.data();
    return batch;
  }

  std::vector<int32_t> lengths;
  size_t count;
  std::vector<llama_token> tokens;
  std::vector<int32_t> targets;
  std::vector<llama_pos> positions;
  std::vector<llama_seq_id> sequences;
  std::vector<llama_seq_id*> sequence_pointers;
  std::vector<int32_t> sequences_per_token;
  std::vector<int8_t> outputs;
};

// Counts the nodes that the scheduler walks over; the answer "not needed" leaves the computation as it is.
bool count_node(ggml_tensor* /*node*/, bool ask, void* counter) {
  if (ask) ++*static_cast<size_t*>(counter);
  return false;
}

class Scorer {
 public:
  Scorer(llama_model* model, Mode mode, const Work& work, int threads, size_t* node_counter)
      : mode_(mode),
        threads_(threads),
        vocabulary_(llama_vocab_n_tokens(llama_model_get_vocab(model))),
        gather_(mode, mode == Mode::host ? 0 : work.lengths.size()) {
    const auto sequences = static_cast<uint32_t>(work.lengths.size());
    const auto longest = static_cast<uint32_t>(*std::max_element(work.lengths.begin(), work.lengths.end()));
    llama_context_params params = llama_context_default_params();
    params.n_ctx = sequences * std::max(longest, 256u);
    params.n_batch = params.n_ubatch = static_cast<uint32_t>(work.count);
    params.n_seq_max = sequences;
    params.n_outputs_max_per_seq = 0;  // as many as the batch has
    params.n_threads = params.n_threads_batch = threads;
    params.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.samplers = gather_.configs().data();
    params.n_samplers = gather_.configs().size();
    if (node_counter != nullptr) {
      params.cb_eval = count_node;
      params.cb_eval_user_data = node_counter;
    }
    context_.reset(llama_init_from_model(model, params));
    if (context_ == nullptr || gather_.unsupported()) throw std::runtime_error("llama.cpp could not make a context");
  }

  void score(Work& work, std::vector<double>& log_probs) {
    llama_memory_clear(llama_get_memory(context_.get()), false);
    if (mode_ != Mode::host) {
      std::span<const int32_t> targets(work.targets);
      for (size_t s = 0; s < work.lengths.size(); ++s) {
        const auto length = static_cast<size_t>(work.lengths[s]);
        gather_.set_targets(s, targets.first(length));
        targets = targets.subspan(length);
      }
    }
    if (const int status = llama_decode(context_.get(), work.batch()); status != 0) {
      throw std::runtime_error("llama_decode returned " + std::to_string(status));
    }
    if (mode_ == Mode::host) {
      llmap::log_softmax_gather(llama_get_logits(context_.get()), work.count, static_cast<size_t>(vocabulary_),
                                work.targets.data(), log_probs.data(), {.threads = threads_});
      return;
    }
    for (size_t i = 0; i < work.count; ++i) {
      const auto index = static_cast<int32_t>(i);
      const float* parts = llama_get_sampled_logits_ith(context_.get(), index);
      if (parts == nullptr || llama_get_sampled_logits_count_ith(context_.get(), index) != kParts) {
        throw std::runtime_error("llama.cpp returned no result of the sampler for output " + std::to_string(i));
      }
      log_probs[i] = log_prob_of(parts);
    }
  }

  double build_seconds() const { return gather_.build_seconds(); }

 private:
  Mode mode_;
  int threads_;
  int32_t vocabulary_;
  DeviceGather gather_;
  Owned<llama_context> context_;
};

size_t count_nodes(llama_model* model, Mode mode, Work& work, int threads) {
  size_t nodes = 0;
  Scorer scorer(model, mode, work, threads, &nodes);
  std::vector<double> log_probs(work.count);
  scorer.score(work, log_probs);
  return nodes;
}

double best(const std::vector<double>& seconds) {
  return *std::min_element(seconds.begin(), seconds.end());
}

struct Options {
  std::string model;
  std::string name;
  std::string backends;
  int threads = 1;  // more would measure llama.cpp's barriers between nodes, which a GPU does not have
  bool quick = false;
  bool json = false;
};

struct Measured {
  Mode mode;
  std::unique_ptr<Scorer> scorer{};
  std::vector<double> log_probs{};
  std::vector<double> seconds{};
  std::vector<double> build_seconds{};
  double resident = 0;  // bytes that the context and its first batch added
  size_t nodes = 0;
};

void measure(llama_model* model, const std::vector<int32_t>& lengths, const std::string& name, const Options& options) {
  const int32_t vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model));
  Work work(lengths, vocabulary);
  const int runs = options.quick ? 3 : 21;

  std::vector<Measured> all;
  for (const Mode mode : {Mode::host, Mode::rows, Mode::matrix}) {
    Measured one{.mode = mode, .nodes = count_nodes(model, mode, work, options.threads)};
    one.log_probs.resize(work.count);
    const double before = resident_bytes();
    one.scorer = std::make_unique<Scorer>(model, mode, work, options.threads, nullptr);
    one.scorer->score(work, one.log_probs);
    one.resident = resident_bytes() - before;
    all.push_back(std::move(one));
  }
  for (int run = 0; run < runs; ++run) {
    for (Measured& one : all) {
      const auto start = Clock::now();
      one.scorer->score(work, one.log_probs);
      one.seconds.push_back(seconds_since(start));
      one.build_seconds.push_back(one.scorer->build_seconds());
    }
  }

  const Measured& host = all.front();
  const auto tokens = static_cast<double>(work.count);
  const double peer = tokens / best(host.seconds);
  const double row_bytes = 4.0 * vocabulary;
  const double output_rows = static_cast<double>(std::max(work.count, lengths.size()));
  constexpr double kMiB = 1024 * 1024;
  for (size_t k = 1; k < all.size(); ++k) {
    const Measured& one = all[k];
    double worst = 0;
    double lowest = 0;
    for (size_t i = 0; i < work.count; ++i) {
      const double difference = std::abs(one.log_probs[i] - host.log_probs[i]);
      worst = difference <= worst ? worst : difference;  // NaN stays
      lowest = std::min(lowest, host.log_probs[i]);
    }
    const double ours = tokens / best(one.seconds);
    if (options.json) {
      std::printf(
          "{\"bench\":\"on-device gather\",\"case\":\"%s, %s, %s\",\"ours\":%.1f,\"peer\":%.1f,\"peer_name\":\"gather "
          "on the host\",\"ratio\":%.3f,\"unit\":\"tokens/s\",\"conditions\":{\"threads\":%d,\"runs\":%d,"
          "\"statistic\":\"best\",\"outputs\":%zu,\"nodes\":%zu,\"peer_nodes\":%zu,\"build_ms\":%.2f,"
          "\"output_buffer_mib\":%.1f,\"peer_output_buffer_mib\":%.1f,\"resident_mib\":%.1f,\"peer_resident_mib\":%.1f,"
          "\"bytes_to_host_per_token\":%zu,\"peer_bytes_to_host_per_token\":%.0f,\"worst_difference\":%.3g,"
          "\"lowest_log_prob\":%.1f}}\n",
          options.name.c_str(), name.c_str(), name_of(one.mode), ours, peer, ours / peer, options.threads, runs,
          work.count, one.nodes, host.nodes, 1e3 * best(one.build_seconds), 4 * row_bytes * output_rows / kMiB,
          row_bytes * output_rows / kMiB, one.resident / kMiB, host.resident / kMiB, kParts * sizeof(float), row_bytes,
          worst, lowest);
    } else {
      std::printf(
          "%-26s %-18s %-12s  speed %5.2f  nodes %5zu (%zu)  build %6.2f ms  output buffer %6.1f (%.1f) MiB  "
          "resident %7.1f (%.1f) MiB  difference %.1e\n",
          options.name.c_str(), name.c_str(), name_of(one.mode), ours / peer, one.nodes, host.nodes,
          1e3 * best(one.build_seconds), 4 * row_bytes * output_rows / kMiB, row_bytes * output_rows / kMiB,
          one.resident / kMiB, host.resident / kMiB, worst);
    }
    std::fflush(stdout);
  }
}

int run(const Options& options) {
  llama_log_set(
      [](ggml_log_level level, const char* text, void*) {
        if (level == GGML_LOG_LEVEL_ERROR) std::fputs(text, stderr);
      },
      nullptr);
  // Real batches hardly ever repeat a shape, so every batch builds its graph.
#ifndef _WIN32
  setenv("LLAMA_GRAPH_REUSE_DISABLE", "1", 1);
#endif
  ggml_backend_load_all_from_path(options.backends.c_str());
  llama_model_params params = llama_model_default_params();
  params.n_gpu_layers = 999;
  const Owned<llama_model> model(llama_model_load_from_file(options.model.c_str(), params));
  if (model == nullptr) throw std::runtime_error("Cannot load " + options.model);

  for (const int32_t outputs : {1, 16, 64, 256}) {
    const int32_t sequences = std::min(outputs, 4);
    measure(model.get(), std::vector<int32_t>(static_cast<size_t>(sequences), outputs / sequences),
            std::to_string(outputs) + " outputs", options);
  }
  // llama.cpp splits these into several graphs and reorders their rows afterwards.
  measure(model.get(), {100, 80, 50, 26}, "256, uneven", options);
  return 0;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto value = [&] {
      if (i + 1 >= argc) throw std::runtime_error("Expected a value after " + argument);
      return std::string(argv[++i]);
    };
    if (argument == "--quick")
      options.quick = true;
    else if (argument == "--json")
      options.json = true;
    else if (argument == "--model")
      options.model = value();
    else if (argument == "--name")
      options.name = value();
    else if (argument == "--backends")
      options.backends = value();
    else if (argument == "--threads")
      options.threads = std::max(1, std::atoi(value().c_str()));
    else
      throw std::runtime_error("Unknown argument " + argument);
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 16);  // large blocks go back when they are freed, so that growth can be seen
#endif
  try {
    return run(parse(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

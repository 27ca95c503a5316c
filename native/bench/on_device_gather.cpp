// The log-softmax gather inside llama.cpp's graph, through its backend samplers, against decoding and gathering on the
// host: speed, graph nodes, memory, and the worst difference. Usage: on_device_gather --model FILE --name TEXT
// [--json] [--quick] [--threads N] [--backends FOLDER]
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

#include "device_gather.h"
#include "ggml-backend.h"
#include "ggml.h"
#include "llama.h"
#include "log_softmax_gather.h"

namespace {

using llmap::Clock;
using llmap::DeviceGather;
using llmap::kParts;
using llmap::log_prob_of;
using llmap::Mode;
using llmap::name_of;
using llmap::Owned;
using llmap::seconds_since;

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

  // The last case has as many outputs, so --quick does without the even one.
  const std::vector<int32_t> counts =
      options.quick ? std::vector<int32_t>{1, 16} : std::vector<int32_t>{1, 16, 64, 256};
  for (const int32_t outputs : counts) {
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

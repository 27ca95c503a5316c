// borrowContext(context, library, {contextSize, batchSize, sequences}),
// scoreSequences(context, tokens, lengths, logLikelihoods, logProbs, {threads, cancel?}) and
// decodeSequences(context, tokens, lengths, {threads, cancel?})
//
// The one file that goes through node-llama-cpp's private door: `context` is its wrapped AddonContext, whose C++ object
// holds the llama_context. The layout below is that of the release that package.json pins; llama.h is the one of that
// release, and ObjectWrap that of the pinned node-addon-api. lib/scoring/native-scorer.ts checks both versions first.
#include <napi.h>

#include <algorithm>
#include <memory>
#include <string>

#include "functions.h"
#include "llama_library.h"
#include "promise_worker.h"
#include "sequence_scorer.h"
#include "token_pieces.h"

namespace llmap {

namespace {

// The fields of node-llama-cpp's AddonContext up to the one that is needed. Never constructed: a way to look at memory.
class AddonContextView : public Napi::ObjectWrap<AddonContextView> {
 public:
  void* model;
  llama_context_params context_params;
  llama_context* ctx;
};

struct ContextParameters {
  uint32_t context_size;
  uint32_t batch_size;
  uint32_t sequences;

  bool operator==(const ContextParameters&) const = default;
  std::string describe() const {
    return std::to_string(context_size) + " tokens of context, " + std::to_string(batch_size) + " per batch, " +
           std::to_string(sequences) + " sequences";
  }
};

void expect_parameters(const ContextParameters& expected, const ContextParameters& found) {
  if (expected == found) return;
  throw Error(ErrorCode::backend, "Expected node-llama-cpp's context to have " + expected.describe() + " but found " +
                                      found.describe() + ": its binary is laid out differently");
}

// Checks everything that can be checked before `ctx` is followed, then what the llama_context says of itself.
llama_context* find_llama_context(const LlamaLibrary& llama, Napi::Object wrapper, const ContextParameters& expected) {
  const std::string name = wrapper.Get("constructor").As<Napi::Object>().Get("name").ToString().Utf8Value();
  void* native = nullptr;
  if (name != "AddonContext" || napi_unwrap(wrapper.Env(), wrapper, &native) != napi_ok || native == nullptr) {
    throw Error(ErrorCode::backend, "Expected node-llama-cpp's AddonContext but received an object of class " + name);
  }
  const auto* view = static_cast<const AddonContextView*>(native);
  const llama_context_params& params = view->context_params;
  expect_parameters(expected, {params.n_ctx, params.n_batch, params.n_seq_max});
  if (view->ctx == nullptr) throw Error(ErrorCode::backend, "node-llama-cpp's context is not loaded, or disposed of");
  expect_parameters(expected, {llama.n_ctx(view->ctx), llama.n_batch(view->ctx), llama.n_seq_max(view->ctx)});
  return view->ctx;
}

class BorrowedContext : public Napi::ObjectWrap<BorrowedContext> {
 public:
  static Napi::Function define(Napi::Env env) {
    return DefineClass(env, "BorrowedContext",
                       {InstanceAccessor<&BorrowedContext::vocabulary>("vocabulary"),
                        InstanceMethod<&BorrowedContext::token_pieces>("tokenPieces"),
                        InstanceMethod<&BorrowedContext::release>("release")});
  }

  // new BorrowedContext(context, library, expected)
  explicit BorrowedContext(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BorrowedContext>(info) {
    try {
      const Napi::Object wrapper = object(info[0], "context");
      const std::string path = string(info[1], "library");
      const Napi::Object options = object(info[2], "expected");
      const auto option = [&](const char* name) {
        return static_cast<uint32_t>(integer(options.Get(name), std::string("expected.") + name, 1, INT32_MAX));
      };
      const ContextParameters expected{option("contextSize"), option("batchSize"), option("sequences")};
      llama_ = LlamaLibrary::resolve(path);
      llama_context* context = find_llama_context(llama_, wrapper, expected);
      vocab_ = llama_.model_get_vocab(llama_.get_model(context));
      scorer_ = std::make_unique<SequenceScorer>(llama_, context);
      node_llama_context_ = Napi::Persistent(wrapper);
    } catch (...) {
      throw to_javascript(info.Env(), std::current_exception());
    }
  }

  // Reserves the context for one worker; throws where it is released or in use.
  SequenceScorer& acquire() {
    if (!scorer_) throw Error(ErrorCode::argument, "Expected a borrowed context but received one that was released");
    if (busy_)
      throw Error(ErrorCode::argument, "Expected an idle context but it is scoring another batch; await that one");
    busy_ = true;
    return *scorer_;
  }
  void set_idle() { busy_ = false; }

 private:
  Napi::Value vocabulary(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), scorer_ ? scorer_->vocabulary() : 0);
  }
  // {bytes, starts}
  Napi::Value token_pieces(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    try {
      if (!scorer_) throw Error(ErrorCode::argument, "Expected a borrowed context but received one that was released");
      const TokenPieces pieces = llmap::token_pieces(llama_, vocab_);
      auto bytes = Napi::Uint8Array::New(env, pieces.bytes.size());
      std::copy(pieces.bytes.begin(), pieces.bytes.end(), bytes.Data());
      auto starts = Napi::Int32Array::New(env, pieces.starts.size());
      std::copy(pieces.starts.begin(), pieces.starts.end(), starts.Data());
      Napi::Object result = Napi::Object::New(env);
      result.Set("bytes", bytes);
      result.Set("starts", starts);
      return result;
    } catch (...) {
      throw to_javascript(env, std::current_exception());
    }
  }
  void release(const Napi::CallbackInfo& info) {
    if (busy_) throw Napi::Error::New(info.Env(), "Expected an idle context but it is scoring a batch; await that one");
    scorer_.reset();
    node_llama_context_.Reset();
  }

  LlamaLibrary llama_{};
  const llama_vocab* vocab_ = nullptr;  // belongs to the model, which outlives the context
  std::unique_ptr<SequenceScorer> scorer_;
  Napi::ObjectReference node_llama_context_;
  // Touched on the event loop only.
  bool busy_ = false;
};

struct AddonData {
  Napi::FunctionReference borrowed_context;
};

Napi::Value borrow_context(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<AddonData>()->borrowed_context.New({info[0], info[1], info[2]});
}

BorrowedContext& borrowed_context(const Napi::CallbackInfo& info) {
  const Napi::Object handle = object(info[0], "context");
  if (!handle.InstanceOf(info.Env().GetInstanceData<AddonData>()->borrowed_context.Value())) {
    reject_argument("a context made by borrowContext", "context", handle);
  }
  return *BorrowedContext::Unwrap(handle);
}

// Work on one batch of sequences, with the context reserved: (context, tokens, lengths, ...).
class SequencesWorker : public PromiseWorker {
 protected:
  SequencesWorker(const Napi::CallbackInfo& info, size_t options_index)
      : PromiseWorker(info, options_index), context_(borrowed_context(info)) {
    const auto tokens = array<int32_t>(info[1], "tokens");
    const auto lengths = array<int32_t>(info[2], "lengths");
    tokens_.assign(tokens.begin(), tokens.end());
    lengths_.assign(lengths.begin(), lengths.end());
    keep_alive(info[0]);
    scorer_ = &context_.acquire();
  }
  ~SequencesWorker() override {
    if (scorer_ != nullptr) context_.set_idle();
  }

  std::span<const int32_t> tokens() const { return tokens_; }
  std::span<const int32_t> lengths() const { return lengths_; }
  SequenceScorer& scorer() const { return *scorer_; }

 private:
  BorrowedContext& context_;
  std::vector<int32_t> tokens_;
  std::vector<int32_t> lengths_;
  SequenceScorer* scorer_ = nullptr;
};

class ScoreSequencesWorker : public SequencesWorker {
 public:
  explicit ScoreSequencesWorker(const Napi::CallbackInfo& info) : SequencesWorker(info, 5) {
    log_likelihoods_ = array<double>(info[3], "logLikelihoods");
    expect_size(log_likelihoods_.size(), "logLikelihoods", "a Float64Array of one per sequence", lengths().size());
    if (!info[4].IsNull()) {
      log_probs_ = array<float>(info[4], "logProbs");
      const size_t scored = tokens().size() - std::min(tokens().size(), lengths().size());
      expect_size(log_probs_.size(), "logProbs", "a Float32Array of one per scored token", scored);
    }
  }

 private:
  void compute() override { scorer().score(tokens(), lengths(), log_likelihoods_, log_probs_, threads(), cancel()); }

  std::span<double> log_likelihoods_;
  std::span<float> log_probs_;
};

class DecodeSequencesWorker : public SequencesWorker {
 public:
  explicit DecodeSequencesWorker(const Napi::CallbackInfo& info) : SequencesWorker(info, 3) {}

 private:
  void compute() override { scorer().decode(tokens(), lengths(), cancel()); }
};

}  // namespace

void export_borrowed_context(Napi::Env env, Napi::Object exports) {
  auto data = std::make_unique<AddonData>();
  data->borrowed_context = Napi::Persistent(BorrowedContext::define(env));
  env.SetInstanceData(data.release());
  exports.Set("borrowContext", Napi::Function::New(env, borrow_context, "borrowContext"));
  exports.Set("scoreSequences", Napi::Function::New(env, asynchronous<ScoreSequencesWorker>, "scoreSequences"));
  exports.Set("decodeSequences", Napi::Function::New(env, asynchronous<DecodeSequencesWorker>, "decodeSequences"));
}

}  // namespace llmap

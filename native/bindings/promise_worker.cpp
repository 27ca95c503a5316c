#include "promise_worker.h"

#include <new>

namespace llmap {

namespace {

// `code` is null for what is not an error of the caller's.
struct Description {
  const char* code;
  std::string message;
  std::optional<size_t> sequence = std::nullopt;
};

Description describe(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const SequenceError& error) {
    return {name_of(error.code()), error.what(), error.sequence()};
  } catch (const Error& error) {
    return {name_of(error.code()), error.what()};
  } catch (const std::bad_alloc&) {
    return {nullptr, "Not enough memory for the computation"};
  } catch (const std::exception& error) {
    return {nullptr, error.what()};
  } catch (...) {
    return {nullptr, "Unknown native exception"};
  }
}

}  // namespace

Napi::Error to_javascript(Napi::Env env, std::exception_ptr thrown, Napi::Object call_site) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Napi::Error& error) {
    return error;  // JavaScript's own, for example from a getter
  } catch (...) {
  }
  const Description description = describe(thrown);
  Napi::Error error = call_site.IsEmpty() ? Napi::Error::New(env, description.message) : Napi::Error(env, call_site);
  Napi::Object object = error.Value();
  if (description.code != nullptr) object.Set("code", description.code);
  if (description.sequence) object.Set("sequence", static_cast<double>(*description.sequence));
  if (!call_site.IsEmpty()) {
    object.Set("message", description.message);
    // The stack was written when the function was called, before there was a message.
    const Napi::Value stack = object.Get("stack");
    if (stack.IsString()) {
      const std::string text = stack.As<Napi::String>();
      const size_t frames = text.find("\n    at ");
      object.Set("stack", "Error: " + description.message + (frames == std::string::npos ? "" : text.substr(frames)));
    }
  }
  return error;
}

PromiseWorker::PromiseWorker(const Napi::CallbackInfo& info, size_t options_index)
    : Napi::AsyncWorker(info.Env(), "llmap"),
      deferred_(Napi::Promise::Deferred::New(info.Env())),
      call_site_(Napi::Persistent(Napi::Error::New(info.Env(), "").Value())) {
  const RunOptions options = run_options(info[options_index]);
  threads_ = options.threads;
  if (options.cancel) {
    cancel_.emplace(*options.cancel);
    keep_alive(options.cancel_array);
  }
  if (options.progress != nullptr) {
    progress_.emplace(*options.progress);
    keep_alive(options.progress_array);
  }
}

void PromiseWorker::keep_alive(Napi::Value value) {
  kept_alive_.push_back(Napi::Persistent(value.As<Napi::Object>()));
}

Napi::Promise PromiseWorker::start(std::unique_ptr<PromiseWorker> worker) {
  const Napi::Promise promise = worker->deferred_.Promise();
  worker->Queue();
  worker.release();  // AsyncWorker deletes itself when it is done
  return promise;
}

void PromiseWorker::Execute() {
  try {
    throw_if_cancelled(cancel());
    compute();
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

void PromiseWorker::OnOK() {
  if (!thrown_) {
    try {
      deferred_.Resolve(result(Env()));
      return;
    } catch (...) {
      thrown_ = std::current_exception();
    }
  }
  deferred_.Reject(to_javascript(Env(), thrown_, call_site_.Value()).Value());
}

}  // namespace llmap

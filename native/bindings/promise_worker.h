// The base of every asynchronous function of the addon: arguments in, work off the event loop, promise out.
//
// A function is a class derived from PromiseWorker:
//
//   class QuantileWorker : public PromiseWorker {
//    public:
//     explicit QuantileWorker(const Napi::CallbackInfo& info)         // event loop: read and check arguments
//         : PromiseWorker(info, /* index of the options argument: */ 2),
//           values_(array<double>(info[0], "values")),
//           q_(number(info[1], "q", 0, 1)) {}
//
//    private:
//     void compute() override { result_ = quantile(values_, q_, threads(), cancel()); }    // another thread: no Napi
//     here Napi::Value result(Napi::Env env) override { return Napi::Number::New(env, result_); }     // event loop
//     again
//     ...
//   };
//
//   exports.Set("quantile", Napi::Function::New(env, asynchronous<QuantileWorker>, "quantile"));
//
// Whatever the constructor or compute() throws becomes a rejected promise: an Error with a `code` and a stack that
// includes the JavaScript caller's.
#pragma once

#include <napi.h>

#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arguments.h"
#include "error.h"
#include "progress.h"

namespace llmap {

// The JavaScript Error for what was thrown. Where `call_site` (an Error made when the function was called) is not
// empty, it is that one, with its stack kept.
Napi::Error to_javascript(Napi::Env env, std::exception_ptr thrown, Napi::Object call_site = {});

class PromiseWorker : public Napi::AsyncWorker {
 public:
  // Starts the work; the object then deletes itself.
  static Napi::Promise start(std::unique_ptr<PromiseWorker> worker);

 protected:
  // Reads {threads, cancel?, progress?} from info[options_index].
  PromiseWorker(const Napi::CallbackInfo& info, size_t options_index);

  // The elements of a typed array, which is kept alive until the promise settles. Event loop only.
  template <typename T>
  std::span<T> array(Napi::Value value, const std::string& name) {
    const std::span<T> elements = typed_array<T>(value, name);
    keep_alive(value);
    return elements;
  }
  // Keeps an object alive until the promise settles. Event loop only.
  void keep_alive(Napi::Value value);

  int threads() const { return threads_; }
  // Null where the caller gave no cancel flag.
  const CancelFlag* cancel() const { return cancel_ ? &*cancel_ : nullptr; }
  // Null where the caller gave no place for the share that is done.
  Progress* progress() { return progress_ ? &*progress_ : nullptr; }

  // The work, on a thread of the pool. Throws Error, or any std::exception.
  virtual void compute() = 0;
  // The value that the promise resolves with.
  virtual Napi::Value result(Napi::Env env) { return env.Undefined(); }

 private:
  void Execute() final;
  void OnOK() final;

  Napi::Promise::Deferred deferred_;
  Napi::ObjectReference call_site_;
  std::vector<Napi::ObjectReference> kept_alive_;
  int threads_ = 1;
  std::optional<CancelFlag> cancel_;
  std::optional<Progress> progress_;
  std::exception_ptr thrown_;
};

// The JavaScript function that starts a Worker.
template <typename Worker>
Napi::Value asynchronous(const Napi::CallbackInfo& info) {
  try {
    return PromiseWorker::start(std::make_unique<Worker>(info));
  } catch (...) {
    const auto deferred = Napi::Promise::Deferred::New(info.Env());
    deferred.Reject(to_javascript(info.Env(), std::current_exception()).Value());
    return deferred.Promise();
  }
}

// The JavaScript function for a synchronous C++ one: what it throws becomes a JavaScript exception.
template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Value synchronous(const Napi::CallbackInfo& info) {
  try {
    return function(info);
  } catch (...) {
    throw to_javascript(info.Env(), std::current_exception());
  }
}

}  // namespace llmap

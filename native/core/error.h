// The exceptions that core code throws. Each carries the stable code that the bindings put on the JavaScript error.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace llmap {

enum class ErrorCode { argument, numeric, scoring, backend, aborted };

constexpr const char* name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::argument:
      return "ERR_ARGUMENT";
    case ErrorCode::numeric:
      return "ERR_NUMERIC";
    case ErrorCode::scoring:
      return "ERR_SCORING";
    case ErrorCode::backend:
      return "ERR_BACKEND";
    case ErrorCode::aborted:
      return "ERR_ABORTED";
  }
  return "ERR_ARGUMENT";
}

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// ERR_NUMERIC: a row of a matrix holds values that cannot be used. Callers that know more about the row than its number
// catch it and say so.
class RowError : public Error {
 public:
  // `what` is the thing that has rows ("logits"), `reason` what is wrong ("NaN").
  RowError(const std::string& what, size_t row, const std::string& reason)
      : Error(ErrorCode::numeric,
              "Expected finite numbers in row " + std::to_string(row) + " of " + what + " but found " + reason),
        row_(row),
        reason_(reason) {}
  size_t row() const { return row_; }
  const std::string& reason() const { return reason_; }

 private:
  size_t row_;
  std::string reason_;
};

// ERR_NUMERIC: logits of a sequence that cannot be used. The bindings put its number on the JavaScript error, since
// only the caller knows which text it is.
class SequenceError : public Error {
 public:
  SequenceError(size_t sequence, size_t token, const std::string& reason)
      : Error(ErrorCode::numeric, "Expected finite logits for sequence " + std::to_string(sequence) + " after token " +
                                      std::to_string(token) + " but found " + reason),
        sequence_(sequence) {}
  size_t sequence() const { return sequence_; }

 private:
  size_t sequence_;
};

}  // namespace llmap

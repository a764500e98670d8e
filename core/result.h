// Result<T>: a value or an Error. Errors are values; nothing throws across a folder.
//
// Every fallible function returns Result<T> (or Status for "no value"). The class is
// [[nodiscard]]: an error that nobody looks at does not compile.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace quell {

enum class ErrorCode {
  kInvalidArgument,    // the caller's input is wrong; retrying cannot help
  kNotFound,           // the thing named does not exist
  kOutOfRange,         // a number is outside its stated range
  kCorrupt,            // bytes on disk or on the wire do not decode
  kIo,                 // the operating system refused; a retry may help
  kUnavailable,        // a peer is away or overloaded; a retry may help
  kResourceExhausted,  // a stated bound is reached
  kUnsupported,        // understood, but not offered
};

// The code in lower snake case ("invalid_argument"), for logs and JSON.
std::string_view ErrorCodeName(ErrorCode code);

// What went wrong: a code for programs and a sentence for people that names the
// field, the value and the place.
struct Error {
  ErrorCode code = ErrorCode::kInvalidArgument;
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}                           // NOLINT(*explicit*)
  Result(Error error) : value_(tl::make_unexpected(std::move(error))) {}  // NOLINT(*explicit*)

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return *std::move(value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

  // REQUIRES: !ok().
  [[nodiscard]] const Error& error() const { return value_.error(); }

 private:
  tl::expected<T, Error> value_;
};

// "It worked" as a value: Status is Result<Ok>.
struct Ok {};
using Status = Result<Ok>;

inline Error MakeError(ErrorCode code, std::string message) {
  return Error{code, std::move(message)};
}

// `context` + ": " + the error's text, code unchanged.
Error WithContext(Error error, std::string_view context);

}  // namespace quell

// Leaves the function with the error of `expr`, if it has one.
#define QUELL_TRY(expr)                                \
  do {                                                 \
    auto quell_try_status = (expr);                    \
    if (!quell_try_status.ok()) {                      \
      return ::quell::Error(quell_try_status.error()); \
    }                                                  \
  } while (false)

#define QUELL_CONCAT_INNER(a, b) a##b
#define QUELL_CONCAT(a, b) QUELL_CONCAT_INNER(a, b)
#define QUELL_ASSIGN_INNER(temporary, lhs, expr) \
  auto temporary = (expr);                       \
  if (!temporary.ok()) {                         \
    return ::quell::Error(temporary.error());    \
  }                                              \
  lhs = *std::move(temporary)

// `lhs = value of expr`, or leaves the function with its error.
#define QUELL_ASSIGN(lhs, expr) QUELL_ASSIGN_INNER(QUELL_CONCAT(quell_result_, __LINE__), lhs, expr)

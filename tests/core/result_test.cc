#include "core/result.h"

#include <catch2/catch.hpp>
#include <memory>

namespace quell {
namespace {

Result<int> Half(int number) {
  if (number % 2 != 0) {
    return MakeError(ErrorCode::kInvalidArgument, std::to_string(number) + " is odd");
  }
  return number / 2;
}

Result<int> Quarter(int number) {
  QUELL_ASSIGN(const int half, Half(number));
  QUELL_TRY(Half(half));
  return half / 2;
}

TEST_CASE("Result: the macros hand the first error on and unpack values", "[core]") {
  CHECK(*Quarter(8) == 2);
  CHECK(Quarter(3).error().message == "3 is odd");
  CHECK(Quarter(6).error().message == "3 is odd");
  CHECK_FALSE(static_cast<bool>(Quarter(6)));
}

TEST_CASE("Result: holds what can only be moved", "[core]") {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  REQUIRE(result.ok());
  const std::unique_ptr<int> taken = *std::move(result);
  CHECK(*taken == 5);
}

TEST_CASE("Result: context goes in front and the code stays", "[core]") {
  const Error error = WithContext(MakeError(ErrorCode::kCorrupt, "bad byte"), "state.bin");
  CHECK(error.message == "state.bin: bad byte");
  CHECK(error.code == ErrorCode::kCorrupt);
  CHECK(ErrorCodeName(error.code) == "corrupt");
}

}  // namespace
}  // namespace quell

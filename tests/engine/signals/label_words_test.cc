#include "engine/signals/label_words.h"

#include <catch2/catch.hpp>

namespace quell::signals {
namespace {

TEST_CASE("Outcome: failures of the system", "[signals]") {
  for (const char* value : {"failed",
                            "failure",
                            "error",
                            "ERROR",
                            "timeout",
                            "timed_out",
                            "network-error",
                            "500",
                            "502",
                            "503",
                            "504",
                            "5xx",
                            "5XX",
                            "429",
                            "408",
                            "Unavailable",
                            "DeadlineExceeded",
                            "DEADLINE_EXCEEDED",
                            "Internal",
                            "ResourceExhausted",
                            "Aborted",
                            "Unknown",
                            "DataLoss",
                            "unsuccessful",
                            "gateway_error",
                            "false",
                            "exception"}) {
    INFO(value);
    CHECK(ClassifyOutcome(value) == Outcome::kFailure);
  }
}

TEST_CASE("Outcome: business answers are no failures", "[signals]") {
  for (const char* value : {"declined",
                            "Declined",
                            "card_declined",
                            "soft-decline",
                            "insufficient_funds",
                            "do_not_honor",
                            "fraud_suspected",
                            "cancelled",
                            "canceled",
                            "abandoned",
                            "refused",
                            "rejected",
                            "denied",
                            "400",
                            "401",
                            "403",
                            "404",
                            "409",
                            "422",
                            "4xx",
                            "NotFound",
                            "InvalidArgument",
                            "AlreadyExists",
                            "PermissionDenied",
                            "Unauthenticated",
                            "FailedPrecondition",
                            "3ds_challenge",
                            "limit_exceeded",
                            "card_error",
                            "validation_error"}) {
    INFO(value);
    CHECK(ClassifyOutcome(value) == Outcome::kDecline);
  }
}

TEST_CASE("Outcome: good answers and what says nothing", "[signals]") {
  for (const char* value : {"success", "ok", "OK", "approved", "settled", "captured", "200", "201",
                            "302", "2xx", "true", "0", "partially_captured"}) {
    INFO(value);
    CHECK(ClassifyOutcome(value) == Outcome::kGood);
  }
  for (const char* value : {"", "pending", "eu", "visa", "700", "99", "2000"}) {
    INFO(value);
    CHECK(ClassifyOutcome(value) == Outcome::kUnknown);
  }
}

TEST_CASE("Labels: outcomes, copies and details are told apart, in any case", "[signals]") {
  CHECK(IsOutcomeLabel("outcome"));
  CHECK(IsOutcomeLabel("Status_Code"));
  CHECK(IsOutcomeLabel("grpc_code"));
  CHECK_FALSE(IsOutcomeLabel("psp"));
  CHECK(IsInstanceLabel("instance"));
  CHECK(IsInstanceLabel("pod"));
  CHECK_FALSE(IsInstanceLabel("region"));
  CHECK(IsDetailLabel("le"));
  CHECK(IsDetailLabel("reason"));
  CHECK_FALSE(IsDetailLabel("service"));
}

}  // namespace
}  // namespace quell::signals

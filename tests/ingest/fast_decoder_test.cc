#include "ingest/fast_decoder.h"

#include <catch2/catch.hpp>
#include <string>

#include "tests/ingest/registry_support.h"
#include "tests/ingest/write_request_builder.h"

namespace quell::ingest {
namespace {

// Whether the fast path takes a message, on first sight and once more when its series are known.
class Fast {
 public:
  bool Takes(WriteProtocol protocol, const std::string& message) {
    const bool first = decoder_.Decode(protocol, message, kNow, registry_, batch, tally);
    CHECK(decoder_.Decode(protocol, message, kNow, registry_, batch, tally) == first);
    return first;
  }
  bool Takes(const V1Request& request) {
    return Takes(WriteProtocol::kV1, request.message.SerializeAsString());
  }
  bool Takes(const V2Request& request) {
    return Takes(WriteProtocol::kV2, request.message.SerializeAsString());
  }
  KeptBatch batch;
  WriteTally tally;

 private:
  PrefixPolicy policy_{"up"};
  SeriesRegistry registry_{{}, policy_, 1};
  FastDecoder decoder_{RemoteWriteLimits{}};
};

TEST_CASE("Fast decoder: takes what Prometheus sends, keeps what is wanted", "[ingest]") {
  V1Request v1;
  v1.Sample({{"__name__", "up"}, {"job", "a"}}, 1.5).Sample({{"__name__", "go_x"}}, 2);
  v1.message.mutable_timeseries(0)->add_samples()->set_timestamp(kNow - 1);
  Fast fast;
  REQUIRE(fast.Takes(v1));
  REQUIRE(fast.batch.samples.size() == 2);
  CHECK(fast.batch.samples[0].value == 1.5);
  CHECK(fast.batch.samples[0].time == kNow);
  CHECK(fast.batch.samples[1].time == kNow - 1);
  CHECK(fast.batch.samples[1].value == 0);
  CHECK(fast.tally.samples_written == 3);
}

TEST_CASE("Fast decoder: both protocols and both orders of labels find the same series",
          "[ingest]") {
  Fast fast;
  V1Request v1;
  v1.Sample({{"__name__", "up"}, {"job", "a"}});
  REQUIRE(fast.Takes(v1));
  const KeptSeries* series = fast.batch.samples.at(0).series;
  V2Request v2;
  v2.Sample({{"__name__", "up"}, {"job", "a"}});
  REQUIRE(fast.Takes(v2));
  CHECK(fast.batch.samples.at(0).series == series);
  V1Request turned;
  turned.Sample({{"job", "a"}, {"__name__", "up"}});
  REQUIRE(fast.Takes(turned));
  CHECK(fast.batch.samples.at(0).series == series);
}

TEST_CASE("Fast decoder: an empty request and metadata alone are taken", "[ingest]") {
  Fast fast;
  CHECK(fast.Takes(WriteProtocol::kV1, ""));
  CHECK(fast.Takes(WriteProtocol::kV2, ""));
  CHECK(fast.Takes(WriteProtocol::kV1, std::string("\x1a\x05\x08\x01\x12\x01x", 7)));
}

TEST_CASE("Fast decoder: leaves what would be refused to the reference", "[ingest]") {
  Fast fast;
  const auto v1 = [](const Pairs& labels, TimeMs time) {
    V1Request request;
    request.Sample(labels, 1, time);
    return request;
  };
  CHECK_FALSE(fast.Takes(v1({{"job", "a"}}, kNow)));                                // no name
  CHECK_FALSE(fast.Takes(v1({{"__name__", "up"}, {"a", "1"}, {"a", "2"}}, kNow)));  // repeated
  CHECK_FALSE(fast.Takes(v1({{"__name__", "up"}, {"", "1"}}, kNow)));               // empty name
  CHECK_FALSE(fast.Takes(v1({{"__name__", "up"}, {"a", "\xff"}}, kNow)));           // no UTF-8
  CHECK_FALSE(fast.Takes(v1({{"__name__", "up"}}, kNow + 11 * kMinuteMs)));
  CHECK_FALSE(fast.Takes(v1({{"__name__", "up"}}, -1)));
  CHECK_FALSE(fast.Takes(WriteProtocol::kV1, "\x0a"));
  CHECK_FALSE(fast.Takes(WriteProtocol::kV1, "no protobuf"));
  V2Request no_data;
  no_data.Series({{"__name__", "up"}});
  CHECK_FALSE(fast.Takes(no_data));
  V2Request out_of_range;
  out_of_range.Sample({{"__name__", "up"}});
  out_of_range.message.mutable_timeseries(0)->set_labels_refs(1, 99);
  CHECK_FALSE(fast.Takes(out_of_range));
  V2Request odd;
  odd.Sample({{"__name__", "up"}});
  odd.message.mutable_timeseries(0)->add_labels_refs(1);
  CHECK_FALSE(fast.Takes(odd));
}

}  // namespace
}  // namespace quell::ingest

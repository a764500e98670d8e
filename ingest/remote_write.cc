#include "ingest/remote_write.h"

#include "ingest/proto/remote_write_v1.pb.h"
#include "ingest/proto/remote_write_v2.pb.h"
#include "ingest/series_intake.h"
#include "ingest/snappy_body.h"
#include "ingest/write_frames.h"

namespace quell::ingest {
namespace {

WriteOutcome RefuseAll(std::string message) {
  WriteOutcome outcome;
  outcome.status = 400;
  outcome.message = std::move(message);
  return outcome;
}

bool Parse(google::protobuf::MessageLite& message, std::string_view bytes) {
  return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

}  // namespace

struct RemoteWriteDecoder::State {
  explicit State(const RemoteWriteLimits& given) : limits(given) {}

  WriteOutcome DecodeFrames(WriteProtocol protocol, TimeMs now_ms);

  RemoteWriteLimits limits;
  std::string buffer;  // grows to the largest request seen, at most decoded_bytes_max
  WriteFrames frames;
  wire::v1::TimeSeries series_v1;  // reused: Clear() keeps its memory
  wire::v2::TimeSeries series_v2;
};

WriteOutcome RemoteWriteDecoder::State::DecodeFrames(WriteProtocol protocol, TimeMs now_ms) {
  const bool v2 = protocol == WriteProtocol::kV2;
  const bool needs_symbols = v2 && (!frames.series.empty() || !frames.symbols.empty());
  if (needs_symbols && (frames.symbols.empty() || !frames.symbols.front().empty())) {
    return RefuseAll("symbols[0] is not the empty string");
  }
  WriteOutcome outcome;
  SeriesIntake intake(limits, now_ms, outcome);
  for (const SeriesFrame& frame : frames.series) {
    if (frame.labels > limits.labels_per_series_max) {
      intake.Refuse(frame.samples, "the series has " + std::to_string(frame.labels) +
                                       " labels, the limit is " +
                                       std::to_string(limits.labels_per_series_max));
      continue;
    }
    const bool parsed = v2 ? Parse(series_v2, frame.bytes) : Parse(series_v1, frame.bytes);
    if (!parsed) return RefuseAll("the body is not a valid protobuf message: time series");
    if (v2) {
      intake.Take(series_v2, frames.symbols);
    } else {
      intake.Take(series_v1);
    }
  }
  intake.Finish();
  return outcome;
}

RemoteWriteDecoder::RemoteWriteDecoder(const RemoteWriteLimits& limits)
    : state_(std::make_unique<State>(limits)) {}

RemoteWriteDecoder::~RemoteWriteDecoder() = default;

WriteOutcome RemoteWriteDecoder::Decode(WriteProtocol protocol, std::string_view body,
                                        TimeMs now_ms) {
  const Result<std::string_view> message = UnpackBody(body, state_->limits, state_->buffer);
  if (!message.ok()) return RefuseAll(message.error().message);
  return DecodeMessage(protocol, *message, now_ms);
}

WriteOutcome RemoteWriteDecoder::DecodeMessage(WriteProtocol protocol, std::string_view message,
                                               TimeMs now_ms) {
  const Status framed = FrameRequest(protocol, message, state_->limits, state_->frames);
  if (!framed.ok()) return RefuseAll(framed.error().message);
  return state_->DecodeFrames(protocol, now_ms);
}

}  // namespace quell::ingest

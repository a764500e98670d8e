#include "replay/simulator/push.h"

#include <charconv>
#include <condition_variable>
#include <mutex>

#include "replay/simulator/batch_sink.h"
#include "replay/simulator/body_sender.h"

namespace quell::simulator {
namespace {

bool Stopped(const PushOptions& options) { return options.stop != nullptr && options.stop->load(); }

// Waits until `event_ms` of event time may have passed since `started` at the chosen speed.
void Pace(const PushOptions& options, Clock& clock, DurationMs started, DurationMs event_ms) {
  const auto due = started + static_cast<DurationMs>(static_cast<double>(event_ms) / options.speed);
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  while (!Stopped(options)) {
    const DurationMs left = due - clock.MonotonicMs();
    if (left <= 0) return;
    clock.WaitFor(never, lock, std::min<DurationMs>(left, 200));
  }
}

}  // namespace

Result<PushSummary> Push(Simulator& simulator, TimeMs from, TimeMs to, const PushOptions& options,
                         Clock& clock, const PushProgress& progress) {
  if (options.batch_samples == 0) {
    return MakeError(ErrorCode::kInvalidArgument, "--batch must be at least 1");
  }
  const DurationMs started = clock.MonotonicMs();
  BodySender sender(options, clock);
  BatchSink sink(
      options.batch_samples,
      [&](const ingest::SampleBatch& batch) {
        return sender.Post(ingest::EncodeWriteRequest(options.protocol, batch));
      },
      options.native_histograms ? HistogramForm::kNative : HistogramForm::kClassic);
  PushSummary summary;
  const DurationMs interval = simulator.options().interval_ms;
  for (TimeMs tick = from; tick < to && !Stopped(options); tick += interval) {
    QUELL_TRY(simulator.Run(tick, tick + 1, sink));
    if (options.speed > 0) {
      QUELL_TRY(sink.Flush());
      Pace(options, clock, started, tick + interval - from);
    }
    summary.samples = sink.samples();
    summary.requests = sender.requests();
    summary.retries = sender.retries();
    summary.elapsed_ms = clock.MonotonicMs() - started;
    summary.event_time = tick + interval;
    if (progress) progress(summary);
  }
  QUELL_TRY(sink.Flush());
  QUELL_TRY(sender.Finish());
  summary.samples = sink.samples();
  summary.requests = sender.requests();
  summary.retries = sender.retries();
  summary.elapsed_ms = clock.MonotonicMs() - started;
  return summary;
}

Result<double> ParseSpeed(const std::string& text) {
  if (text == "max") return 0.0;
  double speed = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), speed);
  const bool suffix = end.ptr + 1 == text.data() + text.size() && *end.ptr == 'x';
  if (end.ec != std::errc{} || !suffix || !(speed >= 0.001 && speed <= 1e6)) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        "--speed must be \"max\" or a factor from 0.001x to 1000000x such as 60x, not \"" + text +
            "\"");
  }
  return speed;
}

}  // namespace quell::simulator

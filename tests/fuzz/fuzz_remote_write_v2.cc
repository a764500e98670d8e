#include "ingest/proto/remote_write_v2.pb.h"
#include "tests/fuzz/remote_write_property.h"

namespace quell::fuzz {

std::vector<std::string> Seeds() {
  wire::v2::Request request;
  for (const auto* symbol : {"", "__name__", "up", "job", "psp", "trace_id", "help"}) {
    request.add_symbols(symbol);
  }
  for (int i = 0; i < 3; ++i) {
    auto* series = request.add_timeseries();
    for (const std::uint32_t ref : {3U, 4U, 1U, 2U}) series->add_labels_refs(ref);
    if (i == 2) {
      auto* histogram = series->add_histograms();
      histogram->set_count_float(3);
      histogram->add_negative_spans()->set_length(1);
      histogram->add_negative_counts(2);
      histogram->set_timestamp(kNow);
      continue;
    }
    auto* sample = series->add_samples();
    sample->set_value(i + 0.5);
    sample->set_timestamp(kNow);
    series->mutable_metadata()->set_help_ref(6);
    auto* exemplar = series->add_exemplars();
    exemplar->add_labels_refs(5);
    exemplar->add_labels_refs(4);
  }
  return {request.SerializeAsString(), std::string("\x22\x00", 2)};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  quell::fuzz::CheckWrite(quell::ingest::WriteProtocol::kV2, quell::fuzz::View(data, size));
  return 0;
}

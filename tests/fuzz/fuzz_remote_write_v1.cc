#include "ingest/proto/remote_write_v1.pb.h"
#include "tests/fuzz/remote_write_property.h"

namespace quell::fuzz {

std::vector<std::string> Seeds() {
  wire::v1::WriteRequest request;
  for (int i = 0; i < 3; ++i) {
    auto* series = request.add_timeseries();
    for (const auto* name : {"job", "__name__", "instance"}) {
      auto* label = series->add_labels();
      label->set_name(name);
      label->set_value("v" + std::to_string(i));
    }
    auto* sample = series->add_samples();
    sample->set_value(i);
    sample->set_timestamp(kNow);
  }
  auto* histogram = request.mutable_timeseries(2)->add_histograms();
  histogram->set_count_int(3);
  histogram->set_sum(5);
  histogram->add_positive_spans()->set_length(2);
  histogram->add_positive_deltas(1);
  histogram->add_positive_deltas(1);
  auto* exemplar = request.mutable_timeseries(1)->add_exemplars();
  exemplar->add_labels()->set_name("trace_id");
  return {request.SerializeAsString(), std::string("\x1a\x05\x08\x01\x12\x01x", 7), std::string()};
}

}  // namespace quell::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  quell::fuzz::CheckWrite(quell::ingest::WriteProtocol::kV1, quell::fuzz::View(data, size));
  return 0;
}

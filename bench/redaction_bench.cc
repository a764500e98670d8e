// What redaction costs a series that is seen for the first time: 12 labels, none of them sensitive,
// one a card number, one an e-mail address. Prints CPU nanoseconds per label set, and a digest.
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "core/hash.h"
#include "ingest/redaction.h"

namespace quell {
namespace {

Labels Typical(int i, const std::string& customer) {
  const std::string number = std::to_string(i);
  return Labels{{"__name__", "payment_requests_total"},
                {"customer", customer},
                {"env", "production"},
                {"instance", "10.244." + std::to_string(i % 250) + ".17:8080"},
                {"job", "payment-gateway"},
                {"method", "card"},
                {"namespace", "payments"},
                {"outcome", "success"},
                {"path", "/v1/merchants/" + number + "/authorise"},
                {"pod", "payment-gateway-7d9f8b6c5d-x" + number},
                {"psp", "acme"},
                {"trace", "3f2504e0-4f89-41d3-9a0c-0305e82c" + std::to_string(1000 + i % 9000)}};
}

int Main() {
  const auto redactor = ingest::Redactor::Create({}, std::string(32, 'k'));
  if (!redactor.ok()) return 1;
  for (const std::string customer : {"c-20260822", "4111111111111111", "jane.doe@example.com"}) {
    constexpr int kSeries = 10000;
    constexpr int kRounds = 50;
    std::vector<Labels> series;
    for (int i = 0; i < kSeries; ++i) series.push_back(Typical(i, customer));
    ingest::RedactionCounters counters;
    Hasher digest;
    std::clock_t spent = 0;  // of this process alone: the machine may be busy
    for (int round = 0; round < kRounds; ++round) {
      std::vector<Labels> fresh = series;
      const std::clock_t start = std::clock();
      for (Labels& labels : fresh) redactor->Apply(labels, counters);
      spent += std::clock() - start;
      digest.Add(fresh.back().ToString());
    }
    std::printf("BM_Redaction_Apply/customer=%s %.0f CPU-ns per series of 12 labels, digest %s\n",
                customer.c_str(),
                1e9 * static_cast<double>(spent) / CLOCKS_PER_SEC / (kSeries * kRounds),
                Hex64(digest.Finish()).c_str());
  }
  return 0;
}

}  // namespace
}  // namespace quell

int main() { return quell::Main(); }

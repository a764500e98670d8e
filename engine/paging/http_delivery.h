// HttpDelivery: a JSON body posted to a receiver; the answer says whether to try again.
//
// 2xx delivered; 429 and 5xx (and what is neither) retry, honouring Retry-After; other 4xx
// rejected. Details never hold a secret. Thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "core/http_client.h"
#include "engine/paging/receiver.h"

namespace quell::paging {

struct HttpTarget {
  std::string url;
  std::string ca_file;  // PEM; "" = the system's store
  DurationMs timeout_ms = 10 * kSecondMs;
  std::string bearer_token;          // "" = none
  std::vector<std::string> secrets;  // besides the token: taken out of details
};

class HttpDelivery {
 public:
  explicit HttpDelivery(HttpTarget target);
  Delivery Post(std::string body);

 private:
  [[nodiscard]] Delivery Judge(const HttpResponse& response) const;
  [[nodiscard]] std::string Clean(std::string text) const;

  HttpTarget target_;
  HttpClient client_;
};

// Whether what it sends is safe on the way: https, or plain http to this host.
bool IsSafeUrl(std::string_view url);

}  // namespace quell::paging

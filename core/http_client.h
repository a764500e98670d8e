// HttpClient: outgoing HTTP(S) by libcurl, one request at a time, with a deadline for the whole.
//
// Certificates are always verified, against the system's store or `ca_file`. Redirects are not
// followed. Error texts never contain request headers or bodies (they may hold secrets).
// Thread-compatible: one owner; the connection is kept alive between calls.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace quell {

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  [[nodiscard]] std::string Header(std::string_view lower_case_name) const;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  DurationMs timeout_ms = 10 * kSecondMs;  // connect, send and receive together
  size_t response_bytes_max = 64U << 20U;  // a larger answer is an error
  std::string ca_file;                     // PEM; "" = the system's store
  // Takes the body part by part as it arrives, in place of HttpResponse::body and its bound. `head`
  // holds status and headers. An error ends the transfer and is what Send() returns.
  std::function<Status(const HttpResponse& head, std::string_view part)> on_body;
};

class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // kUnavailable on any transport failure (resolve, connect, TLS, timeout); a status of any
  // kind is a value.
  Result<HttpResponse> Send(const HttpRequest& request);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace quell

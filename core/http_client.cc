#include "core/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <mutex>

namespace quell {
namespace {

struct Receiver {
  CURL* curl = nullptr;
  const HttpRequest* request = nullptr;
  HttpResponse response;
  bool too_large = false;
  Status taken = Ok{};  // by on_body
};

int StatusOf(CURL* curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto& receiver = *static_cast<Receiver*>(user);
  const size_t bytes = size * count;
  if (receiver.request->on_body) {
    receiver.response.status = StatusOf(receiver.curl);
    receiver.taken = receiver.request->on_body(receiver.response, {data, bytes});
    return receiver.taken.ok() ? bytes : 0;
  }
  if (receiver.response.body.size() + bytes > receiver.request->response_bytes_max) {
    receiver.too_large = true;
    return 0;
  }
  receiver.response.body.append(data, bytes);
  return bytes;
}

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto& receiver = *static_cast<Receiver*>(user);
  std::string line(data, size * count);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.pop_back();
  const size_t colon = line.find(':');
  if (colon != std::string::npos) {
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    size_t begin = colon + 1;
    while (begin < line.size() && line[begin] == ' ') ++begin;
    receiver.response.headers.emplace_back(std::move(name), line.substr(begin));
  }
  return size * count;
}

}  // namespace

std::string HttpResponse::Header(std::string_view lower_case_name) const {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return value;
  }
  return {};
}

struct HttpClient::Handle {
  CURL* curl = nullptr;
};

HttpClient::HttpClient() : handle_(std::make_unique<Handle>()) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  handle_->curl = curl_easy_init();
}

HttpClient::~HttpClient() { curl_easy_cleanup(handle_->curl); }

Result<HttpResponse> HttpClient::Send(const HttpRequest& request) {
  CURL* curl = handle_->curl;
  if (curl == nullptr) return MakeError(ErrorCode::kUnavailable, "libcurl could not start");
  curl_easy_reset(curl);
  Receiver receiver;
  receiver.curl = curl;
  receiver.request = &request;
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    headers = curl_slist_append(headers, (name + ": " + value).c_str());
  }
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiver);
  if (!request.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
  if (request.method != "GET") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  const CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(headers);
  if (!receiver.taken.ok()) return receiver.taken.error();
  if (receiver.too_large) {
    return MakeError(
        ErrorCode::kResourceExhausted,
        "the answer is larger than " + std::to_string(request.response_bytes_max) + " bytes");
  }
  if (code != CURLE_OK) return MakeError(ErrorCode::kUnavailable, curl_easy_strerror(code));
  receiver.response.status = StatusOf(curl);
  return std::move(receiver.response);
}

}  // namespace quell

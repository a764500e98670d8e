#include "engine/http/dispatcher.h"

#include <algorithm>
#include <cstring>

#include "engine/http/answer.h"

namespace quell::http {
namespace {

// The one stream that the library sees: a head to read, a string to write to.
class MemoryStream final : public httplib::Stream {
 public:
  MemoryStream(std::string_view head, const std::string& peer_ip, std::string& answer)
      : head_(head), peer_ip_(peer_ip), answer_(answer) {}

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }
  ssize_t read(char* data, size_t size) override {
    const size_t taken = std::min(size, head_.size());
    std::memcpy(data, head_.data(), taken);
    head_.remove_prefix(taken);
    return static_cast<ssize_t>(taken);
  }
  ssize_t write(const char* data, size_t size) override {
    if (answer_.size() + size > kAnswerBytesMax) return -1;
    answer_.append(data, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = peer_ip_;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  [[nodiscard]] socket_t socket() const override { return -1; }

 private:
  std::string_view head_;
  const std::string& peer_ip_;
  std::string& answer_;
};

// The library splits the target at '?', '#' and ' ' and allows one '?'. The path is set afterwards.
std::string NormalHead(const RequestHead& head) {
  std::string out = head.method + " /";
  if (!head.query.empty()) {
    out += '?';
    for (const char c : head.query) {
      if (c == '?') {
        out += "%3F";
      } else {
        out += c;
      }
    }
  }
  return out + " HTTP/1.1\r\nContent-Length: 0\r\n\r\n";
}

// Handled by the front: what shapes a message, and ranges (never offered).
bool IsForHandlers(std::string_view name) {
  for (const std::string_view own :
       {"connection", "keep-alive", "content-length", "transfer-encoding", "expect", "range",
        "if-range", "upgrade", "te", "trailer"}) {
    if (name == own) return false;
  }
  return true;
}

void SetUp(Task& task, httplib::Request& request) {
  request.path = task.head.path;
  request.target = task.head.target;
  for (HeaderField& field : task.head.headers) {
    if (IsForHandlers(field.name)) {
      request.headers.emplace(field.name, std::move(field.value));
    }
  }
  if (!task.identity.empty()) request.headers.emplace(kIdentityHeader, task.identity);
}

}  // namespace

Dispatcher::Dispatcher(FrontCounters& counters) : counters_(counters) {
  set_exception_handler(
      [this](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
        // Its text may hold anything; the library would put it into a header.
        ++counters_.handler_exceptions;
        response.headers.clear();
        response.body.clear();
        response.status = 500;
      });
  set_error_handler(
      HandlerWithResponse([this](const httplib::Request& request, httplib::Response& response) {
        FillErrorBody(request, response);
        return HandlerResponse::Handled;
      }));
  set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
    response.headers.erase("Keep-Alive");
    response.headers.erase("Accept-Ranges");
  });
}

std::vector<std::pair<std::string, std::string>> Dispatcher::routes() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Route& route : routes_) out.emplace_back(route.method, route.text);
  return out;
}

void Dispatcher::AddRoute(const std::string& method, const std::string& pattern, Handler handler) {
  routes_.push_back({method, pattern, std::regex(pattern)});
  if (method == "GET") {
    routes_.push_back({"HEAD", pattern, std::regex(pattern)});
    Get(pattern, std::move(handler));
  } else if (method == "POST") {
    Post(pattern, std::move(handler));
  } else if (method == "PUT") {
    Put(pattern, std::move(handler));
  } else if (method == "DELETE") {
    Delete(pattern, std::move(handler));
  }
}

// A refusal without a text of its own: the path is unknown, the method is, or a handler threw.
void Dispatcher::FillErrorBody(const httplib::Request& request, httplib::Response& response) const {
  if (!response.body.empty() || response.has_header("Content-Length")) return;
  if (response.status == 404) {
    std::string allow;
    for (const Route& route : routes_) {
      if (!std::regex_match(request.path, route.pattern)) continue;
      if (allow.find(route.method) == std::string::npos) {
        allow += (allow.empty() ? "" : ", ") + route.method;
      }
    }
    if (!allow.empty()) {
      response.status = 405;
      response.set_header("Allow", allow);
    }
  }
  const ErrorAnswer answer = ErrorOn(request.path, response.status, StatusCodeName(response.status),
                                     ReasonOf(response.status));
  response.set_content(answer.body, answer.content_type);
}

void Dispatcher::WarmUp() {
  Task task;
  task.head.method = "OPTIONS";  // there are no handlers for it
  task.head.target = task.head.path = "/";
  Serve(task);
}

void Dispatcher::Serve(Task& task) {
  bool closed = false;
  bool served = false;
  const std::string head = NormalHead(task.head);
  try {
    MemoryStream stream(head, task.head.peer_ip, task.answer);
    served = process_request(stream, task.close, closed, [&](httplib::Request& request) {
      SetUp(task, request);
      request.body = std::move(task.body);
    });
  } catch (...) {  // the library's own, e.g. no memory
    ++counters_.handler_exceptions;
  }
  task.body = std::string();
  if (!served || task.answer.empty()) {
    task.close = true;
    const ErrorAnswer answer = ErrorOn(task.head.path, 500, StatusCodeName(500), ReasonOf(500));
    task.answer = PlainAnswer(500, {}, answer.content_type, answer.body, true, false);
  }
}

}  // namespace quell::http

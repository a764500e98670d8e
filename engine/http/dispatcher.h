// Dispatcher: cpp-httplib's routing and response building, without its sockets and its parsing.
//
// A task's request enters through memory: its head in normal form with "Content-Length: 0" (so that
// the library reads, inflates and splits nothing), its real headers and body set on the parsed
// request. The answer is caught in memory. Routes are added before the first Serve; Serve is
// thread-safe.
#pragma once

#include <httplib.h>

#include <regex>
#include <string>
#include <vector>

#include "engine/http/counters.h"
#include "engine/http/task.h"

namespace quell::http {

class Dispatcher final : private httplib::Server {
 public:
  using Handler = std::function<void(const httplib::Request&, httplib::Response&)>;

  explicit Dispatcher(FrontCounters& counters);

  // `pattern`: a regular expression over the whole decoded path.
  void AddRoute(const std::string& method, const std::string& pattern, Handler handler);
  // (method, pattern) of each route, HEAD beside every GET.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> routes() const;
  // Before several threads serve: the library builds tables at its first request, which only its
  // own code sees guarded (a thread sanitizer does not).
  void WarmUp();
  // Fills in task.answer. Never throws.
  void Serve(Task& task);

 private:
  void FillErrorBody(const httplib::Request& request, httplib::Response& response) const;

  struct Route {
    std::string method;
    std::string text;  // of the pattern
    std::regex pattern;
  };
  std::vector<Route> routes_;  // what 405 and its Allow header are told from
  FrontCounters& counters_;
};

}  // namespace quell::http

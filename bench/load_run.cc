#include "bench/load_run.h"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <thread>

#include "bench/load_process.h"

namespace quell::bench {
namespace {

constexpr double kBackoffFirst = 0.03;  // seconds; Prometheus' min_backoff
constexpr double kBackoffMax = 0.5;

void WaitUntil(double due) {
  const double left = due - Now();
  if (left > 0) std::this_thread::sleep_for(std::chrono::duration<double>(left));
}

void Merge(LoadResult& into, LoadResult&& from) {
  for (const auto& [status, count] : from.statuses) into.statuses[status] += count;
  into.samples_accepted += from.samples_accepted;
  into.latency_ms.insert(into.latency_ms.end(), from.latency_ms.begin(), from.latency_ms.end());
  into.service_ms.insert(into.service_ms.end(), from.service_ms.begin(), from.service_ms.end());
  if (into.first_refusal.empty()) into.first_refusal = std::move(from.first_refusal);
}

}  // namespace

// Keeps connections within `lead` scrapes of the slowest. Thread-safe.
class Load::Gate {
 public:
  Gate(unsigned connections, size_t from, unsigned lead) : at_(connections, from), lead_(lead) {}

  void Enter(unsigned connection, size_t scrape) {
    if (lead_ == 0) return;
    std::unique_lock lock(mutex_);
    if (at_[connection] != scrape) {
      at_[connection] = scrape;
      moved_.notify_all();
    }
    moved_.wait(lock, [&] { return *std::min_element(at_.begin(), at_.end()) + lead_ >= scrape; });
  }
  void Leave(unsigned connection) {
    const std::lock_guard lock(mutex_);
    at_[connection] = static_cast<size_t>(-1) / 2;
    moved_.notify_all();
  }

 private:
  std::mutex mutex_;  // guards at_: the scrape each connection is at
  std::condition_variable moved_;
  std::vector<size_t> at_;
  unsigned lead_;
};

TimeMs Load::TimeOf(size_t scrape) const {
  return options_.last_scrape -
         static_cast<DurationMs>(options_.scrapes - 1 - scrape) * options_.step_ms;
}

Result<std::unique_ptr<Load>> Load::Prepare(const LoadOptions& options) {
  std::unique_ptr<Load> load(new Load(options));
  if (!options.record.empty()) {
    load->record_.open(options.record, std::ios::trunc);
    if (!load->record_) {
      return MakeError(ErrorCode::kIo, "--record-acks: cannot write '" + options.record + "'");
    }
    for (size_t i = 0; i < load->set_.size(); ++i) {
      load->record_ << "series " << i << ' ' << Labels(load->set_.LabelsOf(i, 0)).ToString()
                    << '\n';
    }
  }
  QUELL_TRY(load->MakeRequests());
  for (unsigned c = 0; c < options.connections; ++c) {
    load->connections_.push_back(std::make_unique<LoadConnection>(options.host, options.port));
  }
  return load;
}

Status Load::MakeRequests() {
  requests_.resize(options_.connections);
  std::vector<unsigned> connection_of;
  for (unsigned c = 0; c < options_.connections; ++c) {
    std::vector<std::uint32_t> list;
    for (size_t i = c; i < set_.size(); i += options_.connections) {
      list.push_back(static_cast<std::uint32_t>(i));
      if (list.size() < options_.samples_per_request && i + options_.connections < set_.size())
        continue;
      series_lists_.push_back(std::move(list));
      connection_of.push_back(c);
      list.clear();
    }
  }
  for (size_t i = 0; i < options_.scrapes_before; ++i) set_.Advance();
  std::vector<RequestTemplate> templates;
  size_t bytes = 0;
  for (size_t scrape = 0; scrape < options_.scrapes; ++scrape) {
    set_.Advance();
    if (scrape == 0 || options_.renew) {
      templates.clear();
      for (const auto& list : series_lists_) {
        templates.emplace_back(options_.protocol, set_, list, static_cast<unsigned>(scrape));
      }
    }
    for (size_t i = 0; i < templates.size(); ++i) {
      const std::string body = templates[i].Body(set_, TimeOf(scrape));
      Request request;
      request.bytes =
          HttpRequest(options_.protocol, options_.host + ':' + std::to_string(options_.port),
                      options_.path, options_.headers, body);
      request.scrape = static_cast<std::uint32_t>(scrape);
      request.series_list = static_cast<std::uint32_t>(i);
      if (!options_.record.empty()) {
        for (const std::uint32_t series : series_lists_[i]) {
          request.values.push_back(set_.Value(series));
        }
      }
      body_bytes_ += body.size();
      bytes += request.bytes.size() + request.values.size() * sizeof(double);
      requests_[connection_of[i]].push_back(std::move(request));
    }
    if (bytes > options_.bytes_max) {
      return MakeError(ErrorCode::kResourceExhausted,
                       "the requests of " + std::to_string(scrape + 1) + " scrapes take " +
                           std::to_string(bytes >> 20U) + " MiB already; make fewer (--samples)");
    }
  }
  return Ok{};
}

double Load::BodyBytesPerSample() const {
  return static_cast<double>(body_bytes_) / static_cast<double>(set_.size() * options_.scrapes);
}

void Load::Record(const Request& request) {
  const TimeMs time = TimeOf(request.scrape);
  const auto& list = series_lists_[request.series_list];
  const std::lock_guard lock(record_mutex_);
  for (size_t i = 0; i < list.size(); ++i) {
    record_ << list[i] << ' ' << time + set_.OffsetMs(list[i]) << ' '
            << static_cast<std::uint64_t>(request.values[i]) << '\n';
  }
  record_.flush();
}

void Load::Send(LoadConnection& connection, const Request& request, double due, double until,
                LoadResult& out) {
  double backoff = kBackoffFirst;
  for (;;) {
    const double sent = Now();
    const auto answer = connection.Post(request.bytes);
    const double answered = Now();
    const int status = answer.ok() ? answer->status : 0;
    ++out.statuses[status];
    if (status / 100 == 2) {
      out.samples_accepted += series_lists_[request.series_list].size();
      out.latency_ms.push_back((answered - due) * 1000);
      out.service_ms.push_back((answered - sent) * 1000);
      if (!options_.record.empty()) Record(request);
      return;
    }
    if (out.first_refusal.empty()) {
      out.first_refusal = std::to_string(status) + ' ' +
                          (answer.ok() ? answer->body.substr(0, 200) : answer.error().message);
    }
    const bool curable = status == 0 || status == 429 || status / 100 == 5;
    if (!options_.retry || !curable || answered > until || stop_) return;
    WaitUntil(answered + backoff);
    backoff = std::min(2 * backoff, kBackoffMax);
  }
}

void Load::SendAll(unsigned connection, size_t from, size_t to, Gate& gate, LoadResult& out) {
  prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);  // nanoseconds: due means due
  const double begun = Now();
  const double until = begun + options_.seconds_max;
  // Connections take turns within the time that one request of each stands for.
  double due_samples = 0;
  bool first = true;
  for (const Request& request : requests_[connection]) {
    if (request.scrape < from || request.scrape >= to) continue;
    const auto samples = static_cast<double>(series_lists_[request.series_list].size());
    if (first) due_samples = samples * connection / options_.connections;
    first = false;
    gate.Enter(connection, request.scrape);
    double due = Now();
    if (options_.rate > 0) {
      due = begun + due_samples * options_.connections / options_.rate;
      due_samples += samples;
      WaitUntil(due);
    }
    if (due > until || stop_) break;
    Send(*connections_[connection], request, due, until, out);
  }
  gate.Leave(connection);
}

LoadResult Load::Run(size_t from, size_t to) {
  LoadResult result;
  std::vector<LoadResult> parts(options_.connections);
  std::vector<std::thread> threads;
  Gate gate(options_.connections, from, options_.lead);
  const double begun = Now();
  const double own = OwnCpuSeconds();
  const double busy = MachineBusySeconds();
  for (unsigned c = 0; c < options_.connections; ++c) {
    threads.emplace_back([&, c] { SendAll(c, from, to, gate, parts[c]); });
  }
  for (std::thread& thread : threads) thread.join();
  result.seconds = Now() - begun;
  result.own_cpu_seconds = OwnCpuSeconds() - own;
  result.machine_busy_seconds = MachineBusySeconds() - busy;
  for (LoadResult& part : parts) Merge(result, std::move(part));
  std::sort(result.latency_ms.begin(), result.latency_ms.end());
  std::sort(result.service_ms.begin(), result.service_ms.end());
  return result;
}

}  // namespace quell::bench

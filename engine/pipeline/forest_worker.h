// ForestWorker: runs the detector bank's background fits on a thread of its own.
//
// Results do not depend on it: a fit is installed at a fixed later step, and the bank runs the job
// itself if nobody has. Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "detectors/bank.h"

namespace quell::pipeline {

class ForestWorker {
 public:
  ForestWorker() : thread_([this] { Loop(); }) {}
  ~ForestWorker() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  ForestWorker(const ForestWorker&) = delete;
  ForestWorker& operator=(const ForestWorker&) = delete;

  // At most one job waits; a newer one takes its place (the bank runs what was left).
  void Submit(std::shared_ptr<detectors::DetectorBank::FitJob> job) {
    {
      const std::lock_guard lock(mutex_);
      job_ = std::move(job);
    }
    wake_.notify_all();
  }

 private:
  void Loop() {
    for (;;) {
      std::shared_ptr<detectors::DetectorBank::FitJob> job;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stop_ || job_ != nullptr; });
        if (stop_) return;
        job.swap(job_);
      }
      detectors::DetectorBank::Run(*job);
    }
  }

  std::mutex mutex_;  // guards job_ and stop_
  std::condition_variable wake_;
  std::shared_ptr<detectors::DetectorBank::FitJob> job_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace quell::pipeline

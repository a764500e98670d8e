// WindowSize: how much time the next request for history spans. Halved where a server or memory
// refuses, grown back after successes, ever more rarely where growing back has failed.
//
// Thread-compatible; a value.
#pragma once

#include <algorithm>

#include "core/time.h"

namespace quell::ingest {

class WindowSize {
 public:
  // REQUIRES: 0 < min <= now <= max.
  WindowSize(DurationMs now, DurationMs min, DurationMs max) : now_(now), min_(min), max_(max) {}

  [[nodiscard]] DurationMs get() const { return now_; }

  // A window of `tried` was too much. False: it is as small as it gets.
  [[nodiscard]] bool Halve(DurationMs tried) {
    if (tried / 2 < min_) return false;
    now_ = tried / 2;
    if (grown_) patience_ = std::min(patience_ * 2, kPatienceMax);
    grown_ = false;
    successes_ = 0;
    return true;
  }

  // `roomy`: twice as much would have been fine too, as far as the asker can tell.
  void Succeeded(bool roomy) {
    if (!roomy) successes_ = 0;
    if (!roomy || ++successes_ < patience_ || now_ >= max_) return;
    now_ = std::min(max_, now_ * 2);
    grown_ = true;
    successes_ = 0;
  }

 private:
  static constexpr int kPatienceMax = 256;
  DurationMs now_;
  DurationMs min_;
  DurationMs max_;
  int patience_ = 4;  // successes in a row before it grows
  int successes_ = 0;
  bool grown_ = false;  // since the last halving
};

}  // namespace quell::ingest

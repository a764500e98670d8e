// EventBoard: what has changed, by topic, for those who listen (server-sent events).
//
// A board keeps no events: only a revision, and of each topic the revision at which it last moved.
// Who was told of a revision is told next which topics have moved since, however long that took, so
// that a listener costs two numbers and a slow one can fall behind without a queue. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace quell::http {

class EventBoard {
 public:
  // `run` tells this process from those before: revisions start anew in each. `topics`: at most 64.
  EventBoard(std::uint64_t run, std::vector<std::string> topics)
      : run_(run), topics_(std::move(topics)), moved_at_(topics_.size(), 0) {}

  // Called after each move, by the thread that moves: brief, and no call back to the board.
  void OnMove(std::function<void()> call) {
    const std::lock_guard lock(mutex_);
    on_move_ = std::move(call);
  }

  // The topics of these bits have moved.
  void Move(std::uint64_t topics);
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  // What a Last-Event-ID stands for; 0, before everything, for one of another process or of none.
  [[nodiscard]] std::uint64_t RevisionOf(std::string_view event_id) const;

  struct News {
    std::uint64_t revision = 0;
    std::string id;    // "RUN-REVISION"
    std::string data;  // {"changed":["incidents"]}
  };
  [[nodiscard]] News Since(std::uint64_t revision) const;

 private:
  const std::uint64_t run_;
  const std::vector<std::string> topics_;
  std::atomic<std::uint64_t> revision_{1};
  mutable std::mutex mutex_;  // guards the members below, and revision_ against going back
  std::function<void()> on_move_;
  std::vector<std::uint64_t> moved_at_;
};

}  // namespace quell::http

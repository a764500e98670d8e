// Checks passwords: one hash at a time, right ones remembered, wrong ones throttled by peer.
//
// Input   users, name, password, peer. Output: a verdict, and whose password it was.
// Cost    a remembered password is two HMACs; else one crypt(3) hash, tens of milliseconds. A name
//         that nobody has costs the same hash as one that somebody has.
// Memory  right passwords are remembered as HMAC-SHA256 under a key of this process, over user,
//         hash and password with their lengths; wrong ones are never kept. At most kRememberedMax,
//         forgotten when not used for kRememberMs, and all at Forget().
// Threads thread-safe. Who waits for another's hash waits at most behind kWaitingMax.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/clock.h"
#include "engine/auth/digest.h"
#include "engine/auth/options.h"
#include "engine/auth/throttle.h"

namespace quell::auth {

enum class PasswordVerdict {
  kRight,
  kWrong,      // or nobody's name
  kUnchecked,  // not remembered: Check() has to hash
  kThrottled,  // this peer was wrong too often
  kBusy,       // too many wait already
};

struct PasswordAnswer {
  PasswordVerdict verdict = PasswordVerdict::kWrong;
  const UserIdentity* user = nullptr;  // kRight
  DurationMs retry_after_ms = 0;       // kThrottled, kBusy
};

class PasswordChecker {
 public:
  static constexpr size_t kRememberedMax = 1024;
  static constexpr DurationMs kRememberMs = 10 * kMinuteMs;
  static constexpr int kWaitingMax = 16;

  // `key` is random and of this process alone.
  PasswordChecker(Clock& clock, const Digest& key, ThrottleOptions throttle = {})
      : clock_(clock), key_(key), throttle_(throttle) {}

  // Without hashing: all but kBusy; kWrong only where there are no users.
  PasswordAnswer Recall(const std::vector<UserIdentity>& users, const std::string& name,
                        const std::string& password, std::string_view peer);
  // All but kUnchecked. May take as long as kWaitingMax hashes.
  PasswordAnswer Check(const std::vector<UserIdentity>& users, const std::string& name,
                       const std::string& password, std::string_view peer);
  void Forget();
  [[nodiscard]] size_t remembered() const;
  [[nodiscard]] std::uint64_t hashes() const { return hashes_; }

 private:
  [[nodiscard]] Digest Key(const UserIdentity& user, const std::string& password) const;
  bool IsRemembered(const Digest& key);
  void Remember(const Digest& key);
  // Whose hash stands in for the name that nobody has: the same one each time, so that names that
  // exist and names that do not take equally long also where users have hashes of several kinds.
  [[nodiscard]] const UserIdentity& StandIn(const std::vector<UserIdentity>& users,
                                            const std::string& name) const;

  Clock& clock_;
  const Digest key_;
  std::atomic<int> waiting_{0};
  std::atomic<std::uint64_t> hashes_{0};
  std::mutex hash_mutex_;     // one hash at a time; taken before mutex_
  mutable std::mutex mutex_;  // guards the members below
  PeerThrottle throttle_;
  std::map<Digest, DurationMs> remembered_;  // when last used
};

// Every entry is compared, whichever matches. Null if none does.
const UserIdentity* FindUser(const std::vector<UserIdentity>& users, const std::string& name);

}  // namespace quell::auth

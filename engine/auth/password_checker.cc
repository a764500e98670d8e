#include "engine/auth/password_checker.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "engine/auth/credentials.h"
#include "engine/auth/password.h"

namespace quell::auth {
namespace {

void AddField(std::string& message, std::string_view field) {
  message += std::to_string(field.size());
  message += ':';
  message += field;
}

// Counts who is inside Check().
class Turn {
 public:
  explicit Turn(std::atomic<int>& count) : count_(count), number_(++count) {}
  ~Turn() { --count_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  std::atomic<int>& count_;
  int number_;
};

}  // namespace

const UserIdentity* FindUser(const std::vector<UserIdentity>& users, const std::string& name) {
  const UserIdentity* found = nullptr;
  for (const UserIdentity& user : users) {
    if (user.name.size() != name.size()) continue;
    if (CRYPTO_memcmp(user.name.data(), name.data(), name.size()) == 0) found = &user;
  }
  return found;
}

Digest PasswordChecker::Key(const UserIdentity& user, const std::string& password) const {
  std::string message;
  message.reserve(user.name.size() + user.password_hash.size() + password.size() + 16);
  AddField(message, user.name);
  AddField(message, user.password_hash);
  AddField(message, password);
  const Digest key = HmacSha256(key_, message);
  Wipe(message);
  return key;
}

const UserIdentity& PasswordChecker::StandIn(const std::vector<UserIdentity>& users,
                                             const std::string& name) const {
  const Digest digest = HmacSha256(key_, name);
  size_t number = 0;
  for (size_t i = 0; i < sizeof(number); ++i) number = number << 8U | digest[i];
  return users[number % users.size()];
}

bool PasswordChecker::IsRemembered(const Digest& key) {
  const DurationMs now = clock_.MonotonicMs();
  const std::lock_guard lock(mutex_);
  const auto found = remembered_.find(key);
  if (found == remembered_.end()) return false;
  if (now - found->second >= kRememberMs) {
    remembered_.erase(found);
    return false;
  }
  found->second = now;
  return true;
}

void PasswordChecker::Remember(const Digest& key) {
  const DurationMs now = clock_.MonotonicMs();
  const std::lock_guard lock(mutex_);
  std::erase_if(remembered_, [&](const auto& entry) { return now - entry.second >= kRememberMs; });
  if (remembered_.size() >= kRememberedMax) {
    remembered_.erase(
        std::min_element(remembered_.begin(), remembered_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  remembered_[key] = now;
}

PasswordAnswer PasswordChecker::Recall(const std::vector<UserIdentity>& users,
                                       const std::string& name, const std::string& password,
                                       std::string_view peer) {
  if (users.empty()) return {};
  const UserIdentity* user = FindUser(users, name);
  const bool known = IsRemembered(Key(user == nullptr ? StandIn(users, name) : *user, password));
  if (known && user != nullptr) return {PasswordVerdict::kRight, user, 0};
  const std::lock_guard lock(mutex_);
  const DurationMs wait = throttle_.WaitMs(peer, clock_.MonotonicMs());
  if (wait > 0) return {PasswordVerdict::kThrottled, nullptr, wait};
  return {PasswordVerdict::kUnchecked, nullptr, 0};
}

PasswordAnswer PasswordChecker::Check(const std::vector<UserIdentity>& users,
                                      const std::string& name, const std::string& password,
                                      std::string_view peer) {
  const Turn turn(waiting_);
  if (turn.number() > kWaitingMax) return {PasswordVerdict::kBusy, nullptr, kSecondMs};
  const std::lock_guard one_hash(hash_mutex_);
  // Another request may have brought the same password, or this peer's last wrong one, meanwhile.
  const PasswordAnswer recalled = Recall(users, name, password, peer);
  if (recalled.verdict != PasswordVerdict::kUnchecked) return recalled;
  const UserIdentity* user = FindUser(users, name);
  ++hashes_;
  const UserIdentity& hashed = user == nullptr ? StandIn(users, name) : *user;
  const bool right = VerifyPassword(password, hashed.password_hash);
  if (right && user != nullptr) {
    Remember(Key(*user, password));
    return {PasswordVerdict::kRight, user, 0};
  }
  const std::lock_guard lock(mutex_);
  throttle_.CountFailure(peer, clock_.MonotonicMs());
  return {PasswordVerdict::kWrong, nullptr, 0};
}

void PasswordChecker::Forget() {
  const std::lock_guard lock(mutex_);
  remembered_.clear();
}

size_t PasswordChecker::remembered() const {
  const std::lock_guard lock(mutex_);
  return remembered_.size();
}

}  // namespace quell::auth

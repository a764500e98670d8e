#include "engine/auth/listening.h"

#include <arpa/inet.h>

#include <string>

#include "engine/auth/throttle.h"

namespace quell::auth {

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  const std::string address = PeerKey(host);
  in_addr bytes{};
  if (inet_pton(AF_INET, address.c_str(), &bytes) == 1) return (ntohl(bytes.s_addr) >> 24U) == 127;
  in6_addr six{};
  return inet_pton(AF_INET6, std::string(host).c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

Exposure JudgeExposure(std::string_view host, const Options& options, Transport transport,
                       bool allow_unauthenticated) {
  if (IsLoopback(host) || transport == Transport::kMutualTls) return Exposure::kFine;
  // Whoever lets everybody do everything asks nothing either.
  if (!options.HasIdentities() || options.anonymous.Has(Role::kAdmin)) {
    return allow_unauthenticated ? Exposure::kAllowed : Exposure::kUnauthenticated;
  }
  return transport == Transport::kTls ? Exposure::kFine : Exposure::kCleartext;
}

}  // namespace quell::auth

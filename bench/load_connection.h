// LoadConnection: one keep-alive HTTP/1.1 connection with blocking sockets, just enough to post a
// prepared request and read its answer. Thread-compatible.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace quell::bench {

class LoadConnection {
 public:
  LoadConnection(std::string host, int port) : host_(std::move(host)), port_(port) {}
  ~LoadConnection() { Close(); }
  LoadConnection(const LoadConnection&) = delete;
  LoadConnection& operator=(const LoadConnection&) = delete;

  struct Answer {
    int status = 0;
    std::string body;
  };
  // Connects first where it is not connected. kUnavailable: the peer is away or broke off; whether
  // it took the request is unknown. kCorrupt: the answer is not HTTP.
  Result<Answer> Post(std::string_view request);  // head and body

 private:
  Status Connect();
  Status Send(std::string_view request);
  Result<Answer> Receive();
  Status Fill();  // more bytes into buffer_
  Result<std::string> ReadChunks(size_t at);
  void Close();

  std::string host_;  // an IPv4 address
  int port_;
  int fd_ = -1;
  std::string buffer_;
};

}  // namespace quell::bench

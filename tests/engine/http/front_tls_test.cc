#include <openssl/pem.h>

#include "core/file.h"
#include "tests/engine/http/front_fixture.h"
#include "tests/support/certificate.h"
#include "tests/support/temp_folder.h"

namespace quell::http {
namespace {

// A certificate with its key as files of a folder.
class PemFiles {
 public:
  PemFiles(const test::TempFolder& folder, const std::string& name)
      : cert(folder.File(name + ".crt")), key(folder.File(name + ".key")) {
    auto made = test::MakeCertificate();
    REQUIRE(made.ok());
    pem = made->pem;
    REQUIRE(WriteFileAtomic(cert, pem).ok());
    FILE* file = std::fopen(key.c_str(), "w");
    REQUIRE(file != nullptr);
    PEM_write_PrivateKey(file, made->key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }

  const std::string cert;
  const std::string key;
  std::string pem;
};

FrontOptions WithTls(const PemFiles& server, const std::string& client_ca_file = "") {
  FrontOptions options;
  options.tls = {server.cert, server.key, client_ca_file};
  return options;
}

// The body of an answer; "" = no connection.
std::string Echo(int port, const PemFiles& trusted, const PemFiles* own = nullptr) {
  httplib::SSLClient client("127.0.0.1", port, own == nullptr ? "" : own->cert,
                            own == nullptr ? "" : own->key);
  client.set_ca_cert_path(trusted.cert.c_str());
  client.enable_server_certificate_verification(true);
  const auto answer = client.Post("/echo", "over TLS", "text/plain");
  return answer ? answer->body + '|' + answer->get_header_value("X-Identity") : "";
}

TEST_CASE("TLS: requests of any size go through, kept alive", "[http]") {
  const test::TempFolder folder;
  const PemFiles server_files(folder, "server");
  TestFront server(WithTls(server_files));
  httplib::SSLClient client("127.0.0.1", server.port());
  client.set_ca_cert_path(server_files.cert.c_str());
  client.enable_server_certificate_verification(true);
  client.set_keep_alive(true);
  server.gate.body_bytes_max = 4U << 20U;
  for (const size_t size : {0U, 1U, 16384U, 45000U, 3000000U}) {
    const std::string body(size, 'b');
    const auto answer = client.Post("/echo", body, "application/octet-stream");
    REQUIRE(answer);
    CHECK(answer->body == body);
  }
  const auto large = client.Get("/large");
  REQUIRE(large);
  CHECK(large->body.size() == server.answer_bytes);
  CHECK(server.counters().connections_total == 1);
}

TEST_CASE("TLS: what is no handshake is counted and closed", "[http]") {
  const test::TempFolder folder;
  const PemFiles files(folder, "server");
  TestFront server(WithTls(files));
  RawClient plain(server.port());
  plain.Send(Get("/hello"));
  plain.Receive();
  CHECK(TestFront::Eventually([&] { return server.counters().tls_handshakes_failed == 1; }));
  CHECK(Echo(server.port(), files) == "over TLS|");
}

TEST_CASE("TLS: a handshake that stalls ends at its deadline", "[http]") {
  const test::TempFolder folder;
  const PemFiles files(folder, "server");
  ManualClock clock(1000000);
  const FrontOptions options = WithTls(files);
  TestFront server(options, &clock);
  RawClient stalled(server.port());
  stalled.Send("\x16\x03\x01");
  REQUIRE(TestFront::Eventually([&] { return server.counters().connections_open == 1; }));
  clock.Advance(options.head_timeout_ms);
  CHECK(stalled.Ended());
  CHECK(server.Timeouts(Timeout::kHandshake) == 1);
}

TEST_CASE("TLS: with a client authority only its clients are let in, and named", "[http]") {
  const test::TempFolder folder;
  const PemFiles files(folder, "server");
  const PemFiles known(folder, "known");
  const PemFiles unknown(folder, "unknown");
  TestFront server(WithTls(files, known.cert));
  CHECK(Echo(server.port(), files, &known) == "over TLS|pagerduty-sandbox");
  CHECK(Echo(server.port(), files, &unknown).empty());
  CHECK(Echo(server.port(), files).empty());
  CHECK(server.served == 1);
}

TEST_CASE("TLS: changed files are used by new handshakes without a restart", "[http]") {
  const test::TempFolder folder;
  const PemFiles first(folder, "first");
  const PemFiles second(folder, "second");
  const std::string cert = folder.File("server.crt");
  const std::string key = folder.File("server.key");
  const auto install = [&](const PemFiles& files) {
    std::filesystem::copy_file(files.cert, cert, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(files.key, key, std::filesystem::copy_options::overwrite_existing);
  };
  install(first);
  FrontOptions options;
  options.tls = {cert, key, ""};
  ManualClock clock(1000000);
  TestFront server(options, &clock);
  CHECK(Echo(server.port(), first) == "over TLS|");
  // A connection from before goes on.
  httplib::SSLClient old("127.0.0.1", server.port());
  old.set_ca_cert_path(first.cert.c_str());
  old.enable_server_certificate_verification(true);
  old.set_keep_alive(true);
  REQUIRE(old.Get("/hello"));

  install(second);
  CHECK(server.front->ReloadTls().ok());
  CHECK(Echo(server.port(), second) == "over TLS|");
  CHECK(Echo(server.port(), first).empty());
  CHECK(old.Get("/hello"));

  // Without being told: at the next connection a second later.
  install(first);
  clock.Advance(1000);
  CHECK(Echo(server.port(), first) == "over TLS|");
  CHECK(server.counters().tls_reloads == 2);

  // Broken files leave the old ones in force.
  REQUIRE(WriteFileAtomic(key, second.pem).ok());
  CHECK_FALSE(server.front->ReloadTls().ok());
  CHECK(Echo(server.port(), first) == "over TLS|");
  CHECK(server.counters().tls_reload_failures == 1);
}

TEST_CASE("TLS: files that cannot be used are named", "[http]") {
  const test::TempFolder folder;
  const PemFiles files(folder, "server");
  const PemFiles other(folder, "other");
  TestGate gate;
  SystemClock clock;
  const auto error = [&](const TlsOptions& tls) {
    FrontOptions options;
    options.tls = tls;
    const auto bound = Front::Bind(options, gate, clock);
    return bound.ok() ? "" : bound.error().message;
  };
  CHECK(error({folder.File("none"), files.key, ""}).find("tls.cert_file") == 0);
  CHECK(error({files.cert, other.key, ""}).find("tls.key_file") == 0);
  CHECK(error({files.cert, files.key, folder.File("none")}).find("tls.client_ca_file") == 0);
  CHECK(error({files.cert, files.key, files.cert}).empty());
}

}  // namespace
}  // namespace quell::http

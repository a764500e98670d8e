// A self-signed certificate for 127.0.0.1 and localhost, made on the spot; its own authority.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "core/result.h"

namespace quell::test {

struct Certificate {
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{nullptr, EVP_PKEY_free};
  std::unique_ptr<X509, void (*)(X509*)> x509{nullptr, X509_free};
  std::string pem;  // of the certificate, for a client's ca_file
};

Result<Certificate> MakeCertificate();

}  // namespace quell::test

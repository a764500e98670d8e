#include "tests/support/certificate.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace quell::test {
namespace {

bool AddExtension(X509* x509, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(x509, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool Fill(X509* x509, EVP_PKEY* key) {
  constexpr long kDaySeconds = 24 * 3600;
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -kDaySeconds);
  X509_gmtime_adj(X509_getm_notAfter(x509), 30 * kDaySeconds);
  X509_set_pubkey(x509, key);
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("pagerduty-sandbox"), -1, -1,
                             0);
  X509_set_issuer_name(x509, name);
  return AddExtension(x509, NID_basic_constraints, "critical,CA:TRUE") &&
         AddExtension(x509, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost") &&
         X509_sign(x509, key, EVP_sha256()) > 0;
}

}  // namespace

Result<Certificate> MakeCertificate() {
  Certificate made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.x509.reset(X509_new());
  if (made.key == nullptr || made.x509 == nullptr || !Fill(made.x509.get(), made.key.get())) {
    return MakeError(ErrorCode::kIo, "OpenSSL cannot make a certificate");
  }
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(bio, made.x509.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  made.pem.assign(data, static_cast<size_t>(size));
  BIO_free(bio);
  return made;
}

}  // namespace quell::test

#include "ingest/sensitive.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "core/random.h"

namespace quell::ingest {
namespace {

// What is found, as text; "" for nothing.
std::string Found(std::optional<SensitiveSpan> span, const std::string& text) {
  return span ? text.substr(span->begin, span->end - span->begin) : "";
}
std::string Card(const std::string& text) { return Found(NextCardNumber(text), text); }
std::string Iban(const std::string& text) { return Found(NextIban(text), text); }
std::string Email(const std::string& text) { return Found(NextEmail(text), text); }

TEST_CASE("Card numbers: the published test numbers of every scheme are found", "[redaction]") {
  for (const std::string number : {
           "4111111111111111",     // Visa
           "4012888888881881",     // Visa
           "4222222222222",        // Visa, 13 digits
           "4000056655665556",     // Visa debit
           "5555555555554444",     // Mastercard
           "5105105105105100",     // Mastercard
           "5200828282828210",     // Mastercard debit
           "2223003122003222",     // Mastercard, 2-series
           "378282246310005",      // American Express
           "371449635398431",      // American Express
           "6011111111111117",     // Discover
           "6011000990139424",     // Discover
           "3056930009020004",     // Diners Club
           "36227206271667",       // Diners Club, 14 digits
           "30569309025904",       // Diners Club, 14 digits
           "38520000023237",       // Diners Club, 14 digits
           "3566002020360505",     // JCB
           "3530111333300000",     // JCB
           "6200000000000005",     // UnionPay
           "6205500000000000004",  // UnionPay, 19 digits
           "6759649826438453",     // Maestro
           "6799990100000000019",  // Maestro, 19 digits
           "2200000000000004",     // Mir
       }) {
    INFO(number);
    CHECK(Card(number) == number);
    CHECK(Card("/pay/" + number + "/x") == number);
    CHECK(Card("card" + number + "x") == number);
    CHECK(Card("pan=" + number + ",exp=12/29") == number);
    // Any other last digit fails the Luhn check.
    std::string near = number;
    near.back() = near.back() == '9' ? '0' : static_cast<char>(near.back() + 1);
    CHECK(Card(near).empty());
    CHECK(Card("7" + number).empty());
    CHECK(Card(number + "00000000").empty());
  }
}

TEST_CASE("Card numbers: printed in groups they are found, too", "[redaction]") {
  for (const std::string text :
       {"4111 1111 1111 1111", "4111-1111-1111-1111", "4111.1111.1111.1111", "4111_1111_1111_1111",
        "3782 822463 10005", "3622-720627-1667", "4222 2222 2222 2", "6799 9901 0000 0000 019",
        "620550 0000000000004"}) {
    INFO(text);
    CHECK(Card(text) == text);
    CHECK(Card("from " + text + " to") == text);
    CHECK(Card("2026 " + text + " 12 29") == text);
  }
}

TEST_CASE("Card numbers: what only resembles one is left alone", "[redaction]") {
  for (const std::string text : {
           "",
           "411111111111111",    // a digit short: 15 digits are not Visa's
           "41111111111111111",  // a digit long
           "4111111111111112",   // Luhn
           "1111111111111117",   // no issuer
           "378282246310005"
           "0",                         // American Express has 15
           "5655555555555",             // Luhn
           "4111  1111 1111 1111",      // two blanks
           "4111/1111/1111/1111",       // no separator of cards
           "41111 111 1111 1111",       // no grouping of cards
           "411111111111111114111111",  // part of a longer run
           "1755856800000",             // epoch milliseconds
           "1755856800123456",          // epoch microseconds
           "1755856800123456789",       // epoch nanoseconds
           "20260822101530123",         // a time
           "2026-08-22 10:15:30.123",
           "10.244.113.27",
           "0.6400000000000001",
           "+0.4111111111111111",
           "-4.1111111111111111e-05",
           "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
       }) {
    INFO(text);
    CHECK(Card(text).empty());
  }
  // The integer part of a decimal number, and a fraction in other text, may well be one.
  CHECK(Card("4111111111111111.00") == "4111111111111111");
  CHECK(Card("id.4111111111111111") == "4111111111111111");
}

TEST_CASE("IBANs: registered examples are found in either case and in groups", "[redaction]") {
  for (const std::string iban :
       {"GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606",
        "NL91ABNA0417164300", "BE68539007547034", "NO9386011117947", "CH9300762011623852957",
        "ES9121000418450200051332", "IT60X0542811101000000123456", "AT611904300234573201",
        "PL61109010140000071219812874", "SE4550000000058398257466", "DK5000400440116243",
        "SA0380000000608010167519", "AE070331234567890123456", "TR330006100519786457841326",
        "MT84MALT011000012345MTLCAST001S", "BR1800360305000010009795493C1",
        "LC55HEMM000100010012001200023015"}) {
    INFO(iban);
    CHECK(Iban(iban) == iban);
    std::string lower, grouped;
    for (size_t i = 0; i < iban.size(); ++i) {
      const char c = iban[i];
      lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      if (i > 0 && i % 4 == 0) grouped += ' ';
      grouped += c;
    }
    CHECK(Iban("payout_" + lower + "_total") == lower);
    CHECK(Iban("to " + grouped + ", now") == grouped);
    std::string near = iban;
    near[2] = near[2] == '9' ? '0' : static_cast<char>(near[2] + 1);
    CHECK(Iban(near).empty());
    CHECK(Iban(iban.substr(0, iban.size() - 1)).empty());
    CHECK(Iban(iban + "0").empty());
    CHECK(Iban("X" + iban).empty());
  }
  CHECK(Iban("ZZ82WEST12345698765432").empty());
  CHECK(Iban("GB82 WEST 1234 5698  7654 32").empty());
}

TEST_CASE("E-mail addresses: as people write them, not what systemd or images look like",
          "[redaction]") {
  CHECK(Email("jane.doe@example.com") == "jane.doe@example.com");
  CHECK(Email("user=jane+pay@mail.example.co.uk;x") == "jane+pay@mail.example.co.uk");
  CHECK(Email("/users/jane%40example.com/cards") == "jane%40example.com");
  CHECK(Email("<o'neil@example.org>.") == "o'neil@example.org");
  CHECK(Email("a@b@example.com") == "b@example.com");
  CHECK(Email("j\xC3\xBCrgen@b\xC3\xBC"
              "cher.de") ==
        "j\xC3\xBCrgen@b\xC3\xBC"
        "cher.de");
  CHECK(Email("x@example.xn--p1ai") == "x@example.xn--p1ai");
  CHECK(Email("x@example.com.1") == "x@example.com");
  for (const std::string text :
       {"", "@", "a@", "@example.com", "jane@localhost", "jane@10.0.0.1", "getty@tty1.service",
        "user@1000.service", "registry/pay@sha256:0123abcd", "lib@1.2.3", "100%40", "a@.com",
        "a@x..com", "50% of 40.com"}) {
    INFO(text);
    CHECK(Email(text).empty());
  }
}

TEST_CASE("May hold: never denies what is found", "[redaction]") {
  Random random(11);
  const std::string alphabet = "0123456789GBDEWSTgbx@%.- a";
  int found = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text = i % 3 == 0 ? "4222222222222" : i % 3 == 1 ? "NO9386011117947" : "a@b.cd";
    for (std::uint64_t left = random.Below(4); left > 0; --left) {
      text.insert(random.Below(text.size() + 1), 1, alphabet[random.Below(alphabet.size())]);
    }
    const SensitiveKinds may = MayHold(text);
    for (const auto kind :
         {SensitiveKind::kCardNumber, SensitiveKind::kIban, SensitiveKind::kEmail}) {
      if (!NextSensitive(kind, text)) continue;
      ++found;
      if (!may.Has(kind)) FAIL(text);
    }
  }
  CHECK(found > 50000);
  const SensitiveKinds none = MayHold("/v1/a-ab-\xC0");
  CHECK_FALSE((none.card_numbers || none.ibans || none.emails));
}

TEST_CASE("Masks: findings give way to what they were, the rest stays", "[redaction]") {
  CHECK(MaskSensitive("pay 4111111111111111 from GB82WEST12345698765432 by jane@example.com.") ==
        "pay [redacted card number] from [redacted IBAN] by [redacted e-mail address].");
  CHECK(MaskSensitive("nothing here") == "nothing here");
  // One inside the other: the longer one names it.
  CHECK(MaskSensitive("4111111111111111@example.com") == "[redacted e-mail address]");
  // Masking the integer part makes the fraction one of its own.
  CHECK(MaskSensitive("4111111111111111.5555555555554444") ==
        "[redacted card number].[redacted card number]");
  SensitiveKinds emails;
  emails.card_numbers = emails.ibans = false;
  CHECK(MaskSensitive("4111111111111111 a@b.cd", emails) ==
        "4111111111111111 [redacted e-mail address]");
}

TEST_CASE("Masks: a megabyte of findings, or of almost none, takes linear time", "[redaction]") {
  for (const std::string piece :
       {"4111111111111111 ", "4111111111111111.", "a@b.cd ", "a%40", "GB82", "4111 ", "1.",
        "GB82WEST12345698765432 ", "4111111111111111@x.com."}) {
    std::string text;
    while (text.size() < (1U << 20U)) text += piece;
    INFO(piece);
    const std::string masked = MaskSensitive(text);
    CHECK_FALSE(NextCardNumber(masked));
    CHECK_FALSE(NextEmail(masked));
    CHECK_FALSE(NextIban(masked));
  }
}

// How often what is none of it is taken for it; docs/redaction.md has the figures.
double CardShare(int count, const std::function<std::string()>& make) {
  int found = 0;
  for (int i = 0; i < count; ++i) found += NextCardNumber(make()) ? 1 : 0;
  return static_cast<double>(found) / count;
}

TEST_CASE("Card numbers: false positives are few", "[redaction]") {
  Random random(7);
  const auto digits = [&](size_t length) {
    std::string out;
    while (out.size() < length) out += static_cast<char>('0' + random.Below(10));
    return out;
  };
  const auto hex = [&](size_t length) {
    std::string out;
    while (out.size() < length) out += "0123456789abcdef"[random.Below(16)];
    return out;
  };
  std::string report;
  for (size_t length = 13; length <= 19; ++length) {
    const double share = CardShare(30000, [&] { return digits(length); });
    CHECK(share < 0.05);
    report += std::to_string(length) + " digits " + std::to_string(share) + '\n';
  }
  const double uuids = CardShare(300000, [&] {
    return hex(8) + '-' + hex(4) + "-4" + hex(3) + "-a" + hex(3) + '-' + hex(12);
  });
  CHECK(uuids < 2e-5);
  const double hashes = CardShare(50000, [&] { return hex(64); });
  CHECK(hashes < 0.01);
  const double epochs =
      CardShare(100000, [&] { return std::to_string(1700000000000 + random.Below(200000000000)); });
  CHECK(epochs == 0);
  report += "UUIDs " + std::to_string(uuids * 1e6) + " in a million\nSHA-256 in hex " +
            std::to_string(hashes) + '\n';
  INFO(report);
  SUCCEED(report);
}

}  // namespace
}  // namespace quell::ingest

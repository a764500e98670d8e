// quell token: secrets for the configuration's `auth:`.
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "engine/auth/credentials.h"
#include "engine/auth/digest.h"
#include "engine/auth/password.h"
#include "engine/auth/role.h"

namespace quell::cli {
namespace {

// Keeps the terminal from showing what is typed.
class NoEcho {
 public:
  NoEcho() {
    active_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!active_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~NoEcho() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
  bool active_ = false;
};

std::string AskForLine(const char* prompt) {
  const bool terminal = ::isatty(STDIN_FILENO) != 0;
  if (terminal) std::fprintf(stderr, "%s: ", prompt);
  const NoEcho no_echo;
  std::string line;
  std::getline(std::cin, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

struct NewFlags {
  std::string name, role = "read";
};

int New(const NewFlags& flags) {
  auto token = auth::NewToken();
  if (!token.ok()) return Fail(token.error());
  const std::string digest = auth::ToHex(auth::Sha256(*token));
  std::printf("token   %s\nsha256  %s\n", token->c_str(), digest.c_str());
  if (!flags.name.empty()) {
    std::printf("config  - {name: %s, role: %s, token_sha256: %s}\n", flags.name.c_str(),
                flags.role.c_str(), digest.c_str());
  }
  auth::Wipe(*token);
  return 0;
}

int Hash() {
  std::string password = AskForLine("Password");
  if (::isatty(STDIN_FILENO) != 0) {
    std::string again = AskForLine("Once more");
    const bool same = again == password;
    auth::Wipe(again);
    if (!same) {
      return Fail(MakeError(ErrorCode::kInvalidArgument, "the two passwords differ"));
    }
  }
  const auto hash = auth::HashPassword(password);
  auth::Wipe(password);
  if (!hash.ok()) return Fail(hash.error());
  std::printf("%s\n", hash->c_str());
  return 0;
}

}  // namespace

void AddToken(CLI::App& app, int& exit_code) {
  CLI::App* verb = app.add_subcommand(
      "token", "Make tokens and password hashes for the configuration's auth (docs/security.md).");
  verb->require_subcommand(1);
  CLI::App* fresh = verb->add_subcommand(
      "new",
      "Print a fresh random token (32 bytes of the operating system) and its SHA-256.\n\n"
      "Give the token to the client; name the SHA-256 as token_sha256 in the configuration.\n"
      "With --name it also prints the line for auth.tokens there.");
  auto flags = std::make_shared<NewFlags>();
  fresh->add_option("--name", flags->name, "whose it is: letters, digits, '-', '_' and '.'")
      ->check([](const std::string& name) {
        const bool fine = name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "0123456789-_.") == std::string::npos;
        return fine ? std::string() : std::string("a name is letters, digits, '-', '_' and '.'");
      });
  fresh->add_option("--role", flags->role, "what it may do, with --name")
      ->check(CLI::IsMember(auth::RoleNames()))
      ->capture_default_str();
  fresh->callback([flags, &exit_code] { exit_code = New(*flags); });
  CLI::App* hash = verb->add_subcommand(
      "hash",
      "Read a password from stdin, without showing it, and print its yescrypt hash.\n\n"
      "Put the hash into the file that password_hash_file names.");
  hash->callback([&exit_code] { exit_code = Hash(); });
}

}  // namespace quell::cli

#include "engine/store/sqlite.h"

#include <sqlite3.h>

#include <filesystem>

namespace quell::store {
namespace {

Error SqliteError(sqlite3* handle, std::string_view operation, const std::string& path) {
  const int code = handle == nullptr ? SQLITE_NOMEM : sqlite3_extended_errcode(handle);
  ErrorCode kind = ErrorCode::kIo;
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      kind = ErrorCode::kCorrupt;
      break;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      kind = ErrorCode::kResourceExhausted;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      kind = ErrorCode::kUnavailable;
      break;
    default:
      break;
  }
  const char* reason = handle == nullptr ? "out of memory" : sqlite3_errmsg(handle);
  return MakeError(kind, std::string(operation) + " in store " + path + ": " + reason +
                             " (SQLite code " + std::to_string(code) + ")");
}

}  // namespace

void Database::Closer::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Result<Database> Database::Open(const std::string& path) {
  return OpenWith(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX);
}

Result<Database> Database::OpenReadOnly(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return MakeError(ErrorCode::kNotFound, "there is no store " + path);
  }
  return OpenWith(path, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX);
}

Result<Database> Database::OpenWith(const std::string& path, int flags) {
  Database database(path);
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  database.handle_.reset(handle);
  if (code != SQLITE_OK) return database.Fail("open");
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, 5000);
  return database;
}

Status Database::Execute(const char* sql, std::string_view operation) {
  if (sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return Fail(operation);
  return Ok{};
}

Result<std::string> Database::Scalar(const char* sql, std::string_view operation) {
  QUELL_ASSIGN(Statement statement, Statement::Prepare(*this, sql, operation));
  QUELL_ASSIGN(const bool row, statement.Step());
  return row ? statement.TextAt(0) : std::string();
}

Error Database::Fail(std::string_view operation) const {
  return SqliteError(handle(), operation, path_);
}

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<Statement> Statement::Prepare(const Database& database, const char* sql,
                                     std::string_view operation) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(database.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) !=
      SQLITE_OK) {
    return database.Fail(operation);
  }
  Statement statement;
  statement.statement_.reset(raw);
  statement.path_ = database.path();
  statement.operation_ = operation;
  return statement;
}

Statement& Statement::Start() {
  sqlite3_reset(statement_.get());
  next_ = 0;
  bind_code_ = SQLITE_OK;
  return *this;
}

Statement& Statement::Int(std::int64_t value) {
  const int code = sqlite3_bind_int64(statement_.get(), ++next_, value);
  if (code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Statement& Statement::Text(std::string_view value) {
  // A null pointer would bind NULL, not the empty text.
  const char* data = value.empty() ? "" : value.data();
  const int code = sqlite3_bind_text64(statement_.get(), ++next_, data, value.size(), SQLITE_STATIC,
                                       SQLITE_UTF8);
  if (code != SQLITE_OK) bind_code_ = code;
  return *this;
}

Result<bool> Statement::Step() {
  if (bind_code_ != SQLITE_OK) return Fail();
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const Error error = Fail();
  sqlite3_reset(statement_.get());
  return error;
}

Status Statement::Run() {
  for (;;) {
    QUELL_ASSIGN(const bool row, Step());
    if (!row) break;
  }
  Reset();
  return Ok{};
}

std::int64_t Statement::IntAt(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::TextAt(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

void Statement::Reset() { sqlite3_reset(statement_.get()); }

Error Statement::Fail() const {
  return SqliteError(sqlite3_db_handle(statement_.get()), operation_, path_);
}

Result<Transaction> Transaction::Begin(Database& database, std::string_view operation) {
  QUELL_TRY(database.Execute("BEGIN IMMEDIATE", operation));
  return Transaction(database, operation);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(other.database_), operation_(std::move(other.operation_)) {
  other.database_ = nullptr;
}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // The transaction may be gone already (SQLite rolls back by itself on a full disk).
  if (sqlite3_get_autocommit(database_->handle()) == 0) {
    sqlite3_exec(database_->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Status Transaction::Commit() {
  QUELL_TRY(database_->Execute("COMMIT", operation_));
  database_ = nullptr;
  return Ok{};
}

}  // namespace quell::store

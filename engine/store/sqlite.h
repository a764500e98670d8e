// Database, Statement and Transaction: SQLite's C interface as values and Results.
//
// Errors name the operation, the file and SQLite's reason. Thread-compatible: one owner.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace quell::store {

class Database {
 public:
  static Result<Database> Open(const std::string& path);
  static Result<Database> OpenReadOnly(const std::string& path);  // kNotFound

  // Runs statements that return nothing of interest.
  Status Execute(const char* sql, std::string_view operation);
  // The first column of the first row as text, "" where there is none.
  Result<std::string> Scalar(const char* sql, std::string_view operation);

  // "operation path: reason", with the code that the reason calls for.
  [[nodiscard]] Error Fail(std::string_view operation) const;
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Closer {
    void operator()(sqlite3* handle) const;
  };
  static Result<Database> OpenWith(const std::string& path, int flags);
  explicit Database(std::string path) : path_(std::move(path)) {}
  std::string path_;
  std::unique_ptr<sqlite3, Closer> handle_;
};

// A prepared statement, reused. Bound texts are borrowed until the next Start().
class Statement {
 public:
  Statement() = default;
  // `database` must outlive the statement; `operation` is what errors call it.
  static Result<Statement> Prepare(const Database& database, const char* sql,
                                   std::string_view operation);

  Statement& Start();  // forgets the last run; then bind from the first parameter on
  Statement& Int(std::int64_t value);
  Statement& Text(std::string_view value);

  Result<bool> Step();  // true: there is a row
  Status Run();         // to the end

  [[nodiscard]] std::int64_t IntAt(int column) const;
  [[nodiscard]] std::string TextAt(int column) const;
  void Reset();

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  [[nodiscard]] Error Fail() const;
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  std::string path_;
  std::string operation_;
  int next_ = 0;
  int bind_code_ = 0;
};

// Rolls back unless committed.
class Transaction {
 public:
  static Result<Transaction> Begin(Database& database, std::string_view operation);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  ~Transaction();
  Status Commit();

 private:
  Transaction(Database& database, std::string_view operation)
      : database_(&database), operation_(operation) {}
  Database* database_;
  std::string operation_;
};

}  // namespace quell::store

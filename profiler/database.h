// SQLite, with errors as values and statements that finalise themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/graph/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace isotherm {

class Database;

/// A prepared statement. Parameters and columns are numbered from 1 and from 0, as SQLite numbers them.
class Statement {
 public:
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::string_view bytes);
  Statement& bind_null(int parameter);

  /// Runs a statement that gives no rows, and resets it for the next values.
  Status execute();
  /// The next row: true; after the last: false, and the statement is reset.
  Result<bool> next();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double number(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::string blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalise {
    void operator()(sqlite3_stmt* s) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalise> statement_;
  std::string path_;
};

class Database {
 public:
  /// Creates the file, replacing none: an error if it exists.
  static Result<Database> create(const std::string& path);
  /// Opens an existing file for reading. An error if it is no SQLite file.
  static Result<Database> open_readonly(const std::string& path);

  Status execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  /// Runs `body` inside a transaction; rolled back if it fails.
  Status transaction(const std::function<Status()>& body);
  [[nodiscard]] bool has_table(std::string_view name);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* d) const;
  };
  static Result<Database> open(const std::string& path, int flags);
  std::unique_ptr<sqlite3, Close> database_;
  std::string path_;
};

}  // namespace isotherm

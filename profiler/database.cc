#include "profiler/database.h"

#include <sqlite3.h>

#include <filesystem>

namespace isotherm {
namespace {

Error failure(sqlite3* database, const std::string& path, const std::string& doing) {
  const int code = database ? sqlite3_errcode(database) : SQLITE_NOMEM;
  const std::string why = database ? sqlite3_errmsg(database) : "out of memory";
  if (code == SQLITE_FULL) return exhausted("session file '" + path + "': the disk is full while " + doing);
  return io_error("session file '" + path + "': " + doing + " failed: " + why);
}

}  // namespace

void Statement::Finalise::operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
void Database::Close::operator()(sqlite3* d) const { sqlite3_close_v2(d); }

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), parameter, value);
  return *this;
}
Statement& Statement::bind(int parameter, double value) {
  sqlite3_bind_double(statement_.get(), parameter, value);
  return *this;
}
Statement& Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}
Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  return *this;
}
Statement& Statement::bind_null(int parameter) {
  sqlite3_bind_null(statement_.get(), parameter);
  return *this;
}

Status Statement::execute() {
  ISO_ASSIGN(const bool row, next());
  if (row) sqlite3_reset(statement_.get());
  return {};
}

Result<bool> Statement::next() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  const Error error = failure(sqlite3_db_handle(statement_.get()), path_, "a statement");
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
  if (code == SQLITE_DONE) return false;
  return error;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Statement::number(int column) const { return sqlite3_column_double(statement_.get(), column); }
std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))) : std::string();
}
std::string Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
  return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))) : std::string();
}
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }

Result<Database> Database::open(const std::string& path, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Database database;
  database.database_.reset(raw);
  database.path_ = path;
  if (code != SQLITE_OK) return failure(raw, path, "opening it");
  sqlite3_busy_timeout(raw, 2000);
  return database;
}

Result<Database> Database::create(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return io_error("session file '" + path + "' exists already; it is not overwritten");
  ISO_ASSIGN(Database database, open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
  // Journal on: a killed program leaves the last whole transaction. Full sync is not needed for a profile.
  ISO_TRY(database.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = NORMAL;"));
  return database;
}

Result<Database> Database::open_readonly(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return not_found("session file '" + path + "' does not exist");
  ISO_ASSIGN(Database database, open(path, SQLITE_OPEN_READONLY));
  auto probe = database.prepare("SELECT count(*) FROM sqlite_master");
  if (!probe.ok()) return invalid_input("'" + path + "' is no session file: " + sqlite3_errmsg(database.database_.get()) + "; expected a SQLite database written by `isotherm profile`");
  if (auto row = probe->next(); !row.ok()) return row.error();
  return database;
}

Status Database::execute(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(database_.get(), path_, "'" + sql.substr(0, 60) + "'");
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &raw, nullptr) != SQLITE_OK)
    return failure(database_.get(), path_, "'" + std::string(sql.substr(0, 60)) + "'");
  Statement statement;
  statement.statement_.reset(raw);
  statement.path_ = path_;
  return statement;
}

Status Database::transaction(const std::function<Status()>& body) {
  ISO_TRY(execute("BEGIN"));
  Status status = body();
  if (status.ok()) status = execute("COMMIT");
  if (!status.ok()) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  return status;
}

bool Database::has_table(std::string_view name) {
  auto query = prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?");
  if (!query.ok()) return false;
  query->bind(1, name);
  const auto row = query->next();
  return row.ok() && *row;
}

}  // namespace isotherm

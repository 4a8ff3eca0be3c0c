#include "tests/attack/state_edits.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace logexport {
namespace {

void Run(const std::string& path, const std::string& sql, std::vector<std::string>* rows) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK) << path;
  sqlite3_busy_timeout(database, 5000);
  const auto add = [](void* all, int, char** values, char**) {
    static_cast<std::vector<std::string>*>(all)->emplace_back(values[0] == nullptr ? ""
                                                                                   : values[0]);
    return 0;
  };
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), add, rows, &error), SQLITE_OK)
      << sql << ": " << (error == nullptr ? "" : error);
  sqlite3_free(error);
  sqlite3_close(database);
}

}  // namespace

void EditState(const std::string& path, const std::string& sql) {
  std::vector<std::string> rows;
  Run(path, sql, &rows);
}

std::vector<std::string> ReadState(const std::string& path, const std::string& sql) {
  std::vector<std::string> rows;
  Run(path, sql, &rows);
  return rows;
}

}  // namespace logexport

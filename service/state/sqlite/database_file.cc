#include "service/state/sqlite/database_file.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/base/status_macros.h"
#include "service/state/file_error.h"
#include "service/state/sqlite/sqlite_error.h"

namespace logexport {
namespace {

// The database header, https://www.sqlite.org/fileformat.html#the_database_header.
constexpr std::size_t kHeaderSize = 100;
constexpr absl::string_view kMagic("SQLite format 3\0", 16);

// Up to this size every page is checked; that takes about a millisecond per megabyte.
constexpr std::int64_t kMaxFullCheckBytes = 8 << 20;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

absl::Status RefusedError(const std::string& path, absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " ", why,
                   "; it was left as it is. Name another file with --state, or "
                   "restore this one from a backup"));
}

std::uint32_t BigEndian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
}

std::optional<std::int64_t> FileSize(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return info.st_size;
}

// What the header alone tells: is it a database, and is all of it there?
absl::Status CheckHeader(const std::string& path, std::int64_t size, bool has_wal) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return FileError(errno, absl::StrCat("cannot open the state store ", path));
  std::array<unsigned char, kHeaderSize> header{};
  const ssize_t length = ::pread(fd, header.data(), header.size(), 0);
  const int error = errno;
  ::close(fd);
  if (length < 0) return FileError(error, absl::StrCat("cannot read the state store ", path));
  if (std::memcmp(header.data(), kMagic.data(), kMagic.size()) != 0) {
    return RefusedError(path, "is not an SQLite database");
  }
  if (static_cast<std::size_t>(length) < header.size()) {
    return RefusedError(path, "is damaged: it ends within its header");
  }
  // The number of pages counts when it is as old as the change counter. Pages that are only in the
  // write-ahead log may lie behind the end of the file.
  std::int64_t page_size = std::int64_t{header[16]} << 8 | header[17];
  if (page_size == 1) page_size = 65536;
  const std::int64_t pages = BigEndian(&header[28]);
  const bool pages_valid = BigEndian(&header[24]) == BigEndian(&header[92]);
  if (!has_wal && pages_valid && size < pages * page_size) {
    return RefusedError(path,
                        absl::StrCat("is damaged: it has ", size, " bytes of ", pages * page_size));
  }
  return absl::OkStatus();
}

// SQLite refuses text in a URI unless it is escaped.
std::string FileUri(const std::string& path, bool immutable) {
  std::string uri = "file:";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '_' || c == '-';
    if (plain) {
      uri += c;
    } else {
      absl::StrAppend(&uri, "%", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return absl::StrCat(uri, immutable ? "?immutable=1" : "");
}

absl::StatusOr<Database> OpenForReading(const std::string& path, bool has_wal) {
  sqlite3* handle = nullptr;
  // Without a log the file is all there is, and an immutable one is read without making a log.
  const int result = sqlite3_open_v2(FileUri(path, !has_wal).c_str(), &handle,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  Database database(handle);
  if (result != SQLITE_OK) {
    return ToStatus({result, sqlite3_system_errno(handle), sqlite3_errmsg(handle)}, path);
  }
  return database;
}

// The first value that `sql` answers, as text.
absl::StatusOr<std::string> ReadValue(sqlite3* database, const std::string& path, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  int result = sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
  std::string value;
  if (result == SQLITE_OK) {
    result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
      const unsigned char* const text = sqlite3_column_text(statement, 0);
      if (text != nullptr) value = reinterpret_cast<const char*>(text);
    }
  }
  const std::string message = sqlite3_errmsg(database);
  sqlite3_finalize(statement);
  switch (result & 0xff) {
    case SQLITE_ROW:
    case SQLITE_DONE:
      return value;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return RefusedError(path, absl::StrCat("is damaged: ", message));
    default:
      return ToStatus({result, sqlite3_system_errno(database), message}, path);
  }
}

}  // namespace

absl::StatusOr<int> InspectDatabase(const std::string& path, int newest) {
  const std::optional<std::int64_t> size = FileSize(path);
  if (!size.has_value()) {
    return FileError(errno, absl::StrCat("cannot open the state store ", path));
  }
  if (*size == 0) return 0;
  const bool has_wal = FileSize(path + "-wal").value_or(0) > 0;
  RETURN_IF_ERROR(CheckHeader(path, *size, has_wal));

  ASSIGN_OR_RETURN(const Database database, OpenForReading(path, has_wal));
  const auto read = [&](const char* sql) { return ReadValue(database.get(), path, sql); };
  ASSIGN_OR_RETURN(const std::string application, read("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const std::string version_text, read("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const std::string tables, read("SELECT count(*) FROM sqlite_schema"));
  const int version = std::atoi(version_text.c_str());
  // The process may have been killed between making the file and its first migration.
  if (application == "0" && version == 0 && tables == "0") return 0;
  if (application != absl::StrCat(kApplicationId)) {
    return RefusedError(path, "is the database of another program");
  }
  if (version > newest) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " has schema version ", version, ", and this program knows up to ", newest,
        "; it was left as it is. Run the newer program that wrote it, or restore the backup from "
        "before the upgrade"));
  }
  if (*size <= kMaxFullCheckBytes) {
    ASSIGN_OR_RETURN(const std::string damage, read("PRAGMA quick_check(1)"));
    if (damage != "ok") return RefusedError(path, absl::StrCat("is damaged: ", damage));
  }
  return version;
}

absl::Status CreateDatabaseFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) return absl::OkStatus();
  if (fd < 0) return FileError(errno, absl::StrCat("cannot create the state store ", path));
  ::close(fd);
  return absl::OkStatus();
}

}  // namespace logexport

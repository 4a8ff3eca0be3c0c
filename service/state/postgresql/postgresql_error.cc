#include "service/state/postgresql/postgresql_error.h"

#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

// https://www.postgresql.org/docs/current/errcodes-appendix.html. Classes are compared after whole
// codes.
struct Meaning {
  absl::string_view code;  // a code, or a class of two characters
  absl::StatusCode status;
  absl::string_view what;
  absl::string_view action;
};

constexpr std::array kMeanings = {
    Meaning{"25006", absl::StatusCode::kUnavailable, "the server takes no writes",
            "name the primary in --state, or all servers and target_session_attrs=read-write"},
    Meaning{"28P01", absl::StatusCode::kUnauthenticated, "the password is wrong",
            "correct the password in --state, PGPASSWORD or the file that PGPASSFILE names"},
    Meaning{"28000", absl::StatusCode::kUnauthenticated, "the server does not let this user in",
            "correct the user in --state, or allow it in the server's pg_hba.conf"},
    Meaning{"3D000", absl::StatusCode::kNotFound, "there is no such database",
            "create it with createdb, or correct its name in --state"},
    Meaning{"3F000", absl::StatusCode::kNotFound, "there is no such schema",
            "create it with CREATE SCHEMA, or correct search_path"},
    Meaning{"42501", absl::StatusCode::kPermissionDenied, "the user lacks a right",
            "let this user own the database, or the schema and every table in it"},
    Meaning{"53100", absl::StatusCode::kResourceExhausted, "the server's disk is full",
            "free space on it; nothing is lost meanwhile"},
    Meaning{"53200", absl::StatusCode::kResourceExhausted, "the server is out of memory",
            "give it more"},
    Meaning{"53300", absl::StatusCode::kUnavailable, "the server has too many connections",
            "raise max_connections, or end connections that are not needed"},
    Meaning{"55P03", absl::StatusCode::kUnavailable, "another transaction holds a lock",
            "it is tried again; if it lasts, look for long transactions in pg_stat_activity"},
    Meaning{"57014", absl::StatusCode::kUnavailable, "the server took too long",
            "it is tried again; if it lasts, look for locks and load on the server"},
    Meaning{"25P03", absl::StatusCode::kUnavailable, "the transaction was idle for too long",
            "it is tried again; this process was frozen, or is short of CPU time"},
    Meaning{"40", absl::StatusCode::kUnavailable, "the server undid the transaction",
            "nothing of it was stored, and it is tried again"},
    Meaning{"08", absl::StatusCode::kUnavailable, "the connection was lost",
            "check that the server runs and can be reached"},
    Meaning{"57P", absl::StatusCode::kUnavailable, "the server is stopping or starting",
            "wait until it is there again"},
    Meaning{"53", absl::StatusCode::kResourceExhausted, "the server lacks something",
            "give it more of what it says"},
    Meaning{"58", absl::StatusCode::kUnavailable, "the server cannot read or write its files",
            "check its disk"},
    Meaning{"XX001", absl::StatusCode::kDataLoss, "the database is damaged",
            "restore it from a backup"},
    Meaning{"XX002", absl::StatusCode::kDataLoss, "the database is damaged",
            "rebuild its indexes, or restore it from a backup"},
    Meaning{"42P01", absl::StatusCode::kFailedPrecondition, "a table is missing",
            "restore the database from a backup, or check search_path"},
};

}  // namespace

ErrorKind KindOf(const PostgresqlError& error) {
  const absl::string_view code = error.sqlstate;
  if (absl::StartsWith(code, "23")) return ErrorKind::kRefusedRow;
  if (code == "40001" || code == "40P01") return ErrorKind::kConflict;
  if (code == "25006") return ErrorKind::kWrongNode;
  if (code.empty() || absl::StartsWith(code, "08") || absl::StartsWith(code, "57P") ||
      code == "25P03") {
    return ErrorKind::kConnectionLost;
  }
  return ErrorKind::kOther;
}

absl::Status ToStatus(const PostgresqlError& error, absl::string_view where) {
  if (error.sqlstate == "23503") return absl::NotFoundError("there is no such exporter");
  const std::string words =
      absl::StrCat(" (PostgreSQL: ", absl::StripAsciiWhitespace(error.message),
                   error.sqlstate.empty() ? "" : ", code ", error.sqlstate, ")");
  if (error.sqlstate == "23505") {
    return absl::AlreadyExistsError(absl::StrCat("it exists already", words));
  }
  for (const Meaning& meaning : kMeanings) {
    if (!absl::StartsWith(error.sqlstate, meaning.code)) continue;
    return absl::Status(meaning.status, absl::StrCat("state store ", where, ": ", meaning.what,
                                                     "; ", meaning.action, words));
  }
  if (error.sqlstate.empty()) {
    return absl::UnavailableError(
        absl::StrCat("state store ", where,
                     ": the connection failed; check host and port in --state, and that the server "
                     "runs",
                     words));
  }
  return absl::InternalError(
      absl::StrCat("state store ", where, ": a statement failed; report this as a bug", words));
}

}  // namespace logexport

#include "tests/chaos/witness_session.h"

#include "absl/strings/str_cat.h"
#include <postgresql/libpq-fe.h>

namespace logexport {

WitnessSession::~WitnessSession() { Close(); }

void WitnessSession::Close() {
  PQfinish(connection_);
  connection_ = nullptr;
}

std::optional<std::string> WitnessSession::Ask(const std::string& sql) {
  const std::string url = url_();
  if (url != connected_to_ || PQstatus(connection_) != CONNECTION_OK) {
    Close();
    connected_to_ = url;
    connection_ = PQconnectdb(absl::StrCat(url, "&connect_timeout=2").c_str());
    if (PQstatus(connection_) != CONNECTION_OK) return std::nullopt;
    PQsetNoticeProcessor(
        connection_, [](void*, const char*) {}, nullptr);
  }
  PGresult* const result = PQexec(connection_, sql.c_str());
  std::optional<std::string> value;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
  }
  PQclear(result);
  return value;
}

}  // namespace logexport

#include "service/state/postgresql/postgresql_connection.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <poll.h>
#include <postgresql/libpq-fe.h>

#include "service/base/mutex.h"
#include "service/state/postgresql/stored_text.h"

namespace logexport {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kOldestServer = 130000;
// BYTEA, from the server's catalogue; the only type that is not left to the server to find out.
constexpr Oid kBytea = 17;

// Waits until the socket can do one of `events`; false at the deadline.
bool Await(int socket, short events, SteadyClock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - SteadyClock::now() + std::chrono::microseconds(999));
    pollfd poll{socket, events, 0};
    const int ready = ::poll(&poll, 1, static_cast<int>(std::max<std::int64_t>(0, left.count())));
    if (ready > 0) return true;
    if (ready == 0 && SteadyClock::now() >= deadline) return false;
    if (ready < 0 && errno != EINTR) return true;  // libpq will tell what is wrong
  }
}

SteadyClock::time_point After(absl::Duration limit) {
  return SteadyClock::now() + absl::ToChronoNanoseconds(limit);
}

struct FinishConnection {
  void operator()(pg_conn* connection) const { PQfinish(connection); }
};
using OwnedConnection = std::unique_ptr<pg_conn, FinishConnection>;

// libpq gives no SQLSTATE for a connection that was refused by the server: only words, which it
// writes "FATAL:  …" in the server's language. These tell the cases apart that need different
// actions, in the order in which the server checks.
absl::Status ConnectFailure(pg_conn* connection, absl::string_view where) {
  PostgresqlError error;
  error.message = PQerrorMessage(connection);
  if (PQconnectionNeedsPassword(connection) != 0 || PQconnectionUsedPassword(connection) != 0) {
    error.sqlstate = absl::StrContains(error.message, "authentication") ||
                             PQconnectionNeedsPassword(connection) != 0
                         ? "28P01"
                         : "";
  }
  const auto says = [&](absl::string_view words) {
    return absl::StrContains(error.message, words);
  };
  if (error.sqlstate.empty()) {
    if (says("does not exist") && says("database")) error.sqlstate = "3D000";
    if (says("role") && says("does not exist")) error.sqlstate = "28000";
    if (says("no pg_hba.conf entry") || says("authentication failed")) error.sqlstate = "28000";
    if (says("too many")) error.sqlstate = "53300";
    if (says("starting up") || says("shutting down")) error.sqlstate = "57P03";
    if (says("session is read-only") || says("in hot standby mode") || says("read-only")) {
      error.sqlstate = "25006";
    }
    if (says("permission denied for database")) error.sqlstate = "42501";
  }
  return ToStatus(error, where);
}

// Connects to one server.
absl::StatusOr<OwnedConnection> ConnectTo(const ConnectionTarget::Parameters& server,
                                          absl::string_view where,
                                          SteadyClock::time_point deadline) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : server) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  OwnedConnection connection(PQconnectStartParams(keys.data(), values.data(), 0));
  if (connection == nullptr) return absl::ResourceExhaustedError("no memory is left");
  if (PQstatus(connection.get()) == CONNECTION_BAD) {
    return ConnectFailure(connection.get(), where);
  }
  for (PostgresPollingStatusType next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK;
       next = PQconnectPoll(connection.get())) {
    if (next == PGRES_POLLING_FAILED) return ConnectFailure(connection.get(), where);
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!Await(PQsocket(connection.get()), events, deadline)) {
      return absl::UnavailableError(
          absl::StrCat("state store ", where,
                       ": the server does not answer; check host and port in --state, and that the "
                       "server runs and can be reached"));
    }
  }
  return connection;
}

// Which of a target's servers took us last, for all sessions of this process. A primary that is cut
// off but not gone would otherwise cost every connect a share of its time limit.
class LastServer {
 public:
  std::size_t Of(const ConnectionTarget& target) {
    MutexLock lock(&mutex_);
    const auto found = last_.find(target.shown());
    return found == last_.end() ? 0 : found->second;
  }
  void Remember(const ConnectionTarget& target, std::size_t server) {
    MutexLock lock(&mutex_);
    last_[target.shown()] = server;
  }

  static LastServer& OfThisProcess() {
    static auto* const last = new LastServer();
    return *last;
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::size_t> last_ ABSL_GUARDED_BY(mutex_);
};

absl::Status CheckServer(pg_conn* connection, absl::string_view where) {
  const int version = PQserverVersion(connection);
  if (version < kOldestServer) {
    return absl::FailedPreconditionError(
        absl::StrCat("state store ", where, " is on PostgreSQL ", version / 10000,
                     version < 100000 ? absl::StrCat(".", version / 100 % 100) : "",
                     ", which is too old; use version 13 or a newer one. Nothing was changed"));
  }
  const char* const encoding = PQparameterStatus(connection, "server_encoding");
  if (encoding == nullptr || absl::string_view(encoding) != "UTF8") {
    return absl::FailedPreconditionError(absl::StrCat(
        "state store ", where, " has the encoding ", encoding == nullptr ? "?" : encoding,
        ", in which logs cannot be kept; use a database that was created with ENCODING 'UTF8' "
        "(createdb -E UTF8 -T template0). Nothing was changed"));
  }
  return absl::OkStatus();
}

}  // namespace

void ClearResult::operator()(pg_result* result) const { PQclear(result); }

PostgresqlValue::PostgresqlValue(const SqlValue& value, bool list)
    : null(value.is_null()), blob(value.is_blob()) {
  if (null) return;
  if (blob) {
    bytes = std::string(value.text());
  } else if (value.is_text()) {
    bytes = list ? ToStoredJson(value.text()) : ToStoredText(value.text());
  } else {
    bytes = absl::StrCat(value.number());
  }
}

PostgresqlConnection::PostgresqlConnection(pg_conn* connection) : connection_(connection) {
  const auto receive = [](void* self, const PGresult* notice) {
    const char* const severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == nullptr || absl::string_view(severity) != "WARNING") return;
    const char* const message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    static_cast<PostgresqlConnection*>(self)->warnings_.emplace_back(message == nullptr ? ""
                                                                                        : message);
  };
  PQsetNoticeReceiver(connection_, receive, this);
}

PostgresqlConnection::~PostgresqlConnection() { PQfinish(connection_); }

absl::StatusOr<std::unique_ptr<PostgresqlConnection>> PostgresqlConnection::Connect(
    const ConnectionTarget& target, absl::Duration limit) {
  const SteadyClock::time_point end = After(limit);
  absl::Status failure;
  const std::size_t count = target.servers().size();
  const std::size_t first = LastServer::OfThisProcess().Of(target);
  for (std::size_t i = 0; i < count; ++i) {
    const auto share = (end - SteadyClock::now()) / static_cast<std::int64_t>(count - i);
    const std::size_t server = (first + i) % count;
    absl::StatusOr<OwnedConnection> connected =
        ConnectTo(target.servers()[server], target.shown(), SteadyClock::now() + share);
    if (!connected.ok()) {
      // The first server's trouble is the most telling, unless it was only one that reads.
      if (failure.ok() || !absl::IsUnavailable(connected.status())) failure = connected.status();
      continue;
    }
    const absl::Status fit = CheckServer(connected->get(), target.shown());
    if (!fit.ok()) return fit;
    LastServer::OfThisProcess().Remember(target, server);
    auto connection = absl::WrapUnique(new PostgresqlConnection(connected->release()));
    if (PQsetnonblocking(connection->connection_, 1) != 0 ||
        PQenterPipelineMode(connection->connection_) != 1) {
      return ToStatus(connection->LastError(), target.shown());
    }
    return connection;
  }
  return failure;
}

bool PostgresqlConnection::Send(const PostgresqlStatement& statement) {
  const std::size_t count = statement.values.size();
  std::vector<Oid> types(count, 0);
  std::vector<const char*> values(count, nullptr);
  std::vector<int> lengths(count, 0);
  std::vector<int> formats(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const PostgresqlValue& value = statement.values[i];
    if (value.blob) types[i] = kBytea;
    if (value.null) continue;
    formats[i] = value.blob ? 1 : 0;
    values[i] = value.bytes.c_str();
    lengths[i] = static_cast<int>(value.bytes.size());
  }
  return PQsendQueryParams(connection_, statement.text.c_str(), static_cast<int>(count),
                           types.data(), values.data(), lengths.data(), formats.data(), 0) == 1;
}

PostgresqlError PostgresqlConnection::LastError() {
  return {"", std::string(PQerrorMessage(connection_))};
}

Exchanged PostgresqlConnection::Run(absl::Span<const PostgresqlStatement> statements,
                                    absl::Duration limit) {
  Exchanged exchanged;
  const auto lost = [&] {
    usable_ = false;
    if (!exchanged.error.has_value()) exchanged.error = LastError();
    return std::move(exchanged);
  };
  const SteadyClock::time_point deadline = After(limit);
  for (const PostgresqlStatement& statement : statements) {
    if (!Send(statement)) return lost();
  }
  if (PQpipelineSync(connection_) != 1) return lost();

  // libpq answers null behind the results of each statement, and a mark behind the last.
  for (;;) {
    const int unsent = PQflush(connection_);
    if (unsent < 0) return lost();
    if (PQisBusy(connection_) != 0 || unsent > 0) {
      const short events = static_cast<short>(POLLIN | (unsent > 0 ? POLLOUT : 0));
      if (!Await(PQsocket(connection_), events, deadline)) {
        exchanged.timed_out = true;
        exchanged.error = PostgresqlError{
            "57014", absl::StrCat("no answer within ", absl::FormatDuration(limit))};
        return lost();
      }
      if (PQconsumeInput(connection_) != 1) return lost();
      continue;
    }
    PostgresqlResult result(PQgetResult(connection_));
    if (result == nullptr) {
      // Without a connection there is no end of them.
      if (PQstatus(connection_) == CONNECTION_BAD) return lost();
      continue;
    }
    switch (PQresultStatus(result.get())) {
      case PGRES_PIPELINE_SYNC:
        return exchanged;
      case PGRES_COMMAND_OK:
      case PGRES_TUPLES_OK:
        exchanged.results.push_back(std::move(result));
        break;
      case PGRES_PIPELINE_ABORTED:
        break;
      default: {
        if (exchanged.error.has_value()) break;
        const char* const code = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        const char* const message = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
        exchanged.error =
            PostgresqlError{code == nullptr ? "" : code,
                            message == nullptr ? PQresultErrorMessage(result.get()) : message};
        // A server that ends a connection says so, and then nothing more.
        if (PQstatus(connection_) == CONNECTION_BAD) return lost();
        break;
      }
    }
  }
}

bool PostgresqlConnection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(connection_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

std::vector<std::string> PostgresqlConnection::TakeWarnings() {
  return std::exchange(warnings_, {});
}

}  // namespace logexport

#ifndef LOGEXPORT_TESTS_POSTGRESQL_POSTGRESQL_SERVER_H_
#define LOGEXPORT_TESTS_POSTGRESQL_POSTGRESQL_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "tests/support/subprocess.h"
#include "tests/support/temp_directory.h"

namespace logexport {

// A PostgreSQL server of a test's own: a fresh cluster in a temporary directory, on a socket and a
// port of its own, run as an ordinary user (the server refuses root). It ends with the test's
// process, however that ends. Texts sort by a language's rules there, so that a comparison which
// relies on bytes without saying so is noticed. Not thread-safe, but for Query.
class PostgresqlServer {
 public:
  // `settings` are further ones of postgresql.conf, "name=value".
  static absl::StatusOr<std::unique_ptr<PostgresqlServer>> Start(
      const std::vector<std::string>& settings = {});
  // One on a disk of its own of so many megabytes, where this process may mount one: it needs root,
  // and then has, with its calling thread and what that starts, mounts that nobody else sees. Where
  // it may not, the disk is everybody's and owns_disk() is false.
  static absl::StatusOr<std::unique_ptr<PostgresqlServer>> StartOnSmallDisk(
      int megabytes, const std::vector<std::string>& settings = {});
  // One that follows `primary`, from a copy of it, and reads only; on such a disk if `megabytes` is
  // not 0.
  static absl::StatusOr<std::unique_ptr<PostgresqlServer>> StartStandbyOf(
      const PostgresqlServer& primary, int megabytes,
      const std::vector<std::string>& settings = {});
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  // The one server that all tests of a process share; for those that leave it as it is. Aborts,
  // with the reason, when it cannot be started.
  static PostgresqlServer& Shared();

  // For --state: the superuser over the socket, without a password.
  std::string Url(absl::string_view database = "postgres") const;
  // The same, with a schema that is made for the caller and is the only one in search_path.
  std::string UrlOfFreshSchema();
  // Over TCP, where the server asks for a password.
  std::string TcpUrl(absl::string_view user, absl::string_view password,
                     absl::string_view database = "postgres") const;
  int port() const { return port_; }
  const std::string& socket_directory() const { return socket_directory_; }

  // For other servers beside it: a port that nobody listens on now, and a command as the ordinary
  // user that the server runs as.
  static int FreePort();
  static std::vector<std::string> AsOrdinaryUser(std::vector<std::string> command);

  // Runs statements as the superuser and answers the first value of the last of them, "" for none.
  // A failure of the test, and "", when one fails.
  std::string Query(const std::string& sql, absl::string_view database = "postgres") const;

  // As by an orderly stop, or by kill -9 of every process of the server at once.
  void Stop();
  void Kill();
  // Whether it has not ended, be it by itself.
  bool Running() const { return process_->Running(); }
  // After that; waits until it takes connections.
  absl::Status Restart();
  // The process that all others of the server are children of.
  pid_t postmaster() const;
  // To every process of the server, as SIGSTOP and SIGCONT; the postmaster first.
  void SignalAll(int signal) const;
  // A standby becomes a server that writes; waits until it is one.
  void Promote() const;

  bool owns_disk() const { return owns_disk_; }
  // Leaves nothing of the disk, and gives it back.
  void FillDisk() const;
  void FreeDisk() const;

 private:
  PostgresqlServer() = default;
  absl::Status MakeFolders(int megabytes);
  absl::Status MakeCluster();
  absl::Status CopyCluster(const PostgresqlServer& primary);
  // On a port that is free.
  absl::Status StartSomewhere();
  std::string Ballast() const { return directory_.File("ballast"); }

  TempDirectory directory_;
  std::string data_;
  std::string socket_directory_;
  int port_ = 0;
  int schemas_ = 0;
  bool owns_disk_ = false;
  std::vector<std::string> settings_;
  std::unique_ptr<Subprocess> process_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_POSTGRESQL_POSTGRESQL_SERVER_H_

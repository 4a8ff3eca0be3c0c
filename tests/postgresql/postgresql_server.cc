#include "tests/postgresql/postgresql_server.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <postgresql/libpq-fe.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "service/base/status_macros.h"
#include "tests/support/await.h"

namespace logexport {
namespace {

namespace fs = std::filesystem;

constexpr int kNobody = 65534;
constexpr char kSuperuser[] = "owner";

// The folder of the newest server that is installed. Debian keeps them out of the PATH.
absl::StatusOr<std::string> ProgramFolder() {
  std::vector<std::pair<int, std::string>> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string folder = entry.path().string() + "/bin";
    int version = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &version) &&
        fs::exists(folder + "/initdb")) {
      found.emplace_back(version, folder);
    }
  }
  if (found.empty()) {
    return absl::NotFoundError("no PostgreSQL server is installed (the package postgresql)");
  }
  return std::max_element(found.begin(), found.end())->second;
}

absl::Status Finish(const std::vector<std::string>& command) {
  absl::StatusOr<std::unique_ptr<Subprocess>> process =
      Subprocess::Start(PostgresqlServer::AsOrdinaryUser(command), {{"LC_ALL", "C.UTF-8"}});
  if (!process.ok()) return process.status();
  const std::optional<int> exit = (*process)->Wait(absl::Minutes(2));
  if (exit == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(command.front(), " ended with ", exit.value_or(-1), ": ",
                                          (*process)->Output(), (*process)->ErrorOutput()));
}

// Whether this thread has mounts that nobody else sees, from now on.
bool HasMountsOfItsOwn() {
  static const bool has = ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 &&
                          ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return has;
}

}  // namespace

std::vector<std::string> PostgresqlServer::AsOrdinaryUser(std::vector<std::string> command) {
  if (::geteuid() != 0) return command;
  std::vector<std::string> whole = {"/usr/bin/setpriv", absl::StrCat("--reuid=", kNobody),
                                    absl::StrCat("--regid=", kNobody), "--clear-groups"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

int PostgresqlServer::FreePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  int port = 0;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    port = ntohs(address.sin_port);
  }
  ::close(fd);
  return port;
}

absl::StatusOr<std::unique_ptr<PostgresqlServer>> PostgresqlServer::Start(
    const std::vector<std::string>& settings) {
  return StartOnSmallDisk(0, settings);
}

absl::StatusOr<std::unique_ptr<PostgresqlServer>> PostgresqlServer::StartOnSmallDisk(
    int megabytes, const std::vector<std::string>& settings) {
  std::unique_ptr<PostgresqlServer> server(new PostgresqlServer());
  server->settings_ = settings;
  RETURN_IF_ERROR(server->MakeFolders(megabytes));
  RETURN_IF_ERROR(server->MakeCluster());
  RETURN_IF_ERROR(server->StartSomewhere());
  return server;
}

absl::StatusOr<std::unique_ptr<PostgresqlServer>> PostgresqlServer::StartStandbyOf(
    const PostgresqlServer& primary, int megabytes, const std::vector<std::string>& settings) {
  std::unique_ptr<PostgresqlServer> server(new PostgresqlServer());
  server->settings_ = settings;
  RETURN_IF_ERROR(server->MakeFolders(megabytes));
  RETURN_IF_ERROR(server->CopyCluster(primary));
  RETURN_IF_ERROR(server->StartSomewhere());
  return server;
}

absl::Status PostgresqlServer::StartSomewhere() {
  // Between looking for a port and listening on it another program may take it.
  absl::Status started;
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = FreePort();
    started = Restart();
    if (started.ok() || !absl::StrContains(started.message(), "could not bind")) break;
  }
  return started;
}

absl::Status PostgresqlServer::MakeFolders(int megabytes) {
  data_ = directory_.File("data");
  socket_directory_ = directory_.File("socket");
  if (megabytes > 0 && HasMountsOfItsOwn()) {
    owns_disk_ = ::mount("none", directory_.path().c_str(), "tmpfs", 0,
                         absl::StrCat("size=", megabytes, "m").c_str()) == 0;
  }
  fs::create_directory(socket_directory_);
  if (::geteuid() == 0) {
    for (const std::string& path : {directory_.path(), socket_directory_}) {
      if (::chown(path.c_str(), kNobody, kNobody) != 0) {
        return absl::PermissionDeniedError(absl::StrCat("cannot give away ", path));
      }
    }
    // Root's own tests reach the socket through it.
    ::chmod(directory_.path().c_str(), 0755);
  }
  return absl::OkStatus();
}

absl::Status PostgresqlServer::MakeCluster() {
  const absl::StatusOr<std::string> programs = ProgramFolder();
  if (!programs.ok()) return programs.status();
  return Finish({*programs + "/initdb", "-D", data_, "-U", kSuperuser, "-E", "UTF8",
                 "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US", "--no-sync",
                 "--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"});
}

absl::Status PostgresqlServer::CopyCluster(const PostgresqlServer& primary) {
  const absl::StatusOr<std::string> programs = ProgramFolder();
  if (!programs.ok()) return programs.status();
  RETURN_IF_ERROR(Finish({*programs + "/pg_basebackup", "-D", data_, "-h",
                          primary.socket_directory_, "-p", absl::StrCat(primary.port_), "-U",
                          kSuperuser, "-X", "stream", "-c", "fast", "--no-sync"}));
  // Of what is set twice the last counts. It is nobody's primary yet, and waits for no standby.
  std::ofstream settings(data_ + "/postgresql.auto.conf", std::ios::app);
  settings << "\nprimary_conninfo = 'host=" << primary.socket_directory_
           << " port=" << primary.port_ << " user=" << kSuperuser
           << "'\nsynchronous_standby_names = ''\n";
  settings.close();
  WriteFile(data_ + "/standby.signal", "");
  return settings ? absl::OkStatus() : absl::InternalError("cannot write the standby's settings");
}

absl::Status PostgresqlServer::Restart() {
  const absl::StatusOr<std::string> programs = ProgramFolder();
  if (!programs.ok()) return programs.status();
  // The shell waits for the end of its input, which comes with the end of the test, and takes the
  // server along.
  std::vector<std::string> command = {"/bin/sh",
                                      "-c",
                                      "\"$@\" & server=$!\n"
                                      "(cat >/dev/null; kill -QUIT $server 2>/dev/null) <&3 &\n"
                                      "exec 3<&-\n"
                                      "wait $server",
                                      "sh",
                                      *programs + "/postgres",
                                      "-D",
                                      data_,
                                      "-k",
                                      socket_directory_,
                                      "-p",
                                      absl::StrCat(port_)};
  command[2] = absl::StrCat("exec 3<&0 </dev/null\n", command[2]);
  std::vector<std::string> settings = {"listen_addresses=127.0.0.1", "fsync=off",
                                       "shared_buffers=16MB",        "max_connections=100",
                                       "logging_collector=off",      "log_min_messages=fatal"};
  settings.insert(settings.end(), settings_.begin(), settings_.end());
  for (const std::string& setting : settings) {
    command.push_back("-c");
    command.push_back(setting);
  }
  absl::StatusOr<std::unique_ptr<Subprocess>> process =
      Subprocess::Start(AsOrdinaryUser(command), {{"LC_ALL", "C.UTF-8"}});
  if (!process.ok()) return process.status();
  process_ = *std::move(process);
  bool ended = false;
  const bool ready = Await([&] {
    ended = !process_->Running();
    return ended || PQping(Url().c_str()) == PQPING_OK;
  });
  if (ready && !ended) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("the server did not start: ", process_->Output(), process_->ErrorOutput()));
}

PostgresqlServer::~PostgresqlServer() {
  if (process_ != nullptr) {
    process_->CloseInput();
    process_->Wait(absl::Seconds(30));
  }
  if (owns_disk_) ::umount2(directory_.path().c_str(), MNT_DETACH);
}

PostgresqlServer& PostgresqlServer::Shared() {
  static PostgresqlServer& server = []() -> PostgresqlServer& {
    static absl::StatusOr<std::unique_ptr<PostgresqlServer>> started = Start();
    if (!started.ok()) {
      std::fprintf(stderr, "%s\n", started.status().ToString().c_str());
      std::abort();
    }
    return **started;
  }();
  return server;
}

std::string PostgresqlServer::Url(absl::string_view database) const {
  return absl::StrCat("postgresql://", kSuperuser, "@/", database, "?host=", socket_directory_,
                      "&port=", port_);
}

std::string PostgresqlServer::UrlOfFreshSchema() {
  const std::string schema = absl::StrCat("s", ++schemas_);
  Query(absl::StrCat("CREATE SCHEMA ", schema));
  return absl::StrCat(Url(), "&options=-csearch_path%3D", schema);
}

std::string PostgresqlServer::TcpUrl(absl::string_view user, absl::string_view password,
                                     absl::string_view database) const {
  return absl::StrCat("postgresql://", user, password.empty() ? "" : ":", password,
                      "@127.0.0.1:", port_, "/", database);
}

std::string PostgresqlServer::Query(const std::string& sql, absl::string_view database) const {
  PGconn* const connection = PQconnectdb(Url(database).c_str());
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  PGresult* const result = PQexec(connection, sql.c_str());
  std::string value;
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    ADD_FAILURE() << sql << ": " << PQerrorMessage(connection);
  } else if (PQntuples(result) > 0) {
    value = PQgetvalue(result, 0, 0);
  }
  PQclear(result);
  PQfinish(connection);
  return value;
}

pid_t PostgresqlServer::postmaster() const {
  const std::string file = ReadFile(data_ + "/postmaster.pid");
  int pid = 0;
  if (!absl::SimpleAtoi(file.substr(0, file.find('\n')), &pid)) return 0;
  return pid;
}

void PostgresqlServer::Stop() {
  ::kill(postmaster(), SIGINT);
  process_->Wait(absl::Seconds(30));
}

void PostgresqlServer::SignalAll(int signal) const {
  const pid_t main = postmaster();
  ::kill(main, signal);
  const std::string children = ReadFile(absl::StrCat("/proc/", main, "/task/", main, "/children"));
  for (const absl::string_view word : absl::StrSplit(children, ' ', absl::SkipWhitespace())) {
    int child = 0;
    if (absl::SimpleAtoi(word, &child)) ::kill(child, signal);
  }
}

void PostgresqlServer::Kill() {
  // Who is stopped starts no more children while those that are there are killed.
  SignalAll(SIGSTOP);
  SignalAll(SIGKILL);
  process_->Wait(absl::Seconds(30));
}

void PostgresqlServer::Promote() const { EXPECT_EQ(Query("SELECT pg_promote(true, 30)"), "t"); }

void PostgresqlServer::FillDisk() const {
  const int file = ::open(Ballast().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  struct statvfs left {};
  EXPECT_TRUE(file >= 0 && ::fstatvfs(file, &left) == 0);
  EXPECT_EQ(::posix_fallocate(file, 0, static_cast<off_t>(left.f_bavail * left.f_frsize)), 0);
  ::close(file);
}

void PostgresqlServer::FreeDisk() const { ::unlink(Ballast().c_str()); }

}  // namespace logexport

#ifndef LOGEXPORT_TESTS_POSTGRESQL_MEMBER_CLUSTER_H_
#define LOGEXPORT_TESTS_POSTGRESQL_MEMBER_CLUSTER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/logexport/client.h"
#include "logexport/v1/run.pb.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/service_process.h"
#include "tests/support/temp_directory.h"

namespace logexport {

// Several real services that share a database, the exporters `e0`, `e1` … and one sandbox. Each
// exporter exports all logs of the sandbox. Expectations inside fail the test.
class MemberCluster {
 public:
  struct Options {
    int members = 2;
    int exporters = 2;
    int logs = 1000;
    // When exporters run by themselves; by default not as long as a test takes.
    std::string cron = "0 0 0 1 1 *";
    std::vector<std::string> sandbox_flags = {};
    // The --state of each member, where it is not a schema of the server that all tests share; and
    // how to ask that database.
    std::vector<std::string> states = {};
    std::function<std::string(const std::string& sql)> query = nullptr;
  };
  explicit MemberCluster(Options options);

  // Starts the service of that number, again if it has ended. `more` is added to its environment.
  void Start(int member, const ServiceProcess::Environment& more = {});
  // By SIGTERM; its exit status.
  int Stop(int member);
  void Kill(int member);
  void Signal(int member, int signal) { processes_[index(member)]->process().Signal(signal); }
  // Everything the member has logged in this life.
  std::string Logs(int member) { return processes_[index(member)]->process().ErrorOutput(); }

  // host:port of its API.
  const std::string& address(int member) const { return processes_[index(member)]->address(); }
  client::Client& client(int member) { return *clients_[index(member)]; }
  SandboxProcess& sandbox() { return *sandbox_; }
  // What a scrape of the member tells, by series.
  std::map<std::string, double> Metrics(int member);
  static std::string Exporter(int number) { return "e" + std::to_string(number); }
  int exporters() const { return options_.exporters; }
  int members() const { return options_.members; }

  // The number of the member that owns the exporter and is heard of; -1: none.
  int OwnerOf(const std::string& exporter);
  // Another one than that.
  int NotOwnerOf(const std::string& exporter);
  void AwaitAllOwned();
  // The first value of the answer to a statement about the state.
  std::string Query(const std::string& sql) const;

  // Runs an exporter by way of `member`, and waits there for the end.
  v1::Report Run(int member, const std::string& exporter);

  // Every log has arrived once for each exporter, and whatever came twice came under one id.
  // Answers how many events came more than once.
  std::int64_t ExpectAllArrived(int logs);
  // Whether a member's process is there, be it stopped.
  bool Runs(int member) {
    return processes_[index(member)] != nullptr && processes_[index(member)]->process().Running();
  }

 private:
  static std::size_t index(int member) { return static_cast<std::size_t>(member); }

  const Options options_;
  TempDirectory directory_;
  const std::string key_file_ = directory_.File("keys");
  const std::string config_file_ = directory_.File("exporters.yaml");
  std::unique_ptr<SandboxProcess> sandbox_;
  ServiceProcess::Environment secrets_;
  const std::string url_ =
      options_.states.empty() ? PostgresqlServer::Shared().UrlOfFreshSchema() : "";
  std::vector<std::unique_ptr<ServiceProcess>> processes_;
  std::vector<std::unique_ptr<client::Client>> clients_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_POSTGRESQL_MEMBER_CLUSTER_H_

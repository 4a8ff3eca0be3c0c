#ifndef LOGEXPORT_TESTS_E2E_INSTALLATION_H_
#define LOGEXPORT_TESTS_E2E_INSTALLATION_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/logexport/client.h"
#include "logexport/v1/run.pb.h"
#include "logexport/v1/status.pb.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/service_process.h"
#include "tests/support/temp_directory.h"

namespace logexport {

// A sandbox and the service that exports from it, as real processes, with the state in a folder of
// its own. Expectations inside fail the test.
class Installation {
 public:
  explicit Installation(const std::vector<std::string>& sandbox_flags);
  ~Installation();

  // Starts the service (again); `more` is added to the environment and wins over it.
  void Start(const ServiceProcess::Environment& more = {},
             const std::vector<std::string>& flags = {});
  // Ends it with SIGTERM and answers its exit status.
  int Stop();
  void Kill();

  client::Client& client() { return *client_; }
  ServiceProcess& service() { return *service_; }
  SandboxProcess& sandbox() { return *sandbox_; }
  // The environment of the service, without `more`.
  ServiceProcess::Environment environment() const;
  std::string state() const { return directory_.File("state.db"); }
  const std::string& directory() const { return directory_.path(); }
  // Everything the service has logged so far, over all its processes.
  std::string Logs();

  // Runs now, waits for the end, and checks that the account adds up.
  v1::Report RunNow(std::int64_t max_logs = 0);
  v1::Report Await(const std::string& run_id);
  v1::GetStatusResponse Status();
  void SetFault(const std::string& json);
  void ClearFaults();
  std::int64_t Missing();

 private:
  TempDirectory directory_;
  std::unique_ptr<SandboxProcess> sandbox_;
  std::unique_ptr<ServiceProcess> service_;
  std::unique_ptr<client::Client> client_;
  std::string earlier_logs_;
};

// What the sandbox accepted, by log id.
struct ArrivedEvent {
  std::string message_id;
  std::string timestamp;
  std::string raw;
};
std::multimap<std::string, ArrivedEvent> ArrivedEvents(SandboxProcess& sandbox);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_E2E_INSTALLATION_H_

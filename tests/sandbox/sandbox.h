#ifndef LOGEXPORT_TESTS_SANDBOX_SANDBOX_H_
#define LOGEXPORT_TESTS_SANDBOX_SANDBOX_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "tests/sandbox/http/http_server.h"
#include "tests/sandbox/sandbox_options.h"
#include "tests/sandbox/simulation.h"

namespace logexport::sandbox {

// Auth0, Segment and Slack simulated on one port by one thread, for demonstrations, tests and
// benchmarks. It serves what Simulation answers, and the functions of Simulation themselves at
// /_sandbox/ (see admin.h). Latency and faults (see fault_rule.h) strike everything but /_sandbox/.
// Thread-safe. The destructor stops it.
class Sandbox : public Simulation {
 public:
  // Fails if the address is taken or the certificate cannot be read.
  static absl::StatusOr<std::unique_ptr<Sandbox>> Start(SandboxOptions options);

  int port() const { return server_->port(); }
  // The base of Auth0's API and of Segment's: http://127.0.0.1:12345, without a slash at its end.
  std::string url() const;
  std::string slack_webhook() const { return url() + "/slack/services/T00/B00/sandboxSlackSecret"; }

  HttpResponse Handle(const HttpRequest& request) override;
  // With the counts of the network.
  SandboxStats stats() const override;

 private:
  explicit Sandbox(SandboxOptions options) : Simulation(std::move(options)) {}

  // Its thread uses the simulation: the destructor of this class ends it before that of the base.
  std::unique_ptr<HttpServer> server_;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SANDBOX_H_

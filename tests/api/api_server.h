#ifndef LOGEXPORT_TESTS_API_API_SERVER_H_
#define LOGEXPORT_TESTS_API_API_SERVER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/access/authenticator.h"
#include "service/access/login_authenticator.h"
#include "service/access/logins.h"
#include "service/access/rpcs.h"
#include "service/api/grpc_server.h"
#include "service/api/log_export_service.h"
#include "service/api/security.h"
#include "service/api/stall_guard.h"
#include "service/application.h"
#include "service/base/clock.h"
#include "service/base/random.h"
#include "service/config/audit_keys.h"
#include "service/config/secret_keys.h"
#include "service/config/secret_sealer.h"
#include "service/control/refused_calls.h"
#include "service/control/run_watch.h"
#include "service/web/http_listener.h"
#include "service/web/web_service.h"
#include "tests/api/api_call.h"
#include "tests/sandbox/sandbox.h"
#include "tests/support/temp_directory.h"

namespace logexport {

struct ApiServerOptions {
  std::size_t logs = 25;
  // Stands in for the address of the peer when set: what it does happens inside every call, before
  // anything else.
  std::function<void(const IncomingCall&)> on_call = {};
  // Listens with these instead, when a field of it is set.
  SecurityOptions security = {};
  bool follow_schedules = false;
  // How long ago the exporter was created.
  absl::Duration age = {};
  sandbox::RateLimit logs_rate_limit = {};  // of Auth0
  // Before each operation of the store, as StoreOptions have it.
  std::function<absl::Status(absl::string_view operation)> store_fault = {};
  PerExporter metrics_per_exporter = PerExporter::kAuto;
  SpanSink* spans = nullptr;  // takes the spans of runs and calls
  int concurrent_runs = kDefaultConcurrentRuns;
};

// The clock of the host, put back by so many seconds.
class LateClock final : public Clock {
 public:
  explicit LateClock(absl::Duration late) : late_seconds_(absl::ToInt64Seconds(late)) {}
  void PutRight() { late_seconds_ = 0; }

  absl::Time Now() const override {
    return RealClock().Now() - absl::Seconds(late_seconds_.load());
  }
  absl::Duration Monotonic() const override { return RealClock().Monotonic(); }
  bool SleepUntil(absl::Duration deadline, const std::stop_token& stop) override {
    return RealClock().SleepUntil(deadline, stop);
  }

 private:
  std::atomic<std::int64_t> late_seconds_;
};

// The whole service in this process, over a loopback port, with a store in a folder of its own and
// the sandbox in place of Auth0, Segment and Slack. It has one exporter, `default`, made by
// CreateExporter as somebody would.
class ApiServer {
 public:
  explicit ApiServer(ApiServerOptions options = {});
  ~ApiServer();

  // Ends the service and starts it again on the same store.
  void Restart();
  // From now on a stored run stays as it is stored: nothing looks for one to execute. Calls go on.
  void StopRuns() { application_->supervisor.Shutdown(absl::ZeroDuration()); }

  ApiReply Call(const std::string& method, const std::string& text = "",
                const ApiCallOptions& options = {}) {
    return CallApi(channel_, method, RequestOf(method, text), options);
  }
  template <typename Response>
  Response Get(const std::string& method, const std::string& text = "") {
    const ApiReply reply = Call(method, text);
    EXPECT_TRUE(reply.ok()) << method << " {" << text << "}: " << reply;
    return reply.As<Response>();
  }

  // Waits for the end of the run and answers its report.
  v1::Report Await(const std::string& run_id);
  v1::Report Run(const std::string& text = "");
  // Auth0 gives no page of logs, so that a run stays active, until the faults are cleared.
  void HoldAuth0();
  // Segment never takes the event of this log, which makes it a dead letter.
  void RefuseLog(const std::string& log_id);
  void ClearFaults();
  // What a scrape gets.
  std::string MetricsText() { return application_->MetricsText(); }
  ServiceMetrics& metrics() { return *metrics_; }
  // The next scrape reads the store anew, however soon it comes.
  void ForgetSample() { application_->sampler.Forget(); }
  // Threads that execute runs or look for them, and timers of exporters.
  std::size_t ThreadsOfRuns() const;
  std::size_t Timers() const { return application_->threads.timers.size(); }
  // Delivers the messages that are due.
  void DeliverMessages() { application_->outbox.DeliverDue(); }

  // A configuration that works with the sandbox, in text format.
  std::string Config() const;
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  // host:port where it serves HTTP.
  const std::string& http_address() const { return http_->address(); }
  const std::string& address() const { return grpc_->address(); }
  sandbox::Sandbox& sandbox() { return *sandbox_; }
  Store& store() { return *store_; }
  const TempDirectory& directory() const { return directory_; }
  std::string secret_dir() const { return directory_.path() + "/secrets"; }

 private:
  void Open();
  void Close();

  const ApiServerOptions options_;
  LateClock clock_;
  TempDirectory directory_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  std::unique_ptr<HttpTransport> transport_;
  SecretKeys keys_{directory_.File("state.db.key")};
  const SecretSealer sealer_{keys_};
  const AuditKeys audit_keys_{keys_};
  std::unique_ptr<ServiceMetrics> metrics_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Application> application_;
  std::unique_ptr<Security> security_;
  std::unique_ptr<Authenticator> authenticator_;
  std::unique_ptr<LoginAuthenticator> login_authenticator_;
  std::unique_ptr<Logins> logins_;
  std::unique_ptr<RefusedCalls> refused_;
  std::unique_ptr<CallGate> gate_;
  std::unique_ptr<RunWatch> watch_;
  std::unique_ptr<StallGuard> guard_;
  RpcTable rpcs_;
  std::unique_ptr<grpc::Service> service_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<WebService> web_;
  std::unique_ptr<HttpListener> http_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_API_API_SERVER_H_

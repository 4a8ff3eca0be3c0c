#include "tests/api/api_server.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "logexport/v1/errors.pb.h"
#include "logexport/v1/service.pb.h"
#include "service/http/curl_transport.h"
#include "service/state/engines/open_store.h"
#include "service/state/store.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

class ObservedAuthenticator final : public Authenticator {
 public:
  explicit ObservedAuthenticator(std::function<void(const IncomingCall&)> on_call)
      : on_call_(std::move(on_call)) {}

  absl::StatusOr<Identity> Identify(const IncomingCall& call) override {
    on_call_(call);
    return Identity{{"tester", /*verified=*/true}, v1::ROLE_ADMIN};
  }
  absl::StatusOr<Identity> IdentifyAgain(const Caller& caller, const Credential&) override {
    return Identity{caller, v1::ROLE_ADMIN};
  }

 private:
  const std::function<void(const IncomingCall&)> on_call_;
};

template <typename T>
T Need(absl::StatusOr<T> made) {
  if (!made.ok()) {
    ADD_FAILURE() << made.status();
    std::abort();
  }
  return *std::move(made);
}

}  // namespace

ApiServer::ApiServer(ApiServerOptions options)
    : options_(std::move(options)), clock_(options_.age) {
  std::filesystem::create_directory(secret_dir());
  sandbox::SandboxOptions sandbox;
  sandbox.generate = options_.logs;
  sandbox.auth0.logs_rate_limit = options_.logs_rate_limit;
  sandbox_ = Need(sandbox::Sandbox::Start(std::move(sandbox)));
  transport_ = Need(MakeCurlTransport({}));
  Open();
  // Past the API, so that it does not matter who may create one.
  v1::CreateExporterRequest create;
  EXPECT_TRUE(create.ParseFromString(
      RequestOf("CreateExporter", "exporter: 'default' config {" + Config() + "}")));
  EXPECT_THAT(application_->exporters.CreateExporter(create, {"set-up", true}, {}), IsOk());
  clock_.PutRight();
}

ApiServer::~ApiServer() { Close(); }

void ApiServer::Open() {
  metrics_ = std::make_unique<ServiceMetrics>(MetricsOptions(options_.metrics_per_exporter));
  store_ =
      Need(OpenStore({"sqlite:" + directory_.File("state.db"), options_.store_fault, &sealer_,
                      &audit_keys_, [this](absl::StatusCode code) { metrics_->StoreFailed(code); }},
                     RealClock()));
  EXPECT_THAT(PrepareSecrets(*store_, keys_, sealer_, /*may_create=*/true), IsOk());
  application_ = std::make_unique<Application>(
      *store_, *transport_, clock_, secret_dir(), std::map<std::string, ConfiguredExporter>(),
      options_.follow_schedules, *metrics_, StoreProtection{&keys_, &sealer_, &audit_keys_},
      options_.spans, options_.concurrent_runs);
  SecurityOptions security = options_.security;
  if (security.listen.empty()) security.listen = "127.0.0.1:0";
  security_ = Need(Security::Create(security));
  if (options_.on_call) {
    authenticator_ = std::make_unique<ObservedAuthenticator>(options_.on_call);
  }
  refused_ = std::make_unique<RefusedCalls>(*store_, RealClock());
  logins_ = std::make_unique<Logins>(*store_, clock_);
  login_authenticator_ = std::make_unique<LoginAuthenticator>(
      authenticator_ == nullptr ? security_->authenticator() : *authenticator_,
      authenticator_ != nullptr || TellsCallersApart(security), *logins_);
  gate_ = std::make_unique<CallGate>(*login_authenticator_, RealClock(), SystemRandom(),
                                     refused_.get(), CallerLimitOptions(), &application_->observer);
  application_->exporters.TellLoadBy([this] { return gate_->Load(); });
  watch_ = std::make_unique<RunWatch>(application_->runs, application_->feed, RealClock());
  guard_ = std::make_unique<StallGuard>();
  rpcs_ = MakeRpcTable({application_->runs, application_->checkpoints, application_->configs,
                        application_->exporters, application_->members, application_->dead_letters,
                        application_->previews, application_->audit, application_->stored_secrets,
                        *watch_, *logins_});
  service_ = MakeLogExportService(*gate_, *guard_, rpcs_);
  grpc_ = Need(GrpcServer::Listen(security.listen, security_->credentials(), *service_, *guard_));
  WebContent content;
  content.ready = [] { return absl::OkStatus(); };
  content.metrics = [] { return std::string(); };
  content.hosts = {"console.example.com"};
  content.own_origin = "https://console.example.com";
  web_ = std::make_unique<WebService>(*gate_, rpcs_, *logins_, std::move(content));
  http_ = Need(HttpListener::Listen("127.0.0.1:0", nullptr,
                                    [this](WebExchange& exchange) { web_->Handle(exchange); }));
  logins_->ServeAt("http://" + http_->address());
  EXPECT_THAT(application_->supervisor.Start(), IsOk());
  grpc_->SetServing(true);
  grpc::ChannelArguments arguments;
  // Channels to one address share a connection otherwise, also over a restart.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  channel_ =
      grpc::CreateCustomChannel(grpc_->address(), grpc::InsecureChannelCredentials(), arguments);
}

void ApiServer::Close() {
  gate_->Close();
  application_->supervisor.Shutdown(absl::ZeroDuration());
  application_->feed.Close();
  grpc_->Shutdown(absl::Seconds(1));
  http_.reset();
  web_.reset();
  channel_.reset();
  grpc_.reset();
  service_.reset();
  guard_.reset();
  watch_.reset();
  gate_.reset();
  login_authenticator_.reset();
  logins_.reset();
  refused_.reset();
  authenticator_.reset();
  security_.reset();
  application_.reset();
  store_.reset();
}

std::size_t ApiServer::ThreadsOfRuns() const {
  const RunThreads& threads = application_->threads;
  return threads.runs.threads() + threads.looks.threads() + threads.side_looks.threads();
}

void ApiServer::Restart() {
  Close();
  Open();
}

std::string ApiServer::Config() const {
  const sandbox::Auth0Options& auth0 = sandbox_->options().auth0;
  return absl::StrCat("schedule { cron: '0 0 0 1 1 *' } auth0 { domain: '", auth0.domain,
                      "' client_id: '", auth0.client_id, "' client_secret: '", auth0.client_secret,
                      "' base_url: '", sandbox_->url(), "' } segment { write_key: '",
                      sandbox_->options().segment.write_key, "' endpoint: '", sandbox_->url(),
                      "' max_events_per_second: 0 } slack { webhook: '", sandbox_->slack_webhook(),
                      "' }");
}

v1::Report ApiServer::Await(const std::string& run_id) {
  // The service notices a moment later that a client is gone, whose place is taken until then.
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  ApiReply reply;
  do {
    reply = Call("WatchRun", absl::StrCat("run_id: '", run_id, "'"));
  } while (reply.reason == "TOO_MANY_WATCHERS" && absl::Now() < deadline);
  EXPECT_TRUE(reply.ok()) << reply;
  const auto last = reply.Last<v1::WatchRunResponse>();
  EXPECT_EQ(last.phase(), v1::WATCH_PHASE_FINAL);
  v1::RunErrorReason documented;
  const std::string reason = absl::StrCat("RUN_ERROR_REASON_", last.report().error().reason());
  EXPECT_TRUE(!last.report().has_error() || v1::RunErrorReason_Parse(reason, &documented))
      << reason;
  return last.report();
}

v1::Report ApiServer::Run(const std::string& text) {
  return Await(Get<v1::RunNowResponse>("RunNow", text).run().run_id());
}

void ApiServer::HoldAuth0() {
  sandbox::FaultRule rule;
  rule.endpoints = sandbox::kAnyLogs;
  rule.status = 503;
  sandbox_->AddFault(rule);
}

void ApiServer::ClearFaults() { sandbox_->ClearFaults(); }

void ApiServer::RefuseLog(const std::string& log_id) {
  sandbox::FaultRule rule;
  rule.endpoints = sandbox::Endpoint::kSegment;
  rule.contains = log_id;
  rule.status = 400;
  sandbox_->AddFault(rule);
}

}  // namespace logexport

#include "service/server.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/access/call_gate.h"
#include "service/access/login_authenticator.h"
#include "service/access/logins.h"
#include "service/access/rpcs.h"
#include "service/api/grpc_server.h"
#include "service/api/log_export_service.h"
#include "service/api/security.h"
#include "service/api/stall_guard.h"
#include "service/application.h"
#include "service/auth0/type_table.h"
#include "service/base/logging.h"
#include "service/base/random.h"
#include "service/base/status_macros.h"
#include "service/base/version.h"
#include "service/certificate_watch.h"
#include "service/config/audit_keys.h"
#include "service/config/config_files.h"
#include "service/config/exporter_setup.h"
#include "service/config/resolved_settings.h"
#include "service/config/secret_keys.h"
#include "service/config/secret_sealer.h"
#include "service/control/audit_patrol.h"
#include "service/control/audit_upkeep.h"
#include "service/control/config_probe.h"
#include "service/control/refused_calls.h"
#include "service/control/run_watch.h"
#include "service/copy_state.h"
#include "service/http/curl_transport.h"
#include "service/http_side.h"
#include "service/run_once.h"
#include "service/runs/trusted_time.h"
#include "service/slack/slack_notifier.h"
#include "service/state/engines/open_store.h"
#include "service/state/store.h"
#include "service/telemetry/otlp/otlp_exporter.h"
#include "service/telemetry/otlp/otlp_options.h"
#include "service/webhook/webhook_notifier.h"

namespace logexport {
namespace {

// From SIGTERM to the exit less than 10 s pass: first runs finish their exchanges in progress, then
// calls end. The rest of the time is for the last writes, each of which waits up to a second if
// another program locks the state file.
constexpr absl::Duration kRunGrace = absl::Seconds(5);
constexpr absl::Duration kCallGrace = absl::Seconds(1);
// How often the health service looks whether the store and the listener can be reached.
constexpr absl::Duration kHealthInterval = absl::Seconds(5);
// How long the service may take to accept its own connection.
constexpr absl::Duration kConnectLimit = absl::Seconds(2);

int Refuse(int status, absl::string_view what, const absl::Status& why) {
  LogError(what, {{"error", why.message()}});
  return status;
}

absl::StatusOr<StartupSources> ReadSources(const ServerOptions& options) {
  StartupSources sources;
  sources.config_wins = options.config_wins;
  if (!options.config.empty()) {
    absl::StatusOr<ConfigFile> file = ReadConfigFiles(options.config);
    if (!file.ok()) return file.status();
    sources.file = *std::move(file);
    sources.has_file = true;
  }
  sources.environment = ReadEnvironment(ProcessEnvironment());
  if (sources.environment.identifies_exporter) {
    for (const std::string& stray : LookAlikes(ProcessEnvironmentNames())) LogWarning(stray);
  }
  return sources;
}

int RefuseSettings(const StartupPlan& plan) {
  for (const ConfigViolation& violation : plan.violations) {
    LogError("a setting is missing or wrong", {{"setting", ToText(violation)}});
  }
  LogError("the service does not start with these settings",
           {{"violations", static_cast<std::int64_t>(plan.violations.size())}});
  return kExitBadSettings;
}

// Validates the settings in file and environment, and tries them if `probe` is set. Opens no store.
int CheckConfig(const ServerOptions& options, const StartupSources& sources,
                const StartupChecks& checks, HttpTransport& transport) {
  const StartupPlan plan = PlanWithoutStore(sources, checks, RealClock().Now());
  for (const std::string& warning : plan.warnings) LogWarning(warning);
  if (!plan.violations.empty()) return RefuseSettings(plan);
  bool passed = true;
  for (const PlannedExporter& planned : plan.create) {
    std::printf("%s: the settings are valid\n", planned.exporter.c_str());
    if (!options.probe) continue;
    const absl::StatusOr<ExporterSettings> resolved =
        ResolveSettings(planned.exporter, planned.config, {}, checks.secrets);
    if (!resolved.ok()) {
      std::printf("%s: %s\n", planned.exporter.c_str(),
                  std::string(resolved.status().message()).c_str());
      passed = false;
      continue;
    }
    HttpComponentFactory factory(transport, RealClock());
    const std::unique_ptr<Notifier> slack = MakeSlackNotifier(transport, RealClock());
    const std::unique_ptr<Notifier> webhook = MakeWebhookNotifier(transport, RealClock());
    for (const v1::Probe& probe : ProbeSettings(*resolved, TestMessages::kSend, factory,
                                                {*slack, *webhook, ""}, RealClock(), {})) {
      std::printf("%s: %s %s: %s\n", planned.exporter.c_str(), probe.name().c_str(),
                  v1::ProbeState_Name(probe.state()).c_str() + sizeof("PROBE_STATE_") - 1,
                  probe.message().c_str());
      passed = passed && probe.state() != v1::PROBE_STATE_FAILED;
    }
  }
  return passed ? kExitOk : kExitFailed;
}

// Null where OpenTelemetry's variables ask for no traces.
absl::StatusOr<std::unique_ptr<OtlpExporter>> MakeSpanExporter(ServiceMetrics& metrics) {
  absl::StatusOr<std::optional<OtlpOptions>> otlp = ReadOtlpOptions(ProcessEnvironment());
  if (!otlp.ok()) return otlp.status();
  if (!otlp->has_value()) return nullptr;
  LogInfo("traces are sent", {{"collector", (*otlp)->target}});
  return OtlpExporter::Create(**std::move(otlp), SystemRandom(), metrics.spans());
}

// Who may call, and what protects the calls. Says loudly where that is nobody and nothing.
absl::StatusOr<std::unique_ptr<Security>> MakeSecurity(const ServerOptions& options) {
  const SecurityOptions protection = ProtectionOf(options);
  ASSIGN_OR_RETURN(std::unique_ptr<Security> security, Security::Create(protection));
  if (const std::string open = OpenToStrangers(protection); !open.empty()) {
    LogWarning("THE API IS OPEN TO THE NETWORK", {{"address", options.listen}, {"what", open}});
  }
  return security;
}

int Serve(const ServerOptions& options, Security& security, Application& application, Store& store,
          const WaitForStop& wait_for_stop) {
  RefusedCalls refused(store, RealClock());
  Logins logins(store, RealClock());
  LoginAuthenticator authenticator(security.authenticator(),
                                   TellsCallersApart(ProtectionOf(options)), logins);
  CallGate gate(authenticator, RealClock(), SystemRandom(), &refused, {}, &application.observer);
  application.exporters.TellLoadBy([&gate] { return gate.Load(); });
  RunWatch watch(application.runs, application.feed, RealClock());
  StallGuard guard;
  const RpcTable rpcs = MakeRpcTable(
      {application.runs, application.checkpoints, application.configs, application.exporters,
       application.members, application.dead_letters, application.previews, application.audit,
       application.stored_secrets, watch, logins});
  const std::unique_ptr<grpc::Service> service = MakeLogExportService(gate, guard, rpcs);
  absl::StatusOr<std::unique_ptr<GrpcServer>> server =
      GrpcServer::Listen(options.listen, security.credentials(), *service, guard,
                         absl::Seconds(options.max_connection_age));
  if (!server.ok()) return Refuse(kExitFailed, "cannot serve", server.status());
  const absl::StatusOr<std::unique_ptr<HttpSide>> http = HttpSide::Start(
      options, {gate, rpcs, logins, store,
                [&application] { return application.metrics.Text(application.sampler.Sample()); }});
  if (!http.ok()) {
    return Refuse(absl::IsInvalidArgument(http.status()) ? kExitBadSettings : kExitFailed,
                  "cannot serve HTTP", http.status());
  }

  if (const absl::Status started = application.supervisor.Start(); !started.ok()) {
    return Refuse(kExitFailed, "cannot start the exporters", started);
  }
  application.outbox.Start();
  (*server)->SetServing(true);
  if (*http != nullptr) (*http)->SetServing(true);
  std::printf("listening on %s\n", (*server)->address().c_str());
  if (*http != nullptr) std::printf("http on %s\n", (*http)->address().c_str());
  std::fflush(stdout);
  LogInfo("service started", {{"version", kServiceVersion},
                              {"address", (*server)->address()},
                              {"http", *http == nullptr ? "off" : (*http)->address()},
                              {"state", ShownStoreUrl(options.state)},
                              {"member", ThisMembersName()}});

  AuditUpkeep upkeep(store, RealClock(), absl::Hours(24) * options.audit_retention,
                     [&components = application.components]() -> std::optional<absl::Time> {
                       if (!components.HostClockIsChecked()) return std::nullopt;
                       return TrustedNow(RealClock(), components);
                     });
  AuditPatrol patrol(store, RealClock(), *application.environment.protection.audit_signer,
                     [&application](bool intact) { application.metrics.AuditChecked(intact); });
  CertificateWatch certificates(TlsFiles(options.tls_cert, options.tls_key, options.tls_client_ca),
                                !options.tls_cert.empty(), RealClock(), application.metrics);
  std::stop_source stop_health;
  std::thread health([&] {
    bool serving = true;
    const auto look_after = [&] {
      upkeep.Tick();
      patrol.Tick();
      certificates.Tick();
    };
    look_after();
    while (RealClock().SleepFor(kHealthInterval, stop_health.get_token())) {
      look_after();
      absl::Status status = store.Check();
      if (status.ok() && !(*server)->Reachable(kConnectLimit)) {
        status = absl::UnavailableError("the service cannot be connected to");
      }
      if (status.ok() != serving) {
        serving = status.ok();
        (*server)->SetServing(serving);
        WriteLog(serving ? LogLevel::kInfo : LogLevel::kError,
                 serving ? "the service can serve again" : "the service cannot serve",
                 {{"error", status}});
      }
    }
  });

  wait_for_stop(std::stop_token());

  LogInfo("service is stopping");
  stop_health.request_stop();
  health.join();
  (*server)->SetServing(false);
  if (*http != nullptr) (*http)->SetServing(false);
  gate.Close();
  application.supervisor.Shutdown(kRunGrace);
  application.feed.Close();
  application.outbox.Stop();
  (*server)->Shutdown(kCallGrace);
  if (*http != nullptr) (*http)->Shutdown(kCallGrace);
  upkeep.LogAnchor();
  LogInfo("service stopped");
  return kExitOk;
}

}  // namespace

int RunServer(const ServerOptions& options, const WaitForStop& wait_for_stop) {
  if (!options.copy_state.empty()) return CopyState(options);
  CurlOptions curl;
  curl.ca_file = options.ca_file;
  curl.user_agent = absl::StrCat("logexport/", kServiceVersion);
  const absl::StatusOr<std::unique_ptr<HttpTransport>> transport = MakeCurlTransport(curl);
  if (!transport.ok()) {
    return Refuse(kExitBadSettings, "cannot use --ca-file", transport.status());
  }
  const absl::StatusOr<StartupSources> sources = ReadSources(options);
  if (!sources.ok()) {
    return Refuse(kExitBadSettings, "cannot read the configuration file", sources.status());
  }
  const SecretResolver secrets(ProcessEnvironment());
  const StartupChecks checks{IsKnownLogType, IsKnownCategory, AllLogTypes(), secrets};
  if (options.check_config) return CheckConfig(options, *sources, checks, **transport);

  // Before anything is opened or made: a service that would not be safe leaves nothing behind.
  std::unique_ptr<Security> security;
  if (!options.run_once) {
    absl::StatusOr<std::unique_ptr<Security>> made = MakeSecurity(options);
    if (!made.ok()) return Refuse(kExitBadSettings, "the API would not be safe", made.status());
    security = *std::move(made);
    if (const absl::Status http = HttpSide::Check(options); !http.ok()) {
      return Refuse(kExitBadSettings, "cannot serve HTTP", http);
    }
  }

  const bool shared = IsSharedStore(options.state);
  const bool own_key_file = options.secret_key_file.empty();
  if (shared && own_key_file) {
    LogError("a state in PostgreSQL needs --secret-key-file",
             {{"why",
               "there is no place beside it for a key; make one with: printf 'key-1 %s\\n' "
               "\"$(openssl rand -base64 32)\" >logexport.key"}});
    return kExitBadSettings;
  }
  SecretKeys keys(own_key_file ? KeyFileBeside(options.state) : options.secret_key_file);
  const SecretSealer sealer(keys);
  const AuditKeys audit_keys(keys);
  ServiceMetrics metrics(MetricsOptions(options.metrics_per_exporter));
  const absl::StatusOr<std::unique_ptr<Store>> store =
      OpenStore({options.state,
                 {},
                 &sealer,
                 &audit_keys,
                 [&metrics](absl::StatusCode code) { metrics.StoreFailed(code); },
                 options.unmark_moved,
                 [&metrics] { metrics.CommitUnreplicated(); }},
                RealClock());
  if (!store.ok()) {
    return Refuse(ExitOfState(store.status(), shared), "cannot use the state", store.status());
  }
  if (const absl::Status ready = PrepareSecrets(**store, keys, sealer, own_key_file); !ready.ok()) {
    return Refuse(absl::IsFailedPrecondition(ready) || absl::IsNotFound(ready) ? kExitBadSettings
                                                                               : kExitFailed,
                  "cannot use the secrets in the state", ready);
  }
  absl::StatusOr<StartupPlan> plan = SetUpExporters(**store, *sources, checks, RealClock());
  // Another member that starts at the same moment has created them.
  if (absl::IsAlreadyExists(plan.status()) || absl::IsAborted(plan.status())) {
    plan = SetUpExporters(**store, *sources, checks, RealClock());
  }
  if (!plan.ok()) return Refuse(kExitFailed, "cannot set up the exporters", plan.status());
  if (!plan->violations.empty()) return RefuseSettings(*plan);

  absl::StatusOr<std::unique_ptr<OtlpExporter>> spans = MakeSpanExporter(metrics);
  if (!spans.ok()) return Refuse(kExitBadSettings, "cannot send traces", spans.status());
  Application application(**store, **transport, RealClock(), options.secret_dir,
                          std::move(plan->configured), !options.run_once, metrics,
                          {&keys, &sealer, &audit_keys}, spans->get(), options.max_concurrent_runs);
  if (security != nullptr) {
    return Serve(options, *security, application, **store, wait_for_stop);
  }

  if (const absl::Status started = application.supervisor.Start(); !started.ok()) {
    return Refuse(kExitFailed, "cannot start the exporters", started);
  }
  const absl::StatusOr<bool> succeeded = RunAllOnce(application, kRunGrace, wait_for_stop);
  if (!succeeded.ok()) return Refuse(kExitFailed, "cannot run", succeeded.status());
  return *succeeded ? kExitOk : kExitFailed;
}

}  // namespace logexport

// logexportd: exports the logs of Auth0 tenants to Segment on a schedule, steered over gRPC.

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stop_token>
#include <string>

#include <CLI/CLI.hpp>
#include <pthread.h>
#include <sys/prctl.h>

#include "service/base/logging.h"
#include "service/base/version.h"
#include "service/http/curl_transport.h"
#include "service/server.h"

namespace {

// The signals that ask for an orderly end.
sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  // Of a terminal that closes. Not where nohup has made it ignored: a signal that is waited for
  // comes all the same.
  struct sigaction inherited = {};
  if (sigaction(SIGHUP, nullptr, &inherited) != 0 || inherited.sa_handler != SIG_IGN) {
    sigaddset(&signals, SIGHUP);
  }
  return signals;
}

bool WaitForStop(const sigset_t& signals, const std::stop_token& give_up) {
  int signal = 0;
  {
    // The signal goes to this thread alone, so that one that comes too late ends with the thread.
    const std::stop_callback wake(give_up,
                                  [self = pthread_self()] { pthread_kill(self, SIGTERM); });
    sigwait(&signals, &signal);
  }
  if (give_up.stop_requested()) return false;
  if (signal == SIGHUP) {
    logexport::LogWarning(
        "SIGHUP ends the service as SIGTERM does; nothing waits for it to be read again: the files "
        "of certificates, tokens and secrets are followed as they change, settings change with "
        "update-config or at a start with --config-wins");
  }
  // A second signal ends the process at once, for those who do not want to wait for the draining.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  // The memory holds secrets: no core dump of it is written, and no other process of the same user
  // may read it.
  prctl(PR_SET_DUMPABLE, 0);
  // With this signal ignored, a write beyond the size limit of files fails like one on a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  logexport::ServerOptions options;
  std::string log_format = "text";
  std::string log_verbosity = "info";
  std::string per_exporter = "auto";

  CLI::App app{"Exports the logs of Auth0 tenants to Segment on a schedule, steered over gRPC.",
               "logexportd"};
  app.set_version_flag("--version", logexport::kServiceVersion);
  app.add_option("--listen", options.listen, "host:port to serve gRPC on; port 0 picks one")
      ->capture_default_str();
  app.add_option("--http-listen", options.http_listen,
                 "host:port to serve HTTP on, or off; port 0 picks one; default 127.0.0.1:50052, "
                 "or port 0 if --listen has it");
  app.add_option("--http-host", options.http_hosts,
                 "a name by which HTTP is reached, beside those of loopback; may be given again");
  app.add_option("--http-url", options.http_url,
                 "the URL by which people reach HTTP, e.g. through a proxy; links to the console "
                 "begin with it");
  app.add_flag("--metrics-open", options.metrics_open,
               "serve /metrics to everybody also beyond loopback");
  app.add_option("--state", options.state,
                 "where state is kept: sqlite:PATH or postgresql://USER@HOST/DATABASE")
      ->capture_default_str();
  app.add_option("--config", options.config,
                 "YAML file with exporters, or a folder of such files; may be given several times")
      ->allow_extra_args(false);
  app.add_flag("--config-wins", options.config_wins,
               "at start, file and environment replace what is stored");
  app.add_flag("--check-config", options.check_config, "validate file and environment, then exit");
  app.add_flag("--probe", options.probe,
               "with --check-config: also try Auth0, Segment and Slack live");
  app.add_flag("--run-once", options.run_once,
               "one run of every exporter, then exit; 0 only if all succeeded");
  app.add_option("--ca-file", options.ca_file,
                 "PEM file of further authorities to trust for outgoing TLS")
      ->envname("LOGEXPORT_CA_FILE");
  app.add_option("--tls-cert", options.tls_cert, "PEM certificate chain to serve with");
  app.add_option("--tls-key", options.tls_key, "PEM key to serve with");
  app.add_option("--tls-client-ca", options.tls_client_ca,
                 "PEM authorities of the certificates clients must show");
  app.add_option("--auth-token-file", options.auth_token_file,
                 "file of the tokens callers must send: NAME ROLE SHA256 a line");
  app.add_flag("--allow-insecure", options.allow_insecure,
               "allow listening beyond loopback without TLS or without telling callers apart");
  app.add_option("--max-connection-age", options.max_connection_age,
                 "seconds after which a connection is closed; clients connect again by themselves")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  app.add_option("--secret-dir", options.secret_dir,
                 "folder whose files callers of the API may refer to as secrets");
  app.add_option("--secret-key-file", options.secret_key_file,
                 "file of the keys that secrets in the state are encrypted with: ID BASE64 a line, "
                 "the first one encrypts; audit ID BASE64 for the one that signs the audit; "
                 "default: PATH.key beside the state, made if need be; PostgreSQL has none");
  app.add_option("--audit-retention", options.audit_retention,
                 "days for which entries of the audit are kept")
      ->check(CLI::Range(1, 36500));
  app.add_option("--max-concurrent-runs", options.max_concurrent_runs,
                 "how many runs go on at a time; more wait for their turn")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  app.add_option("--metrics-per-exporter", per_exporter,
                 "what metrics tell of each exporter by itself: full, key (what alerts need) or "
                 "off; auto is full up to 200 exporters, key beyond")
      ->check(CLI::IsMember({"auto", "full", "key", "off"}))
      ->capture_default_str();
  app.add_option("--copy-state", options.copy_state,
                 "sqlite:FILE whose contents are copied to the PostgreSQL database that --state "
                 "names, which must be empty; then exit");
  app.add_option("--from-key-file", options.from_key_file,
                 "with --copy-state: the keys of the secrets in FILE; default: FILE.key");
  app.add_flag("--unmark-moved", options.unmark_moved,
               "start on a file that was copied elsewhere by --copy-state");
  app.add_option("--log-format", log_format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.add_option("--log-verbosity", log_verbosity, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : logexport::kExitBadSettings;
  }
  options.metrics_per_exporter =
      logexport::ParsePerExporter(per_exporter).value_or(logexport::PerExporter::kAuto);
  if (options.probe && !options.check_config) {
    std::fprintf(stderr, "--probe needs --check-config\n");
    return logexport::kExitBadSettings;
  }

  if (!options.from_key_file.empty() && options.copy_state.empty()) {
    std::fprintf(stderr, "--from-key-file needs --copy-state\n");
    return logexport::kExitBadSettings;
  }
  if (!options.copy_state.empty() &&
      (options.check_config || options.run_once || options.unmark_moved)) {
    std::fprintf(stderr,
                 "--copy-state goes with neither --check-config, --run-once nor --unmark-moved\n");
    return logexport::kExitBadSettings;
  }

  const sigset_t signals = StopSignals();
  // Block them before other threads start, which inherit that: only the thread that waits gets
  // them. A check has nothing to end, so it keeps the default.
  if (!options.check_config) pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  using logexport::LogLevel;
  const LogLevel lowest = log_verbosity == "debug"     ? LogLevel::kDebug
                          : log_verbosity == "warning" ? LogLevel::kWarning
                          : log_verbosity == "error"   ? LogLevel::kError
                                                       : LogLevel::kInfo;
  logexport::SetUpLogging(
      log_format == "json" ? logexport::LogFormat::kJson : logexport::LogFormat::kText, lowest);
  if (const absl::Status ready = logexport::InitHttp(); !ready.ok()) {
    logexport::LogError("cannot start", {{"error", ready}});
    return logexport::kExitFailed;
  }
  return logexport::RunServer(options, [&signals](const std::stop_token& give_up) {
    return WaitForStop(signals, give_up);
  });
}

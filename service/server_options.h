#ifndef LOGEXPORT_SERVICE_SERVER_OPTIONS_H_
#define LOGEXPORT_SERVICE_SERVER_OPTIONS_H_

#include <string>
#include <vector>

#include "service/access/security_options.h"
#include "service/runs/run_threads.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// What the daemon is started with: the values of the flags of the same names.
struct ServerOptions {
  std::string listen = "127.0.0.1:50051";
  // Empty: 127.0.0.1:50052, or port 0 when `listen` has port 0. "off": no HTTP.
  std::string http_listen;
  std::vector<std::string> http_hosts;  // names by which HTTP is reached, beside those of loopback
  std::string http_url;                 // where links lead to; empty: where HTTP listens
  bool metrics_open = false;
  std::string state = "sqlite:logexport.db";
  std::vector<std::string> config;  // files and folders
  bool config_wins = false;
  bool check_config = false;
  bool probe = false;
  bool run_once = false;
  std::string ca_file;
  std::string tls_cert;
  std::string tls_key;
  std::string tls_client_ca;
  std::string auth_token_file;
  bool allow_insecure = false;
  int max_connection_age = 3600;  // in seconds
  std::string secret_dir;
  std::string secret_key_file;
  std::string copy_state;
  std::string from_key_file;
  bool unmark_moved = false;
  int audit_retention = 400;  // in days
  int max_concurrent_runs = kDefaultConcurrentRuns;
  PerExporter metrics_per_exporter = PerExporter::kAuto;
};

// What protects the listener of gRPC. HTTP has the same, under the name and address of its own
// flag.
inline SecurityOptions ProtectionOf(const ServerOptions& options) {
  SecurityOptions protection;
  protection.listen = options.listen;
  protection.tls_cert = options.tls_cert;
  protection.tls_key = options.tls_key;
  protection.tls_client_ca = options.tls_client_ca;
  protection.auth_token_file = options.auth_token_file;
  protection.allow_insecure = options.allow_insecure;
  return protection;
}

// Exit statuses of the daemon.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitBadSettings = 2;
// Another process has the state, or its server is away or takes no writes: try again later.
inline constexpr int kExitStateHeld = 3;

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SERVER_OPTIONS_H_

#include "service/http_side.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/access/security_options.h"
#include "service/access/tls_files.h"
#include "service/base/clock.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/http/url.h"

namespace logexport {
namespace {

constexpr char kDefaultAddress[] = "127.0.0.1:50052";
constexpr char kOff[] = "off";
constexpr absl::Duration kReadyInterval = absl::Seconds(1);

// Where to listen. Whoever lets the port of gRPC be picked has several services on a machine.
std::string AddressOf(const ServerOptions& options) {
  if (!options.http_listen.empty()) return options.http_listen;
  return absl::EndsWith(options.listen, ":0") ? "127.0.0.1:0" : kDefaultAddress;
}

std::string HostOf(const std::string& address) { return address.substr(0, address.rfind(':')); }

// Listens on every address of the host, and is the name of none.
bool IsWildcard(absl::string_view host) { return host == "0.0.0.0" || host == "[::]"; }

// As it stands in a request: an IPv6 address in brackets, which those of a flag may be lost.
std::string HostField(const std::string& host) {
  const bool address = absl::StrContains(host, ':') && !absl::StartsWith(host, "[");
  return address ? absl::StrCat("[", host, "]") : host;
}

// What can never be the name that a client sends would let nobody in.
absl::Status CheckHttpHost(const std::string& host) {
  const std::string field = HostField(host);
  const absl::StatusOr<Url> url = ParseUrl(absl::StrCat("http://", field, "/"));
  if (url.ok() && absl::EqualsIgnoreCase(HostField(url->host), field)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--http-host ", host,
                                                 ": write the name alone, without http:// and "
                                                 "port, e.g. export.example.com"));
}

absl::StatusOr<Url> ParseHttpUrl(const std::string& text) {
  absl::StatusOr<Url> url = ParseUrl(text);
  if (!url.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--http-url: ", url.status().message()));
  }
  if (!url->query.empty()) return absl::InvalidArgumentError("--http-url: it has a query");
  return url;
}

SecurityOptions HttpProtection(const ServerOptions& options) {
  SecurityOptions protection = ProtectionOf(options);
  protection.flag = "--http-listen";
  protection.listen = AddressOf(options);
  return protection;
}

// What links to the console begin with.
std::string LinkBase(const ServerOptions& options, const std::string& address) {
  if (!options.http_url.empty()) return std::string(absl::StripSuffix(options.http_url, "/"));
  const std::string host = HostOf(address);
  return absl::StrCat(options.tls_cert.empty() ? "http://" : "https://",
                      IsWildcard(host) ? "localhost" : host, address.substr(address.rfind(':')));
}

}  // namespace

absl::Status HttpSide::Check(const ServerOptions& options) {
  if (options.http_listen == kOff) return absl::OkStatus();
  RETURN_IF_ERROR(CheckSecurity(HttpProtection(options)));
  for (const std::string& host : options.http_hosts) RETURN_IF_ERROR(CheckHttpHost(host));
  return options.http_url.empty() ? absl::OkStatus() : ParseHttpUrl(options.http_url).status();
}

absl::StatusOr<std::unique_ptr<HttpSide>> HttpSide::Start(const ServerOptions& options,
                                                          HttpSideParts parts) {
  if (options.http_listen == kOff) return nullptr;
  RETURN_IF_ERROR(Check(options));
  const SecurityOptions protection = HttpProtection(options);
  if (const std::string open = OpenToStrangers(protection); !open.empty()) {
    LogWarning("THE API IS OPEN TO THE NETWORK", {{"address", protection.listen}, {"what", open}});
  }

  std::unique_ptr<HttpSide> made(new HttpSide(parts.store));
  WebContent content;
  content.ready = [side = made.get()] { return side->Ready(); };
  content.metrics = std::move(parts.metrics);
  content.metrics_open = options.metrics_open || IsLoopbackHost(HostOf(protection.listen));
  content.console = ConsoleFiles();
  for (const std::string& name : options.http_hosts) content.hosts.push_back(HostField(name));
  const std::string host = HostOf(protection.listen);
  if (!IsWildcard(host)) content.hosts.push_back(host);
  if (!options.http_url.empty()) {
    ASSIGN_OR_RETURN(const Url url, ParseHttpUrl(options.http_url));
    content.hosts.push_back(HostField(url.host));
    content.own_origin = absl::StrCat(url.scheme, "://", url.Authority());
  }
  made->web_ =
      std::make_unique<WebService>(parts.gate, parts.rpcs, parts.logins, std::move(content));

  std::unique_ptr<TlsFiles> tls;
  if (!options.tls_cert.empty()) {
    tls = std::make_unique<TlsFiles>(options.tls_cert, options.tls_key, options.tls_client_ca);
  }
  absl::StatusOr<std::unique_ptr<HttpListener>> listener = HttpListener::Listen(
      protection.listen, std::move(tls),
      [web = made->web_.get()](WebExchange& exchange) { web->Handle(exchange); });
  if (absl::IsUnavailable(listener.status())) {
    if (options.http_listen.empty()) {
      LogWarning("HTTP is not served; choose another address with --http-listen, or none with off",
                 {{"error", listener.status().message()}});
      return nullptr;
    }
    return absl::UnavailableError(
        absl::StrCat(listener.status().message(), "; choose another with --http-listen"));
  }
  RETURN_IF_ERROR(listener.status());
  made->listener_ = *std::move(listener);
  parts.logins.ServeAt(LinkBase(options, made->address()));
  return made;
}

absl::Status HttpSide::Ready() {
  if (!serving_) return absl::UnavailableError("the service is starting or stopping");
  MutexLock lock(&mutex_);
  const absl::Duration now = RealClock().Monotonic();
  if (now - checked_ >= kReadyInterval) {
    checked_ = now;
    store_works_ = store_.Check().ok();
  }
  return store_works_ ? absl::OkStatus()
                      : absl::UnavailableError("the store cannot be reached; the log says why");
}

}  // namespace logexport

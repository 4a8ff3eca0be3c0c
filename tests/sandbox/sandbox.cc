#include "tests/sandbox/sandbox.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "tests/sandbox/admin.h"

namespace logexport::sandbox {

absl::StatusOr<std::unique_ptr<Sandbox>> Sandbox::Start(SandboxOptions options) {
  std::unique_ptr<Sandbox> sandbox(new Sandbox(std::move(options)));
  ASSIGN_OR_RETURN(sandbox->server_, HttpServer::Start(sandbox->options().listen, sandbox.get()));
  return sandbox;
}

std::string Sandbox::url() const {
  return absl::StrCat(UrlScheme(options()), "://", options().listen.host, ":", port());
}

HttpResponse Sandbox::Handle(const HttpRequest& request) {
  return absl::StartsWith(request.path, kAdminPath) ? HandleAdmin(*this, request)
                                                    : Simulation::Handle(request);
}

SandboxStats Sandbox::stats() const {
  SandboxStats stats = Simulation::stats();
  stats.http = server_->counters();
  return stats;
}

}  // namespace logexport::sandbox

#ifndef LOGEXPORT_SERVICE_WEB_ORIGIN_RULES_H_
#define LOGEXPORT_SERVICE_WEB_ORIGIN_RULES_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"

#include "service/web/web_exchange.h"

namespace logexport {

// Keeps pages of other sites from using a browser to reach the service. A page anywhere can send a
// request to this machine's loopback address; with a name of its own that it lets point there (DNS
// rebinding) it could even read the answers.
class OriginRules {
 public:
  // `hosts`: names by which the service is reached, without ports, beside those of loopback.
  // `own_origin`: of --http-url, for a proxy that speaks TLS in front of it; may be empty.
  OriginRules(const std::vector<std::string>& hosts, std::string own_origin);

  // PERMISSION_DENIED / FOREIGN_ORIGIN unless the request names one of those hosts.
  absl::Status CheckHost(const WebRequest& request) const;

  // The same unless the request comes from no page, as far as it tells, or from one of ours. With
  // `by_browser`, for callers that a browser makes known by itself (a cookie, a certificate), it
  // must also hold what no page of another site can send without asking first.
  absl::Status CheckOrigin(const WebRequest& request, bool by_browser) const;

 private:
  std::set<std::string> hosts_;
  std::string own_origin_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_ORIGIN_RULES_H_

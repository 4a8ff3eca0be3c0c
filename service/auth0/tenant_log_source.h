#ifndef LOGEXPORT_SERVICE_AUTH0_TENANT_LOG_SOURCE_H_
#define LOGEXPORT_SERVICE_AUTH0_TENANT_LOG_SOURCE_H_

#include <memory>

#include "service/auth0/management_api.h"
#include "service/base/clock.h"
#include "service/export/log_source.h"
#include "service/export/settings.h"
#include "service/http/transport.h"

namespace logexport {

// What one tenant is read through. Both share its token and its rate limit.
struct Auth0Sources {
  std::unique_ptr<LogSource> logs;
  std::unique_ptr<ProfileSource> profiles;  // null unless they are enabled
};

// `transport` and `clock` must outlive the answer.
Auth0Sources MakeAuth0Sources(const Auth0Settings& settings, const ProfileSettings& profiles,
                              HttpTransport& transport, Clock& clock);

// The logs alone.
std::unique_ptr<LogSource> MakeAuth0LogSource(const Auth0Settings& settings,
                                              HttpTransport& transport, Clock& clock);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_TENANT_LOG_SOURCE_H_

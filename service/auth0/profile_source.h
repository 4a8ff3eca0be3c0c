#ifndef LOGEXPORT_SERVICE_AUTH0_PROFILE_SOURCE_H_
#define LOGEXPORT_SERVICE_AUTH0_PROFILE_SOURCE_H_

#include <memory>

#include "absl/status/status.h"

#include "service/auth0/management_api.h"
#include "service/export/log_source.h"
#include "service/export/settings.h"

namespace logexport {

// Reads the profiles of users through the Management API (scope read:users). The users of a page
// are looked up by one search, or a few where a URL cannot hold all their ids; those the search
// does not give (its index is a little behind) by a limited number of single reads, and so are
// those that have changed since they were last read, as the search may still give what they were.
// What was found, and who does not exist, is kept for settings.cache_ttl.
//
// Find may be called by several threads at a time, for pages that follow each other: as many calls
// are on their way as the share of the rate limit allows for by what the last answer said. A user
// for whom one of them asks is waited for by the others.
//
// Waits inside Find for its share of the rate limit, up to half a minute. Nothing is retried:
// calling Find again asks for what is still missing only. After Auth0 refused for want of the
// scope, it is not asked again for some minutes.
std::unique_ptr<ProfileSource> MakeAuth0ProfileSource(const ProfileSettings& settings,
                                                      std::shared_ptr<Auth0Client> client);

// Checks that users may be read.
absl::Status ProbeUsers(Auth0Client* client, const CallContext& context);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_PROFILE_SOURCE_H_

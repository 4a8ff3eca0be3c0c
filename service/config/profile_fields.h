#ifndef LOGEXPORT_SERVICE_CONFIG_PROFILE_FIELDS_H_
#define LOGEXPORT_SERVICE_CONFIG_PROFILE_FIELDS_H_

#include <string>
#include <vector>

namespace logexport {

// The fields of a user that Auth0 lets one select ("Get a User", Management API documentation).

// Those that are read when nothing else is configured. Without `identities`, which can hold tokens
// of identity providers, and without the metadata, in which applications keep what they like.
std::vector<std::string> BasicProfileFields();

std::vector<std::string> KnownProfileFields();

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_PROFILE_FIELDS_H_

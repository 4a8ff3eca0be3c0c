#ifndef LOGEXPORT_SERVICE_CONFIG_ENDPOINTS_H_
#define LOGEXPORT_SERVICE_CONFIG_ENDPOINTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport {

// The addresses an exporter talks to, as they follow from its settings. Errors are INVALID_ARGUMENT
// and read as the end of a sentence about the field; they do not repeat the text, since a webhook
// is a secret.

// https://DOMAIN/api/v2/ and https://DOMAIN, the tenant's own unless configured otherwise.
std::string AudienceOfDomain(absl::string_view domain);
std::string BaseUrlOfDomain(absl::string_view domain);

// The URL without a slash at its end, host in lower case. Refuses what is no URL, has a query, or
// is plain http to anything but loopback.
absl::StatusOr<std::string> ParseBaseUrl(absl::string_view url);

// Where events go (to its /v1/batch): Segment's API in the US or the EU for `US` and `EU`, else the
// base URL given. Addresses from Segment's HTTP API documentation and "Regional Segment".
absl::StatusOr<std::string> SegmentBaseUrl(absl::string_view endpoint);

// What a tenant's base URL must keep to besides being a safe URL: it ends before /api/v2, which is
// added to it.
absl::Status CheckTenantBaseUrl(absl::string_view url);

// Whether both endpoints name the same place. What is malformed is compared as it is written;
// validation refuses it anyway.
bool SameEndpoint(absl::string_view a, absl::string_view b);

// The same for base URLs of tenants.
bool SameBaseUrl(absl::string_view a, absl::string_view b);

// The tenant that an audience stands for: its host. A custom domain has its tenant's audience.
absl::StatusOr<std::string> TenantOfAudience(absl::string_view audience);

// OK for https, and for http to loopback, but not for an address of Slack that is no webhook.
absl::Status CheckWebhook(absl::string_view url);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_ENDPOINTS_H_

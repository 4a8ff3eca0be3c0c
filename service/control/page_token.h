#ifndef LOGEXPORT_SERVICE_CONTROL_PAGE_TOKEN_H_
#define LOGEXPORT_SERVICE_CONTROL_PAGE_TOKEN_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class Message;
}

namespace logexport {

// Pages of lists. A token is opaque, safe in URLs, and bound to the request it continues: used with
// another filter, or changed, it is refused (INVALID_ARGUMENT / INVALID_PAGE_TOKEN). It holds no
// secret; the binding is against mistakes, not against attackers.

// `request` is the list request; its fields `page_size` and `page_token` do not count. `key` says
// where to go on.
std::string MakePageToken(const google::protobuf::Message& request, absl::string_view key);

// The key of the token in the request's `page_token`, or an empty one for the first page.
absl::StatusOr<std::string> ReadPageToken(const google::protobuf::Message& request);

// INVALID_PAGE_TOKEN, for a key that makes no sense to the list.
absl::Status BadPageToken();

// A page ends before it grows beyond this, however few entries it has then, so that it stays below
// the 4 MB that gRPC's clients accept.
inline constexpr std::size_t kMostPageBytes = std::size_t{3} << 20;
// So many entries are read from the store at a time, since not all of a page may fit.
inline constexpr int kPageStep = 25;

// The size to use for a request's `page_size`: 50 for 0, at most 500. INVALID_ARGUMENT if negative.
absl::StatusOr<int> PageSize(int asked);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_PAGE_TOKEN_H_

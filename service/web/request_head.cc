#include "service/web/request_head.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace logexport {
namespace {

bool IsNumber(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); });
}

}  // namespace

bool ExpectsContinue(const WebRequest& request) {
  return absl::EqualsIgnoreCase(request.Field("expect").value_or(""), "100-continue");
}

int CheckHead(const WebRequest& request, unsigned version) {
  if (version != 10 && version != 11) return 505;
  // An answer to another host's request, or to one whose host is not sure, is nobody's.
  if (request.target.empty() || request.target.front() != '/') return 400;
  if (version == 11 && !request.Field("host").has_value()) return 400;
  for (const char* const once : {"host", "transfer-encoding", "content-length", "content-type",
                                 "origin", "authorization", "cookie"}) {
    if (request.Repeated(once)) return 400;
  }
  // Two readers must not disagree about where it ends.
  const auto length = request.Field("content-length");
  if (length.has_value() && !IsNumber(*length)) return 400;
  if (const auto coding = request.Field("transfer-encoding"); coding.has_value()) {
    if (version != 11 || length.has_value()) return 400;
    if (!absl::EqualsIgnoreCase(*coding, "chunked")) return 501;
  }
  if (request.Field("expect").has_value() && !ExpectsContinue(request)) return 417;
  return 0;
}

}  // namespace logexport

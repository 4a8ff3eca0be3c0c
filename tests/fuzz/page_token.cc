#include "service/control/page_token.h"

#include <string>

#include "absl/status/statusor.h"

#include "logexport/v1/dead_letter.pb.h"
#include "tests/fuzz/targets.h"

namespace logexport {

// The input as a token, and as the key of a token of our own.
void FuzzPageToken(absl::string_view input) {
  v1::ListDeadLettersRequest request;
  request.set_page_size(7);
  request.set_page_token(std::string(input));
  if (const absl::StatusOr<std::string> key = ReadPageToken(request); key.ok()) {
    Promise(input.empty() || MakePageToken(request, *key) == input,
            "only what was given out is taken");
  } else {
    Promise(absl::IsInvalidArgument(key.status()), "a wrong token is the caller's mistake");
    PromisePrintable(key.status().message(), "errors can be shown");
  }

  // Keys are ids of logs and numbers of rows, far from the longest that a token can hold.
  if (input.empty() || input.size() > 500) return;
  request.set_page_token(MakePageToken(request, input));
  const absl::StatusOr<std::string> back = ReadPageToken(request);
  Promise(back.ok() && *back == input, "what was given out is taken back");
  std::string changed = request.page_token();
  char& symbol = changed[static_cast<unsigned char>(input.front()) % changed.size()];
  symbol = symbol == 'A' ? 'B' : 'A';
  v1::ListDeadLettersRequest other = request;
  other.set_page_token(changed);
  const absl::StatusOr<std::string> key = ReadPageToken(other);
  // A change of the last symbol's unused bits changes nothing.
  Promise(!key.ok() || *key == input, "a changed token is refused");
  other = request;
  other.set_exporter("another");
  Promise(!ReadPageToken(other).ok(), "a token of another request is refused");
}

}  // namespace logexport

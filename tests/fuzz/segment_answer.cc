#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

#include "service/export/failure.h"
#include "service/http/secret_redactor.h"
#include "service/segment/answer.h"
#include "tests/fuzz/targets.h"

namespace logexport {

// A status of three digits, and the body behind it.
void FuzzSegmentAnswer(absl::string_view input) {
  constexpr absl::string_view kWriteKey = "WRITE-KEY-WRITE-KEY";
  HttpResponse response;
  if (!absl::SimpleAtoi(input.substr(0, 3), &response.status)) response.status = 200;
  input.remove_prefix(std::min<std::size_t>(input.size(), 3));
  response.body.reserve(input.size() + 64);
  response.body.assign(input.data(), input.size());
  response.headers = {{"Retry-After", std::string(input.substr(0, 40))}};
  SecretRedactor({std::string(kWriteKey)}).Redact(&response.body);
  const absl::Status status = JudgeAnswer(response, absl::FromUnixSeconds(1'795'392'000));
  if (status.ok()) {
    Promise(response.status == 200, "only a 200 says that events were accepted");
    return;
  }
  const Failure failure = FailureOf(status);
  PromisePrintable(failure.message, "what Segment said can be shown");
  Promise(!absl::StrContains(failure.message, kWriteKey), "the write key is not repeated");
  Promise(failure.reason != FailureReason::kInternal && failure.origin == Origin::kSegment,
          "failures say why");
  Promise(!failure.retry_after.has_value() || *failure.retry_after >= absl::ZeroDuration(),
          "nobody is asked to wait backwards");
}

}  // namespace logexport

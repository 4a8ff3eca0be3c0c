#ifndef LOGEXPORT_SERVICE_SEGMENT_ANSWER_H_
#define LOGEXPORT_SERVICE_SEGMENT_ANSWER_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "service/http/transport.h"

namespace logexport {

// What Segment's answer to a batch means (HTTP API docs; its own libraries for what they leave
// open), also if it is RudderStack's gateway that answers. OK: it said that it accepted the batch,
// by status 200 with `success` or `ok` true, or with the body OK. Else a Failure:
//
//   other 2xx, 3xx                      kTransient  UNEXPECTED_RESPONSE: not Segment, or not well
//   400                                 kPermanent  SEGMENT_REFUSED_BATCH
//   413                                 kPermanent  SEGMENT_TOO_LARGE
//   401, 403, 404                       kPermanent  SEGMENT_CREDENTIALS_REJECTED
//   429                                 kLimited    SEGMENT_RATE_LIMITED
//   408, 410, 460, 5xx but 501, 505     kTransient  SEGMENT_UNAVAILABLE
//   anything else                       kPermanent  SEGMENT_REFUSES
//
// with the server's own words, shortened. `now` is the server's time, for a Retry-After that names
// one.
absl::Status JudgeAnswer(const HttpResponse& response, absl::Time now);

// What it means that no answer came: `error` is the transport's.
absl::Status JudgeNoAnswer(const absl::Status& error);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_ANSWER_H_

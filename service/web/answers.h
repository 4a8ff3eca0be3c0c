#ifndef LOGEXPORT_SERVICE_WEB_ANSWERS_H_
#define LOGEXPORT_SERVICE_WEB_ANSWERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"

#include "service/web/web_exchange.h"

namespace logexport {

// What every answer carries: it is not to be guessed at, framed, kept, or told to other sites.
WebFields SecurityFields();

WebResponse TextAnswer(int status, absl::string_view text);
// 405, naming what is allowed.
WebResponse MethodNotAllowed(absl::string_view allowed);

// ---- errors as the Connect protocol has them

// The HTTP status of an error.
int HttpStatusOf(absl::StatusCode code);
// {"code": …, "message": …, "details": […]}. Each detail has its bytes, and in `debug` what they
// say.
std::string ErrorJson(const google::rpc::Status& error);
// The whole answer of a call, or anything else, that failed.
WebResponse ErrorAnswer(const absl::Status& status, absl::string_view request_id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_ANSWERS_H_

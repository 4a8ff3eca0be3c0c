#ifndef LOGEXPORT_SERVICE_AUTH0_MENDED_LOGS_H_
#define LOGEXPORT_SERVICE_AUTH0_MENDED_LOGS_H_

#include "absl/strings/string_view.h"

#include "service/export/log.h"

namespace logexport {

// Marks the logs of `page` in which invalid UTF-8 was replaced. `original` is the body as it came,
// page->body the mended one. The replacement never touches an ASCII byte, so the n-th ASCII byte of
// both texts is the same one, and logs start and end with one.
void MarkMended(absl::string_view original, Page* page);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_MENDED_LOGS_H_

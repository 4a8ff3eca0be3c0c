#ifndef LOGEXPORT_SERVICE_WEB_CONSOLE_FILES_H_
#define LOGEXPORT_SERVICE_WEB_CONSOLE_FILES_H_

#include <vector>

#include "absl/strings/string_view.h"

#include "service/web/web_exchange.h"

namespace logexport {

// A file of the console, as it is compiled in. All views live for ever.
struct ConsoleFile {
  absl::string_view path;  // where it is served: "/assets/app-0123456789ab.js"
  absl::string_view type;  // its content type
  bool immutable = false;  // its path changes with its content
  absl::string_view etag;
  absl::string_view content;
  absl::string_view gzip;    // the same, compressed; empty when it is not
  absl::string_view brotli;  // likewise
};

// What client/console/build.mjs has made; empty when the service was built without it. Defined in a
// generated source, see embed_console.cc.
const std::vector<ConsoleFile>& ConsoleFiles();

// The answer to a GET or HEAD of one of the files; 404 when there is none of that
// path.
WebResponse ConsoleAnswer(const std::vector<ConsoleFile>& files, const WebRequest& request);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_CONSOLE_FILES_H_

#ifndef LOGEXPORT_SERVICE_AUTH0_PAGE_DECODER_H_
#define LOGEXPORT_SERVICE_AUTH0_PAGE_DECODER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/export/log.h"

namespace logexport {

// Splits what Auth0 answers into logs, keeping each as it was sent and reading only the fields the
// pipeline needs. Anything an answer may hold is taken as it comes:
//   - fields of an unexpected type: a number counts as its text, anything else as absent;
//   - of repeated keys the last counts;
//   - escapes are undone, except in text that has none in UTF-8 (a lone surrogate), which stays as
//     it is written;
//   - invalid UTF-8 is replaced by U+FFFD, and the logs it was in are marked `mended`;
//   - elements that are no objects, and objects without an id, become logs with a Defect.
// Errors are INVALID_ARGUMENT, in words that complete "Auth0 answered something that …" and hold
// nothing of the answer itself.
//
// Keeps its buffers from page to page. One thread at a time.
class PageDecoder {
 public:
  PageDecoder();
  ~PageDecoder();
  PageDecoder(const PageDecoder&) = delete;
  PageDecoder& operator=(const PageDecoder&) = delete;

  struct Result {
    Page page;
    // Logs left out because their id is not after the one asked for, or was in the page already.
    int repeated = 0;
    // The id of one that is not after the one asked for and has another form: such ids cannot be
    // compared, so it is no repetition. Empty if there is none.
    std::string other_form;
  };

  // `body` is an answer to "the logs after `after`": an array of logs, or an object that holds one
  // as `logs` (Auth0's include_totals). The logs come in ascending order of id. Those without an id
  // stay before the log they preceded, or come first if the answer was not in order; at the end of
  // a page they are left out, because reading on after the last id will give them again.
  absl::StatusOr<Result> DecodeAfter(std::string body, absl::string_view after);

  // An array of logs as it is: nothing left out, nothing moved.
  absl::StatusOr<Page> DecodeArray(std::string body);

  // `body` is a single log.
  absl::StatusOr<Page> DecodeOne(std::string body);

 private:
  class Pass;
  struct Parser;

  absl::StatusOr<Page> Decode(std::string body, bool single);

  std::unique_ptr<Parser> parser_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_PAGE_DECODER_H_

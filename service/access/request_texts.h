#ifndef LOGEXPORT_SERVICE_ACCESS_REQUEST_TEXTS_H_
#define LOGEXPORT_SERVICE_ACCESS_REQUEST_TEXTS_H_

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}

namespace logexport {

// INVALID_ARGUMENT / INVALID_FIELD, naming every field of the request whose text or list is longer
// than anybody needs: what callers send is stored and shown to others. Texts have at most 4,096
// bytes, a `reason` 1,024, a secret 65,536; lists have at most 10,000 entries. It goes by the
// descriptor, so that a new request is bounded without code of its own.
absl::Status CheckTexts(const google::protobuf::Message& request);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_REQUEST_TEXTS_H_

#ifndef LOGEXPORT_CLIENT_DIAGNOSIS_H_
#define LOGEXPORT_CLIENT_DIAGNOSIS_H_

#include <string>

#include "absl/time/time.h"

#include "logexport/connection.h"

namespace logexport::client {

// What can be found out about a service that a call could not reach.
struct Diagnosis {
  enum class Finding {
    kBadAddress,       // it is not HOST:PORT or unix:PATH
    kUnknownHost,      // no such name
    kRefused,          // nothing listens there
    kNoAnswer,         // the connection is not accepted, or nothing is said on it, in time
    kSpeaksPlaintext,  // a gRPC server without TLS
    kSpeaksTls,
    kSpeaksHttp,  // an HTTP/1.1 server, not gRPC
    kClosed,      // it closes the connection without a word
  };
  Finding finding = Finding::kNoAnswer;
  // What was found and what to do about it, given how `options` would connect. Empty where that
  // fits what was found, so that the cause lies elsewhere.
  std::string advice;
};

// Connects by itself, without gRPC and without a proxy, sends the first bytes of a plaintext HTTP/2
// connection, and looks at what comes back: servers of every kind give themselves away. Sends no
// token. Blocks for at most `timeout`.
Diagnosis Diagnose(const ConnectionOptions& options, absl::Duration timeout = absl::Seconds(2));

}  // namespace logexport::client

#endif  // LOGEXPORT_CLIENT_DIAGNOSIS_H_

#ifndef LOGEXPORT_SERVICE_API_TLS_CREDENTIALS_H_
#define LOGEXPORT_SERVICE_API_TLS_CREDENTIALS_H_

#include <memory>

#include "absl/status/statusor.h"
#include <grpcpp/security/server_credentials.h>

#include "service/access/tls_files.h"

namespace logexport {

// Credentials that follow their files: each new connection is shaken hands with by what the files
// hold at that moment, and connections that stand are left alone. A change that cannot be used (the
// certificate already replaced, its key not yet) is logged and leaves everything as it was. With a
// client CA, only clients with a certificate of it are let in. Must outlive the server.
// INVALID_ARGUMENT as TlsFiles::Read.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(
    std::unique_ptr<TlsFiles> files);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_TLS_CREDENTIALS_H_

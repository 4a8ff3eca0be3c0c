#include "service/api/error_status.h"

#include "service/access/wire_error.h"

namespace logexport {

grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view request_id) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status wire = ToWireError(status, request_id);
  return {static_cast<grpc::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString()};
}

}  // namespace logexport

#ifndef LOGEXPORT_SERVICE_API_REFLECTION_SERVICE_H_
#define LOGEXPORT_SERVICE_API_REFLECTION_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "service/api/stranger_calls.h"

namespace logexport {

// grpc.reflection.v1alpha, open to everybody: what is served is no secret. gRPC's own holds a
// thread for each stream for as long as its client likes. Thread-safe.
class ReflectionService final : public grpc::reflection::v1alpha::ServerReflection::Service {
 public:
  // `services` are the full names of the services that are served; `calls` must outlive it.
  ReflectionService(StrangerCalls& calls, std::vector<std::string> services)
      : calls_(calls), services_(std::move(services)) {}

 private:
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;

  grpc::Status ServerReflectionInfo(grpc::ServerContext* context,
                                    grpc::ServerReaderWriter<Response, Request>* stream) override;
  Response Answer(const Request& request) const;

  StrangerCalls& calls_;
  const std::vector<std::string> services_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_REFLECTION_SERVICE_H_

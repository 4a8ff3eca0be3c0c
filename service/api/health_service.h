#ifndef LOGEXPORT_SERVICE_API_HEALTH_SERVICE_H_
#define LOGEXPORT_SERVICE_API_HEALTH_SERVICE_H_

#include <string>

#include "absl/base/thread_annotations.h"

#include "grpc/health/v1/health.grpc.pb.h"
#include "service/api/stranger_calls.h"
#include "service/base/mutex.h"

namespace logexport {

// grpc.health.v1, open to everybody, for the server as a whole and for our service by name. gRPC's
// own takes in a request of any size before it looks at it, holds any number of watches, and cannot
// be called by reflection. Thread-safe.
class HealthService final : public grpc::health::v1::Health::StreamedService {
 public:
  // `calls` must outlive it.
  explicit HealthService(StrangerCalls& calls) : calls_(calls) {}

  void SetServing(bool serving);
  // Ends all watches.
  void Close();

 private:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;
  using ServingStatus = Response::ServingStatus;

  grpc::Status StreamedCheck(grpc::ServerContext* context,
                             grpc::ServerUnaryStreamer<Request, Response>* stream) override;
  grpc::Status StreamedWatch(grpc::ServerContext* context,
                             grpc::ServerSplitStreamer<Request, Response>* stream) override;
  ServingStatus StatusOf(const std::string& service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  StrangerCalls& calls_;
  Mutex mutex_;
  CondVar changed_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_HEALTH_SERVICE_H_

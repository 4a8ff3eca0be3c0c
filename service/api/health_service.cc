#include "service/api/health_service.h"

#include <string>

#include "service/base/clock.h"

namespace logexport {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kServiceName[] = "logexport.v1.LogExportService";
// How soon a client that went away is noticed.
constexpr absl::Duration kPoll = absl::Seconds(1);

const grpc::Status kUnreadable(grpc::StatusCode::INVALID_ARGUMENT, "the request is missing");

}  // namespace

void HealthService::SetServing(bool serving) {
  MutexLock lock(&mutex_);
  serving_ = serving;
  changed_.NotifyAll();
}

void HealthService::Close() {
  MutexLock lock(&mutex_);
  closed_ = true;
  changed_.NotifyAll();
}

HealthService::ServingStatus HealthService::StatusOf(const std::string& service) {
  if (!service.empty() && service != kServiceName) return HealthCheckResponse::SERVICE_UNKNOWN;
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

grpc::Status HealthService::StreamedCheck(
    grpc::ServerContext* context,
    grpc::ServerUnaryStreamer<HealthCheckRequest, HealthCheckResponse>* stream) {
  const StrangerCalls::Place place(calls_, *context);
  if (!place.status().ok()) return place.status();
  const StallGuard::Scope limit(calls_.guard(), *context, StrangerCalls::kStall);
  HealthCheckRequest request;
  if (!stream->Read(&request)) return kUnreadable;
  HealthCheckResponse response;
  {
    MutexLock lock(&mutex_);
    response.set_status(StatusOf(request.service()));
  }
  if (response.status() == HealthCheckResponse::SERVICE_UNKNOWN) {
    return {grpc::StatusCode::NOT_FOUND, "there is no such service here"};
  }
  stream->Write(response);
  return grpc::Status::OK;
}

grpc::Status HealthService::StreamedWatch(
    grpc::ServerContext* context,
    grpc::ServerSplitStreamer<HealthCheckRequest, HealthCheckResponse>* stream) {
  const StrangerCalls::Place place(calls_, *context);
  if (!place.status().ok()) return place.status();
  HealthCheckRequest request;
  {
    const StallGuard::Scope limit(calls_.guard(), *context, StrangerCalls::kStall);
    if (!stream->Read(&request)) return kUnreadable;
  }
  HealthCheckResponse told;
  bool first = true;
  for (;;) {
    HealthCheckResponse now;
    {
      MutexLock lock(&mutex_);
      now.set_status(StatusOf(request.service()));
      if (!first && now.status() == told.status() && !closed_) changed_.WaitFor(&mutex_, kPoll);
      if (closed_) return {grpc::StatusCode::CANCELLED, "the service is shutting down"};
      now.set_status(StatusOf(request.service()));
    }
    if (context->IsCancelled()) return grpc::Status::CANCELLED;
    if (!first && now.status() == told.status()) continue;
    const StallGuard::Scope limit(calls_.guard(), *context, StrangerCalls::kStall);
    if (!stream->Write(now)) return grpc::Status::CANCELLED;
    told = now;
    first = false;
  }
}

}  // namespace logexport
